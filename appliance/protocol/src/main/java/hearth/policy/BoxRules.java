package hearth.policy;

import hearth.base.IpSet;
import hearth.control.FilterRule;
import hearth.control.NetPortRange;
import hearth.control.PortRange;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Boxes as the accept rules that clients take. */
final class BoxRules {
    private static final ProtocolSet PORTS_ONLY = ProtocolSet.of(List.of(6, 17));

    private BoxRules() {}

    /** From which sources, by which protocols. */
    private record From(IpSet sources, ProtocolSet protocols) {}

    private record Pair(IpSet sources, IpSet destinations) {}

    /**
     * Rules that allow exactly the flows of {@code boxes}. TCP and UDP with the same ports, with
     * all ports ICMP and ICMPv6 too, become a rule that names no protocol, as the service writes
     * it.
     */
    static List<FilterRule> of(List<Box> boxes) {
        Map<From, List<NetPortRange>> rules = new LinkedHashMap<>();
        byPair(boxes)
                .forEach(
                        (pair, byPorts) ->
                                byPorts.forEach(
                                        (ports, protocols) ->
                                                append(rules, pair, protocols, ports)));
        List<FilterRule> out = new ArrayList<>();
        rules.forEach(
                (from, targets) ->
                        out.add(
                                new FilterRule(
                                        Ranges.wire(from.sources),
                                        targets,
                                        isDefault(from.protocols)
                                                ? List.of()
                                                : from.protocols.numbers(),
                                        List.of())));
        return out;
    }

    /** Joins boxes with the same addresses, and in them protocols with the same ports. */
    private static Map<Pair, Map<PortSet, ProtocolSet>> byPair(List<Box> boxes) {
        Map<Pair, Map<PortSet, ProtocolSet>> out = new LinkedHashMap<>();
        for (Map.Entry<Pair, Map<Integer, PortSet>> e :
                byProtocol(joinDestinations(boxes)).entrySet()) {
            Map<PortSet, ProtocolSet> byPorts = new LinkedHashMap<>();
            e.getValue()
                    .forEach(
                            (protocol, ports) ->
                                    byPorts.merge(
                                            ports,
                                            ProtocolSet.of(List.of(protocol)),
                                            ProtocolSet::union));
            out.put(e.getKey(), byPorts);
        }
        return out;
    }

    private static Map<Pair, Map<Integer, PortSet>> byProtocol(List<Box> boxes) {
        Map<Pair, Map<Integer, PortSet>> out = new LinkedHashMap<>();
        for (Box b : boxes) {
            var ports =
                    out.computeIfAbsent(
                            new Pair(b.sources(), b.destinations()), _ -> new LinkedHashMap<>());
            for (int protocol : b.protocols().numbers()) {
                ports.merge(protocol, b.ports(), PortSet::union);
            }
        }
        return out;
    }

    private record Rest(IpSet sources, ProtocolSet protocols, PortSet ports) {}

    /** Boxes that differ in their destinations only become one. */
    private static List<Box> joinDestinations(List<Box> boxes) {
        Map<Rest, IpSet> joined = new LinkedHashMap<>();
        for (Box b : boxes) {
            joined.merge(
                    new Rest(b.sources(), b.protocols(), b.ports()),
                    b.destinations(),
                    IpSet::union);
        }
        List<Box> out = new ArrayList<>();
        joined.forEach((r, d) -> out.add(new Box(r.sources, d, r.protocols, r.ports)));
        return out;
    }

    private static void append(
            Map<From, List<NetPortRange>> rules, Pair pair, ProtocolSet protocols, PortSet ports) {
        ProtocolSet wireProtocols =
                protocols.equals(PORTS_ONLY) && !ports.isAll() ? ProtocolSet.USUAL : protocols;
        List<NetPortRange> targets =
                rules.computeIfAbsent(
                        new From(pair.sources, wireProtocols), _ -> new ArrayList<>());
        for (String destination : Ranges.wire(pair.destinations)) {
            for (PortRange r : ports.ranges()) {
                targets.add(new NetPortRange(destination, r));
            }
        }
    }

    private static boolean isDefault(ProtocolSet protocols) {
        return protocols.equals(ProtocolSet.USUAL);
    }
}
