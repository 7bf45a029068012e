package hearth.policy;

import hearth.base.IpAddress;
import hearth.base.Refused;
import hearth.control.PortRange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The rules of a policy that concern a user or an address with a port, as the service's preview
 * lists them: what stands in the text, not what it means for each device.
 */
public final class PolicyMatches {
    /**
     * A rule.
     *
     * @param users its sources as written
     * @param ports its destinations with their ports, {@code HOST:PORTS}
     * @param line where it begins, from 1; 0 for the rule that an empty policy stands for
     * @param via tags of the routers it goes through
     * @param postures of which its sources need one
     * @param deny whether it takes away
     */
    public record Match(
            List<String> users,
            List<String> ports,
            int line,
            List<String> via,
            List<String> postures,
            boolean deny) {}

    private final Document document;
    private final Walk walk;

    private PolicyMatches(Policy policy, World world) {
        this.document = policy.document();
        this.walk = new Walk(document, world);
    }

    /** Rules whose sources hold the user's devices, in the order of the text. */
    public static List<Match> ofUser(Policy policy, World world, String login) {
        var all = new PolicyMatches(policy, world);
        String name = login.strip().toLowerCase(Locale.ROOT);
        return all.rules().stream()
                .filter(r -> r.sources().stream().anyMatch(s -> all.means(s, name)))
                .map(all::match)
                .toList();
    }

    /**
     * Rules whose destinations hold {@code HOST:PORT}, in the order of the text; the host is an
     * address, an alias or an IPv6 address in brackets.
     */
    public static List<Match> ofAddress(Policy policy, World world, String hostPort)
            throws Refused {
        var all = new PolicyMatches(policy, world);
        String text = hostPort.strip();
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? null : RuleReader.unbracket(text.substring(0, colon));
        int port = Ports.number(text.substring(colon + 1));
        if (host == null || port < 0) {
            throw Refused.invalid("previewFor \"" + hostPort + "\": expected IP:PORT");
        }
        IpAddress address = all.address(host);
        return all.rules().stream()
                .filter(r -> all.opens(r, address, port))
                .map(all::match)
                .toList();
    }

    /** The assertions of each posture that the matches name, as the policy has them. */
    public static Map<String, List<String>> postures(Policy policy, List<Match> matches) {
        Map<String, List<String>> out = new TreeMap<>();
        for (Match m : matches) {
            for (String p : m.postures()) {
                out.put(
                        p,
                        policy.document().postures().getOrDefault(p, List.of()).stream()
                                .map(Posture::toString)
                                .toList());
            }
        }
        return out;
    }

    private List<Rule> rules() {
        List<Rule> rules = document.rules();
        List<Rule> out = new ArrayList<>(rules == null ? Compiled.EVERYTHING : rules);
        out.sort(Comparator.comparingInt(r -> r.place().offset()));
        return out;
    }

    private IpAddress address(String host) throws Refused {
        IpAddress a = IpAddress.tryParse(host);
        if (a != null) {
            return a;
        }
        Selector.Addresses alias = document.hosts().get(host);
        if (alias == null || alias.set().isEmpty()) {
            throw Refused.invalid("previewFor \"" + host + "\": invalid address");
        }
        return alias.set().ranges().getFirst().first();
    }

    private boolean means(Selector s, String login) {
        return switch (s) {
            case Selector.Everyone _ -> true;
            case Selector.Auto(AutoGroup g) when g == AutoGroup.DANGER_ALL -> true;
            case Selector.Addresses a ->
                    walk.roster.members(new Selector.User(login)).stream()
                            .anyMatch(
                                    n ->
                                            a.onNodes().contains(n.device.v4())
                                                    || a.onNodes().contains(n.device.v6()));
            case Selector.Named _ ->
                    walk.roster.members(s).stream().anyMatch(n -> Compiled.login(n).equals(login));
            case Selector.User _,
                    Selector.Group _,
                    Selector.Tag _,
                    Selector.Auto _,
                    Selector.Domain _,
                    Selector.Service _ ->
                    walk.roster.identities.ofUser(login).contains(s);
        };
    }

    private boolean opens(Rule rule, IpAddress address, int port) {
        for (Rule.Opening o : rule.openings()) {
            for (Rule.Target t : o.targets()) {
                if (t.ports().stream().anyMatch(p -> p.contains(port)) && means(t.to(), address)) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean means(Selector to, IpAddress address) {
        NodeState n = walk.match.node(address);
        boolean self = to.is(AutoGroup.SELF);
        return self ? n != null && !n.isTagged() : walk.match.means(to, address);
    }

    private Match match(Rule rule) {
        Set<String> users = new LinkedHashSet<>();
        rule.sources().forEach(s -> users.add(s.toString()));
        Set<String> ports = new LinkedHashSet<>();
        for (Rule.Opening o : rule.openings()) {
            o.targets().forEach(t -> ports.add(shown(t.to()) + ":" + shown(t.ports())));
        }
        rule.appTo().forEach(s -> ports.add(shown(s) + ":*"));
        return new Match(
                List.copyOf(users),
                List.copyOf(ports),
                rule.place().path().isEmpty()
                        ? 0
                        : document.positions().line(rule.place().offset()),
                rule.via(),
                rule.postures(),
                rule.action() == Rule.Action.DENY);
    }

    private static String shown(Selector s) {
        String text = s.toString();
        IpAddress a = IpAddress.tryParse(text);
        return a == null || a.v4() ? text : "[" + text + "]";
    }

    private static String shown(List<PortRange> ports) {
        return Words.ports(ports);
    }
}
