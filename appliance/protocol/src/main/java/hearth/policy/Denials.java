package hearth.policy;

import hearth.base.IpRange;
import hearth.base.IpSet;
import hearth.control.NetPortRange;
import hearth.control.PortRange;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The deny rules of a world, node by node, and what they leave of the accepting ones (features of
 * the extended dialect). Confined to one thread.
 *
 * <p>A rule that leaves more than {@link #MOST_BOXES} pieces on a node allows nothing there, and
 * {@link #overflows} names it.
 */
final class Denials {
    static final int MOST_BOXES = 4096;

    /** A deny rule and an accept rule that together fall into too many pieces. */
    record Overflow(Rule accept, Rule deny, NodeState node) {}

    /** A deny on one node; {@code whole} are the flows it takes with every port and protocol. */
    private record Denial(Part part, List<Box> boxes, List<Box> whole) {}

    private final PartState[] states;
    private final Map<String, List<PartState>> self;
    private final Function<NodeState, int[]> asDestination;
    private final Map<NodeState, List<Denial>> denials = new HashMap<>();
    private final Map<NodeState, Map<Integer, @Nullable Cut>> cuts = new HashMap<>();
    private final IdentityHashMap<PartState, List<@Nullable Cut>> ofPart = new IdentityHashMap<>();
    private final List<Overflow> overflows = new ArrayList<>();

    private Denials(
            PartState[] states,
            Map<String, List<PartState>> self,
            Function<NodeState, int[]> asDestination) {
        this.states = states;
        this.self = self;
        this.asDestination = asDestination;
    }

    /** Null when no part denies; {@code asDestination} tells the parts that lead to a node. */
    static @Nullable Denials find(
            List<Part> parts,
            PartState[] states,
            Map<String, List<PartState>> self,
            Function<NodeState, int[]> asDestination) {
        return parts.stream().anyMatch(Part::isDeny)
                ? new Denials(states, self, asDestination)
                : null;
    }

    List<Overflow> overflows() {
        return overflows;
    }

    /**
     * What is left of {@code accept} on each of its destinations, null where nothing is taken away;
     * empty when nothing is taken anywhere.
     */
    List<@Nullable Cut> cuts(PartState accept) {
        List<@Nullable Cut> known = ofPart.get(accept);
        if (known == null) {
            known = new ArrayList<>(accept.to().size());
            boolean any = false;
            for (Entry e : accept.to()) {
                Cut cut = cut(accept, e.node());
                any |= cut != null;
                known.add(cut);
            }
            known = any ? known : List.of();
            ofPart.put(accept, known);
        }
        return known;
    }

    /** What is left of {@code accept} on {@code node}; null when nothing is taken away. */
    @Nullable Cut cut(PartState accept, NodeState node) {
        Map<Integer, @Nullable Cut> known = cuts.computeIfAbsent(node, _ -> new HashMap<>());
        int order = accept.part().order();
        if (!known.containsKey(order)) {
            known.put(order, make(accept, node));
        }
        return known.get(order);
    }

    private @Nullable Cut make(PartState accept, NodeState node) {
        List<Denial> before = new ArrayList<>();
        for (Denial d : denials(node)) {
            if (d.part.precedes(accept.part())) {
                before.add(d);
            }
        }
        if (before.isEmpty() && accept.part().app().isEmpty()) {
            return null;
        }
        List<Box> open = boxes(accept, node);
        List<Box> left = subtract(accept, node, open, before);
        List<Box> app = app(accept, node, before);
        boolean same = left.equals(open) && app == null;
        return same ? null : new Cut(left, app);
    }

    private List<Box> subtract(
            PartState accept, NodeState node, List<Box> open, List<Denial> before) {
        List<Box> left = open;
        for (Denial d : before) {
            List<Box> next = Box.minus(left, d.boxes);
            if (next.size() > MOST_BOXES) {
                overflows.add(new Overflow(accept.part().rule(), d.part.rule(), node));
                return List.of();
            }
            if (!next.equals(left)) {
                left = next;
            }
        }
        return left;
    }

    /** Who keeps the capabilities of {@code accept}; null when nobody loses them. */
    private @Nullable List<Box> app(PartState accept, NodeState node, List<Denial> before) {
        if (accept.part().app().isEmpty()) {
            return null;
        }
        IpSet at = new FilterWriter(node).capabilitySet(accept.part());
        IpSet sources = accept.sources().set();
        IpSet kept = sources;
        if (accept.part().isCompanion()) {
            for (Entry other : accept.from()) {
                if (deniesAll(node, other.node(), accept.part())) {
                    kept = kept.minus(other.node().addresses());
                }
            }
        }
        List<Box> open = Box.of(kept, at, ProtocolSet.WITH_PORTS, PortSet.ALL);
        List<Box> left = open;
        if (!accept.part().isCompanion()) {
            for (Denial d : before) {
                left = Box.minus(left, d.whole);
            }
        }
        return left.equals(open) && kept.equals(sources) ? null : left;
    }

    /** Whether nothing at all may go from {@code from} to {@code to}, by rules before the part. */
    private boolean deniesAll(NodeState from, NodeState to, Part accept) {
        List<Box> flows =
                Box.of(from.addresses(), to.addresses(), ProtocolSet.WITH_PORTS, PortSet.ALL);
        for (Denial d : denials(to)) {
            if (d.part.precedes(accept)) {
                flows = Box.minus(flows, d.whole);
            }
        }
        return flows.stream()
                .noneMatch(
                        b ->
                                family(b.sources(), true) == family(b.destinations(), true)
                                        || family(b.sources(), false)
                                                == family(b.destinations(), false));
    }

    private static boolean family(IpSet set, boolean v4) {
        return set.ranges().stream().anyMatch(r -> r.first().v4() == v4);
    }

    private List<Denial> denials(NodeState node) {
        List<Denial> known = denials.get(node);
        if (known == null) {
            known = new ArrayList<>();
            for (int order : asDestination.apply(node)) {
                add(states[order], node, known);
            }
            for (PartState s : self.getOrDefault(Compiled.login(node), List.of())) {
                if (s.to().stream().anyMatch(e -> e.node() == node)) {
                    add(s, node, known);
                }
            }
            denials.put(node, known);
        }
        return known;
    }

    private static void add(PartState s, NodeState node, List<Denial> out) {
        if (!s.part().isDeny() || s.sources().isEmpty()) {
            return;
        }
        List<Box> boxes = boxes(s, node);
        List<Box> whole = new ArrayList<>();
        boolean anyProtocol = s.part().openings().stream().allMatch(o -> o.protocols().isEmpty());
        for (Box b : boxes) {
            if (anyProtocol && b.ports().isAll() && b.protocols().contains(6)) {
                whole.add(
                        new Box(
                                b.sources(),
                                b.destinations(),
                                ProtocolSet.WITH_PORTS,
                                PortSet.ALL));
            }
        }
        out.add(new Denial(s.part(), boxes, whole));
    }

    /** The flows that a part concerns on one node. */
    static List<Box> boxes(PartState s, NodeState node) {
        IpSet reach = node.reach();
        FilterWriter writer = new FilterWriter(node);
        List<Box> out = new ArrayList<>();
        for (Rule.Opening o : s.part().openings()) {
            ProtocolSet protocols =
                    o.protocols().isEmpty() ? ProtocolSet.USUAL : ProtocolSet.of(o.protocols());
            Map<PortRange, List<IpRange>> byPorts = new LinkedHashMap<>();
            for (NetPortRange r : writer.destinations(s.part(), o)) {
                List<IpRange> to = byPorts.computeIfAbsent(r.ports(), _ -> new ArrayList<>());
                IpRange range = range(r.ip(), node);
                if (range == null) {
                    to.addAll(reach.ranges());
                } else {
                    to.add(range);
                }
            }
            if (byPorts.size() == 1) {
                byPorts.forEach(
                        (ports, to) ->
                                out.addAll(
                                        Box.of(
                                                s.sources().set(),
                                                within(to, reach),
                                                protocols,
                                                PortSet.of(List.of(ports)))));
                continue;
            }
            Map<IpSet, PortSet> byDestination = new LinkedHashMap<>();
            byPorts.forEach(
                    (ports, to) ->
                            byDestination.merge(
                                    within(to, reach), PortSet.of(List.of(ports)), PortSet::union));
            byDestination.forEach(
                    (to, ports) -> out.addAll(Box.of(s.sources().set(), to, protocols, ports)));
        }
        return out;
    }

    private static IpSet within(List<IpRange> to, IpSet reach) {
        return to.equals(reach.ranges()) ? reach : IpSet.of(to).intersect(reach);
    }

    /** What a filter writes as {@code wire}; null for everything. */
    private static @Nullable IpRange range(String wire, NodeState node) {
        if (wire.equals(node.v4)) {
            return new IpRange(node.device.v4(), node.device.v4());
        }
        if (wire.equals(node.v6)) {
            return new IpRange(node.device.v6(), node.device.v6());
        }
        return wire.equals("*") ? null : Ranges.parse(wire);
    }
}
