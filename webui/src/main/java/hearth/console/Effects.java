package hearth.console;

import hearth.base.IpAddress;
import hearth.base.IpPrefix;
import hearth.base.IpRange;
import hearth.base.IpSet;
import hearth.base.Refused;
import hearth.console.view.Access.Answer;
import hearth.console.view.Access.Effect;
import hearth.console.view.Access.Preview;
import hearth.console.view.Access.Question;
import hearth.console.view.Access.Step;
import hearth.console.view.Access.Trouble;
import hearth.control.FilterRule;
import hearth.control.NetPortRange;
import hearth.policy.CompiledPolicy;
import hearth.policy.InvalidPolicy;
import hearth.tailnet.Node;
import hearth.tailnet.PolicyVersion;
import hearth.tailnet.Snapshot;
import hearth.tailnet.Tailnet;
import hearth.tailnet.User;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a policy lets today's machines do, read from the filter rules that it compiles to: the very
 * rules that the machines get.
 */
final class Effects {
    private static final int MAX_LINES = 200;
    private static final int MAX_NAMES = 4;
    private static final Map<String, Integer> PROTOCOLS = Map.of("tcp", 6, "udp", 17, "icmp", 1);

    private final Tailnet tailnet;

    Effects(Tailnet tailnet) {
        this.tailnet = tailnet;
    }

    /** Who gains and who loses what if {@code text} is saved. */
    Preview preview(String text) throws InvalidPolicy {
        Snapshot now = tailnet.snapshot();
        CompiledPolicy next = tailnet.tryPolicy(text);
        CompiledPolicy present = now.compiled();
        Map<String, Set<String>> gained = new LinkedHashMap<>();
        Map<String, Set<String>> lost = new LinkedHashMap<>();
        List<Trouble> also = new ArrayList<>();
        for (Node target : now.nodes()) {
            List<FilterRule> before = present.packetFilter(target.id());
            List<FilterRule> after = next.packetFilter(target.id());
            if (!before.equals(after)) {
                compare(now, target, before, after, gained, lost);
            }
            if (!grants(before).equals(grants(after))) {
                also.add(new Trouble(0, 0, "What apps may do on " + target.name() + " changes."));
            }
            if (!Objects.equals(present.ssh(target.id()), next.ssh(target.id()))) {
                also.add(new Trouble(0, 0, "Who may use SSH on " + target.name() + " changes."));
            }
        }
        List<Effect> effects = new ArrayList<>();
        lines(lost, false, effects);
        lines(gained, true, effects);
        int left = Math.max(0, effects.size() - MAX_LINES);
        return new Preview(
                List.copyOf(effects.subList(0, effects.size() - left)),
                gained.size(),
                lost.size(),
                left,
                List.copyOf(also.subList(0, Math.min(also.size(), 20))),
                TextDiff.of(now.policy().text(), text),
                PolicyVersion.of(0, text, "", java.time.Instant.EPOCH, "").etag());
    }

    /** Machines, people and tags, to choose from. */
    List<String> names() {
        Snapshot now = tailnet.snapshot();
        var out = new TreeSet<String>();
        for (Node n : now.nodes()) {
            out.add(n.name());
            out.addAll(n.tags());
        }
        now.users().forEach(u -> out.add(u.login()));
        return List.copyOf(out);
    }

    private static List<Object> grants(List<FilterRule> rules) {
        List<Object> out = new ArrayList<>();
        for (FilterRule r : rules) {
            if (!r.capGrant().isEmpty()) {
                out.add(r);
            }
        }
        return out;
    }

    /** A filter rule with its sources as sets, so that asking for each source is quick. */
    private record Matcher(IpSet sources, FilterRule rule) {
        static List<Matcher> of(List<FilterRule> rules, Map<List<String>, IpSet> known) {
            List<Matcher> out = new ArrayList<>();
            for (FilterRule r : rules) {
                if (!r.dstPorts().isEmpty()) {
                    out.add(new Matcher(known.computeIfAbsent(r.srcIPs(), Effects::set), r));
                }
            }
            return out;
        }
    }

    private static void compare(
            Snapshot now,
            Node target,
            List<FilterRule> before,
            List<FilterRule> after,
            Map<String, Set<String>> gained,
            Map<String, Set<String>> lost) {
        Map<List<String>, IpSet> known = new HashMap<>();
        List<Matcher> old = Matcher.of(before, known);
        List<Matcher> fresh = Matcher.of(after, known);
        // sources that the same rules concern are in the same boat
        Map<List<BitSet>, List<Node>> boats = new LinkedHashMap<>();
        for (Node source : now.nodes()) {
            if (source.id() != target.id()) {
                var key = List.of(matching(old, source), matching(fresh, source));
                boats.computeIfAbsent(key, _ -> new ArrayList<>()).add(source);
            }
        }
        boats.forEach(
                (rules, sources) -> {
                    Map<String, PortLines> was = reach(old, rules.get(0), target);
                    Map<String, PortLines> is = reach(fresh, rules.get(1), target);
                    boolean all = sources.size() > 2 && sources.size() == now.nodeCount() - 1;
                    String names = all ? "every other machine" : names(sources);
                    note(names, was, is, lost);
                    note(names, is, was, gained);
                });
    }

    private static BitSet matching(List<Matcher> rules, Node source) {
        var out = new BitSet();
        for (int i = 0; i < rules.size(); i++) {
            IpSet from = rules.get(i).sources();
            if (from.contains(source.v4()) || from.contains(source.v6())) {
                out.set(i);
            }
        }
        return out;
    }

    /** Ports by target: the machine itself, or what lies behind it. */
    private static Map<String, PortLines> reach(List<Matcher> rules, BitSet matching, Node target) {
        Map<String, PortLines> out = new LinkedHashMap<>();
        for (int i = matching.nextSetBit(0); i >= 0; i = matching.nextSetBit(i + 1)) {
            FilterRule rule = rules.get(i).rule();
            for (NetPortRange d : rule.dstPorts()) {
                for (String name : targets(d.ip(), target)) {
                    out.computeIfAbsent(name, _ -> new PortLines()).add(rule.ipProto(), d.ports());
                }
            }
        }
        return out;
    }

    private static List<String> targets(String ip, Node target) {
        IpSet to = set(List.of(ip));
        List<String> out = new ArrayList<>();
        if (to.contains(target.v4()) || to.contains(target.v6())) {
            out.add(target.name());
        }
        for (IpPrefix p : target.enabledRoutes()) {
            if (p.isDefaultRoute() ? ip.equals("*") || big(to) : to.overlaps(IpSet.of(p))) {
                out.add(
                        p.isDefaultRoute()
                                ? "the Internet through " + target.name()
                                : p + " behind " + target.name());
            }
        }
        return out;
    }

    /** Whether a set is the Internet, or most of it. */
    private static boolean big(IpSet set) {
        return set.contains(IpAddress.v4(0x08080808)) && set.contains(IpAddress.v4(0x01010101));
    }

    private static void note(
            String names,
            Map<String, PortLines> has,
            Map<String, PortLines> hasNot,
            Map<String, Set<String>> into) {
        has.forEach(
                (target, ports) -> {
                    PortLines other = hasNot.get(target);
                    PortLines diff = other == null ? ports : ports.minus(other);
                    if (!diff.isEmpty()) {
                        into.computeIfAbsent(names + "\n" + diff.text(), _ -> new TreeSet<>())
                                .add(target);
                    }
                });
    }

    private static void lines(Map<String, Set<String>> found, boolean gained, List<Effect> into) {
        found.forEach(
                (key, targets) -> {
                    int cut = key.indexOf('\n');
                    into.add(
                            new Effect(
                                    gained,
                                    key.substring(0, cut),
                                    some(List.copyOf(targets)),
                                    key.substring(cut + 1)));
                });
    }

    private static String names(List<Node> nodes) {
        return some(nodes.stream().map(Node::name).sorted().toList());
    }

    private static String some(List<String> all) {
        int more = all.size() - MAX_NAMES;
        return String.join(", ", all.subList(0, Math.min(MAX_NAMES, all.size())))
                + (more > 0 ? " and " + more + " more" : "");
    }

    private static IpSet set(List<String> texts) {
        List<IpRange> out = new ArrayList<>();
        for (String t : texts) {
            int dash = t.indexOf('-');
            IpPrefix prefix = IpPrefix.tryParse(t);
            IpAddress address = IpAddress.tryParse(t);
            if (t.equals("*")) {
                return IpSet.ALL;
            } else if (prefix != null) {
                out.add(prefix.range());
            } else if (address != null) {
                out.add(new IpRange(address, address));
            } else if (dash > 0) {
                IpAddress first = IpAddress.tryParse(t.substring(0, dash));
                IpAddress last = IpAddress.tryParse(t.substring(dash + 1));
                if (first != null && last != null) {
                    out.add(new IpRange(first, last));
                }
            }
        }
        return IpSet.of(out);
    }

    /** Whether a source may reach a target, and why. */
    Answer explain(Question q) throws Refused {
        Snapshot now = tailnet.snapshot();
        List<Node> sources = nodes(now, q.src());
        if (sources.isEmpty()) {
            throw Refused.invalid(
                    "\"" + q.src() + "\" is no machine, person or tag with a machine");
        }
        int protocol = protocol(q.proto());
        int port = port(q.port(), protocol);
        IpAddress address = IpAddress.tryParse(q.dst());
        List<Node> targets = nodes(now, q.dst());
        boolean behind = targets.isEmpty() && address != null;
        if (targets.isEmpty() && address != null) {
            targets = routers(now, address);
        }
        if (targets.isEmpty()) {
            if (address == null) {
                throw Refused.invalid(
                        "\"" + q.dst() + "\" is no machine, tag with a machine, or address");
            }
            return new Answer(
                    "bad",
                    "No machine leads to " + address + ".",
                    List.of(
                            new Step(
                                    false,
                                    "no approved route covers this address; see Subnets & exits",
                                    0)));
        }
        return answer(now, sources, targets, behind ? address : null, protocol, port);
    }

    private static List<Node> routers(Snapshot now, IpAddress address) {
        return now.nodes().stream()
                .filter(n -> n.enabledRoutes().stream().anyMatch(p -> p.contains(address)))
                .toList();
    }

    private Answer answer(
            Snapshot now,
            List<Node> sources,
            List<Node> targets,
            @Nullable IpAddress behind,
            int protocol,
            int port) {
        List<Step> steps = new ArrayList<>();
        int yes = 0;
        int no = 0;
        for (Node s : sources) {
            for (Node t : targets) {
                if (s.id() == t.id()) {
                    continue;
                }
                boolean allowed = allows(now, s, t, behind, protocol, port);
                yes += allowed ? 1 : 0;
                no += allowed ? 0 : 1;
                if (steps.size() < 50) {
                    steps.add(new Step(allowed, why(now, s, t, behind, allowed), 0));
                }
            }
        }
        String what = port < 0 ? "" : " on port " + port;
        if (yes + no == 0) {
            return new Answer("ok", "A machine always reaches itself.", List.of());
        }
        return no == 0
                ? new Answer("ok", "Yes" + what + ".", steps)
                : yes == 0
                        ? new Answer("bad", "No" + what + ".", steps)
                        : new Answer(
                                "warn", yes + " of " + (yes + no) + " pairs" + what + ".", steps);
    }

    private static String why(
            Snapshot now, Node s, Node t, @Nullable IpAddress behind, boolean allowed) {
        String pair =
                s.name() + " to " + (behind == null ? t.name() : behind + " through " + t.name());
        for (Node n : List.of(s, t)) {
            if (n.expired()) {
                return pair + ": the key of " + n.name() + " has ended";
            }
            if (!n.authorized()) {
                return pair + ": " + n.name() + " waits for approval";
            }
        }
        boolean offline = !t.local() && !now.presence(t.id()).online();
        return pair
                + (allowed ? ": the policy allows it" : ": no rule of the policy allows it")
                + (offline ? "; " + t.name() + " is offline" : "");
    }

    private static boolean allows(
            Snapshot now, Node s, Node t, @Nullable IpAddress behind, int protocol, int port) {
        if (s.expired() || t.expired() || !s.authorized() || !t.authorized()) {
            return false;
        }
        var ports = new PortLines();
        for (Matcher m : Matcher.of(now.compiled().packetFilter(t.id()), new HashMap<>())) {
            if (!m.sources().contains(s.v4()) && !m.sources().contains(s.v6())) {
                continue;
            }
            for (NetPortRange d : m.rule().dstPorts()) {
                IpSet to = set(List.of(d.ip()));
                boolean hit =
                        behind != null
                                ? to.contains(behind)
                                : to.contains(t.v4()) || to.contains(t.v6());
                if (hit) {
                    ports.add(m.rule().ipProto(), d.ports());
                }
            }
        }
        return ports.has(protocol, port);
    }

    private static int protocol(String text) throws Refused {
        Integer p = PROTOCOLS.get(text);
        if (p == null) {
            throw Refused.invalid("protocol \"" + text + "\": expected tcp, udp or icmp");
        }
        return p;
    }

    private static int port(String text, int protocol) throws Refused {
        if (text.isEmpty() || protocol == 1) {
            return -1;
        }
        int port = text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : -1;
        if (port < 0 || port > 65_535) {
            throw Refused.invalid("port \"" + text + "\": expected 0 to 65535");
        }
        return port;
    }

    /** The machines that a word means: one, those with a tag, those of a person. */
    private static List<Node> nodes(Snapshot now, String word) {
        Node one = now.find(word);
        if (one != null) {
            return List.of(one);
        }
        User user = now.userByLogin(word);
        List<Node> out = new ArrayList<>();
        for (Node n : now.nodes()) {
            boolean owned = user != null && n.userId() == user.id();
            if (owned || n.tags().contains(word)) {
                out.add(n);
            }
        }
        return out;
    }
}
