package hearth.policy;

import hearth.base.IpAddress;
import hearth.base.IpSet;
import java.util.ArrayList;
import java.util.List;

/**
 * A set of flows: from any of the sources to any of the destinations by any of the protocols to any
 * of the ports. Either every protocol has ports, or none has and the ports are all.
 */
record Box(IpSet sources, IpSet destinations, ProtocolSet protocols, PortSet ports) {
    /** What a rule lets through: the part with ports, and with all ports the part without. */
    static List<Box> of(IpSet sources, IpSet destinations, ProtocolSet protocols, PortSet ports) {
        List<Box> out = new ArrayList<>(2);
        add(out, sources, destinations, protocols.intersect(ProtocolSet.WITH_PORTS), ports);
        if (ports.isAll()) {
            add(out, sources, destinations, protocols.minus(ProtocolSet.WITH_PORTS), ports);
        }
        return out;
    }

    private static void add(
            List<Box> out,
            IpSet sources,
            IpSet destinations,
            ProtocolSet protocols,
            PortSet ports) {
        if (!sources.isEmpty()
                && !destinations.isEmpty()
                && !protocols.isEmpty()
                && !ports.isEmpty()) {
            out.add(new Box(sources, destinations, protocols, ports));
        }
    }

    /** Whether the flow is in; {@code port} does not count for a protocol without ports. */
    boolean contains(IpAddress source, IpAddress destination, int protocol, int port) {
        return protocols.contains(protocol)
                && (!ProtocolSet.WITH_PORTS.contains(protocol) || ports.contains(port))
                && sources.contains(source)
                && destinations.contains(destination);
    }

    boolean overlaps(Box o) {
        return !protocols.intersect(o.protocols).isEmpty()
                && !ports.intersect(o.ports).isEmpty()
                && destinations.overlaps(o.destinations)
                && sources.overlaps(o.sources);
    }

    /**
     * What is left without the flows of {@code o}: this box itself, or up to four disjoint ones.
     */
    List<Box> minus(Box o) {
        if (!overlaps(o)) {
            return List.of(this);
        }
        List<Box> out = new ArrayList<>(4);
        IpSet bothSources = sources.intersect(o.sources);
        IpSet bothDestinations = destinations.intersect(o.destinations);
        ProtocolSet bothProtocols = protocols.intersect(o.protocols);
        add(out, sources.minus(o.sources), destinations, protocols, ports);
        add(out, bothSources, destinations.minus(o.destinations), protocols, ports);
        add(out, bothSources, bothDestinations, protocols.minus(o.protocols), ports);
        add(out, bothSources, bothDestinations, bothProtocols, ports.minus(o.ports));
        return out;
    }

    /** What is left of all {@code boxes} without the flows of any of {@code denied}. */
    static List<Box> minus(List<Box> boxes, List<Box> denied) {
        List<Box> left = boxes;
        for (Box d : denied) {
            List<Box> next = new ArrayList<>(left.size());
            for (Box b : left) {
                next.addAll(b.minus(d));
            }
            left = next;
        }
        return left;
    }
}
