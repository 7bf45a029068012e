package hearth.policy;

import hearth.base.IpAddress;
import hearth.base.IpPrefix;
import hearth.base.Refused;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Why a flow may pass or may not: which line decides, and what stands in a wished-for one's way.
 */
public final class Explain {
    /** So many pairs are looked at; a question of more is answered for these alone. */
    public static final int MOST_ANSWERS = 200;

    private static final int MOST_MISSES = 5;

    /**
     * A rule of the text.
     *
     * @param path e.g. {@code acls[2]}
     * @param rule in short, {@code accept group:dev -> tag:web:80}
     */
    public record Line(String path, int line, int column, String rule) {
        @Override
        public String toString() {
            return "line " + line + ": " + rule;
        }
    }

    /** A rule that would have allowed the flow but for one thing. */
    public record Miss(Line line, String why) {}

    /**
     * What happens to one flow.
     *
     * @param source device or address
     * @param decides the line that allows or denies it; null when no line matches, which refuses it
     * @param reason one sentence
     * @param misses rules that nearly allow a refused flow, the nearest first
     */
    public record Answer(
            String source,
            String destination,
            String protocol,
            int port,
            boolean allowed,
            @Nullable Line decides,
            String reason,
            List<Miss> misses) {}

    private final Walk walk;
    private final int protocol;
    private final int port;

    private Explain(Walk walk, int protocol, int port) {
        this.walk = walk;
        this.protocol = protocol;
        this.port = port;
    }

    /**
     * Explains every pair of devices or addresses that the two ends mean, at most 200.
     *
     * @param source a device name, an address, a host alias, a user, a tag or a group
     * @param destination the same
     * @param protocol a name or number; empty means TCP
     * @param port 0 for a protocol without ports
     */
    public static List<Answer> explain(
            Policy policy,
            World world,
            String source,
            String destination,
            String protocol,
            int port)
            throws Refused {
        int number = 6;
        try {
            Integer named = Ports.protocol(protocol);
            number = named == null ? 6 : named;
        } catch (Ports.Malformed e) {
            throw Refused.invalid(e.text());
        }
        if (port < 0 || port > 65535) {
            throw Refused.invalid("port " + port + " is not between 0 and 65535");
        }
        Explain explain = new Explain(new Walk(policy.document(), world), number, port);
        List<Answer> out = new ArrayList<>();
        for (Map.Entry<String, List<IpAddress>> from : explain.ends(source).entrySet()) {
            for (Map.Entry<String, List<IpAddress>> to : explain.ends(destination).entrySet()) {
                if (out.size() < MOST_ANSWERS && !from.getKey().equals(to.getKey())) {
                    out.add(explain.answer(from, to));
                }
            }
        }
        return out;
    }

    /** What a person's word means: names with their addresses. */
    private Map<String, List<IpAddress>> ends(String word) throws Refused {
        String s = word.strip();
        if (s.isEmpty()) {
            throw Refused.invalid("name both ends: a device, a user, a tag or an address");
        }
        Map<String, List<IpAddress>> out = new LinkedHashMap<>();
        IpAddress literal = IpAddress.tryParse(s);
        if (literal != null) {
            NodeState n = walk.match.node(literal);
            out.put(n == null ? s : n.device.name(), List.of(literal));
            return out;
        }
        String name = s.startsWith("device:") ? s.substring("device:".length()) : s;
        String label = DeviceBindings.label(name, walk.world.baseDomain());
        Selector selector = selector(s);
        for (NodeState n : walk.roster.all) {
            if (n.device.name().equalsIgnoreCase(label)
                    || (selector != null && n.identities.contains(selector))) {
                out.put(n.device.name(), List.of(n.device.v4(), n.device.v6()));
            }
        }
        Selector.Addresses host = walk.document.hosts().get(s);
        if (out.isEmpty() && host != null) {
            out.put(s, List.of(host.set().ranges().getFirst().first()));
        }
        if (out.isEmpty()) {
            throw Refused.notFound("\"" + word + "\" means no device and no address");
        }
        return out;
    }

    private static @Nullable Selector selector(String s) {
        if (s.startsWith("tag:")) {
            return new Selector.Tag(s);
        }
        if (s.startsWith("group:")) {
            return new Selector.Group(s);
        }
        if (s.startsWith("autogroup:")) {
            AutoGroup g = AutoGroup.parse(s);
            return g == null ? null : new Selector.Auto(g);
        }
        return s.indexOf('@') >= 0 ? new Selector.User(s.toLowerCase(Locale.ROOT)) : null;
    }

    private Answer answer(
            Map.Entry<String, List<IpAddress>> from, Map.Entry<String, List<IpAddress>> to)
            throws Refused {
        FirstMatch.Flow flow = null;
        for (IpAddress source : from.getValue()) {
            for (IpAddress destination : to.getValue()) {
                if (flow == null && source.v4() == destination.v4()) {
                    flow = new FirstMatch.Flow(source, destination, protocol, port);
                }
            }
        }
        if (flow == null) {
            throw Refused.invalid(
                    "\""
                            + from.getKey()
                            + "\" and \""
                            + to.getKey()
                            + "\" have no address of one family");
        }
        Part decides = walk.match.decide(flow);
        boolean led = leads(flow.destination());
        boolean open = decides != null && !decides.isDeny();
        boolean allowed = open && led;
        List<Miss> misses = open ? List.of() : misses(flow, decides);
        String name = Words.protocol(protocol);
        return new Answer(
                from.getKey(),
                to.getKey(),
                name,
                port,
                allowed,
                decides == null ? null : line(decides.rule()),
                reason(decides, led, to.getKey()),
                misses);
    }

    private String reason(@Nullable Part decides, boolean led, String destination) {
        if (decides == null) {
            return "no line matches, and what no line allows is refused";
        }
        String where = decides.rule().place().path();
        Line l = line(decides.rule());
        if (decides.isDeny()) {
            return where + " (line " + l.line() + ") denies it before any line below allows it";
        }
        if (!led) {
            return where
                    + " (line "
                    + l.line()
                    + ") allows it, but no device has an approved route to "
                    + destination;
        }
        String via =
                decides.rule().via().isEmpty()
                        ? ""
                        : " through devices with " + String.join(" or ", decides.rule().via());
        return where + " (line " + l.line() + ") allows it" + via;
    }

    private boolean leads(IpAddress destination) {
        if (walk.match.node(destination) != null) {
            return true;
        }
        for (NodeState n : walk.roster.routers) {
            for (IpPrefix p : n.routes) {
                if (p.contains(destination)) {
                    return true;
                }
            }
        }
        return false;
    }

    private Line line(Rule rule) {
        Place at = rule.place();
        var positions = walk.document.positions();
        return new Line(
                at.path(),
                positions.line(at.offset()),
                positions.column(at.offset()),
                Words.rule(rule));
    }

    private List<Miss> misses(FirstMatch.Flow f, @Nullable Part decides) {
        List<Miss> traffic = new ArrayList<>();
        List<Miss> ends = new ArrayList<>();
        for (PartState s : walk.states) {
            Part p = s.part();
            if (p.isDeny() || p.openings().isEmpty()) {
                continue;
            }
            boolean source =
                    walk.match.isSource(s, f.source())
                            && (p.kind() != Part.Kind.SELF || walk.match.isOwn(s, f));
            boolean destination = false;
            boolean protocolOpen = false;
            boolean portOpen = false;
            List<String> open = new ArrayList<>();
            for (Rule.Opening o : p.openings()) {
                boolean takes = FirstMatch.takes(o, f.protocol());
                for (Rule.Target t : o.targets()) {
                    if (walk.match.means(t.to(), f.destination())) {
                        destination = true;
                        protocolOpen |= takes;
                        portOpen |= takes && FirstMatch.opensPort(t, f.protocol(), f.port());
                        open.add(Words.ports(t.ports()));
                    }
                }
            }
            Miss miss = null;
            if (source && destination && portOpen && decides != null && decides.isDeny()) {
                miss = new Miss(line(p.rule()), "would allow it, but stands below the deny");
                traffic.addFirst(miss);
            } else if (source && destination && !protocolOpen) {
                traffic.add(new Miss(line(p.rule()), "is not for " + Words.protocol(f.protocol())));
            } else if (source && destination && !portOpen) {
                String ports = "opens port " + String.join(",", open);
                traffic.add(
                        new Miss(
                                line(p.rule()),
                                Ports.hasPorts(f.protocol())
                                        ? ports + ", not " + f.port()
                                        : ports + " alone"));
            } else if (destination && portOpen) {
                ends.add(new Miss(line(p.rule()), sourceMiss(s, f)));
            } else if (source && !destination) {
                ends.add(new Miss(line(p.rule()), "leads elsewhere"));
            }
        }
        traffic.addAll(ends);
        return List.copyOf(traffic.subList(0, Math.min(MOST_MISSES, traffic.size())));
    }

    private String sourceMiss(PartState s, FirstMatch.Flow f) {
        Part p = s.part();
        if (p.kind() == Part.Kind.SELF) {
            return "is for devices of one owner among themselves";
        }
        boolean named = p.sources().stream().anyMatch(x -> walk.match.means(x, f.source()));
        return named && !p.rule().postures().isEmpty()
                ? "asks for " + String.join(" or ", p.rule().postures())
                : "is for other sources";
    }
}
