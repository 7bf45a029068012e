package hearth.packet;

import hearth.base.IpSet;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A node's compiled packet filter: a list of boxes and the set of local destinations. Immutable; a
 * look-up costs two binary searches and one AND over a bit per box, without allocation. What no box
 * allows is refused.
 */
public final class PacketFilter {
    /** Refuses everything. */
    public static final PacketFilter DENY_ALL = of(List.of(), IpSet.EMPTY);

    private final BitAxis sources;
    private final BitAxis destinations;
    private final int[] firstPorts;
    private final int[] lastPorts;
    private final long[][] byProtocol; // bits of the boxes that name the protocol
    private final long[] none;
    private final BitAxis local; // one member

    private PacketFilter(List<FilterBox> boxes, IpSet localSet) {
        sources = BitAxis.of(boxes.stream().map(FilterBox::sources).toList());
        destinations =
                BitAxis.of(boxes.stream().map(b -> IpSet.of(List.of(b.destination()))).toList());
        local = BitAxis.of(List.of(localSet));
        firstPorts = boxes.stream().mapToInt(FilterBox::firstPort).toArray();
        lastPorts = boxes.stream().mapToInt(FilterBox::lastPort).toArray();
        int words = (boxes.size() + 63) / 64;
        none = new long[words];
        byProtocol = new long[256][];
        Map<Integer, long[]> bits = new HashMap<>();
        for (int i = 0; i < boxes.size(); i++) {
            for (int protocol : boxes.get(i).protocols()) {
                bits.computeIfAbsent(protocol, _ -> new long[words])[i >>> 6] |= 1L << (i & 63);
            }
        }
        for (int p = 0; p < byProtocol.length; p++) {
            byProtocol[p] = bits.getOrDefault(p, none);
        }
    }

    /** {@code local}: the node's addresses and everything it routes for others. */
    public static PacketFilter of(Collection<FilterBox> boxes, IpSet local) {
        List<FilterBox> useful = new ArrayList<>();
        for (FilterBox b : boxes) {
            if (!b.sources().isEmpty()) {
                useful.add(b);
            }
        }
        return new PacketFilter(useful, local);
    }

    /** Whether the packet's destination is the node's own or routed by it. */
    boolean isLocalDestination(PacketHeader p) {
        return local.at(p.v4, p.dstHigh, p.dstLow)[0] != 0;
    }

    /**
     * Whether a box allows a new flow like this packet. ICMP asks for any port; a protocol without
     * ports, other than ICMP, asks for a box that covers all of them.
     */
    boolean allows(PacketHeader p) {
        return allows(p.v4, p.srcHigh, p.srcLow, p.dstHigh, p.dstLow, p.protocol, p.dstPort);
    }

    /** The same for the flow that {@code p} would answer. */
    boolean allowsReverse(PacketHeader p) {
        return allows(p.v4, p.dstHigh, p.dstLow, p.srcHigh, p.srcLow, p.protocol, p.srcPort);
    }

    private boolean allows(
            boolean v4,
            long srcHigh,
            long srcLow,
            long dstHigh,
            long dstLow,
            int protocol,
            int port) {
        long[] bySource = sources.at(v4, srcHigh, srcLow);
        long[] byDestination = destinations.at(v4, dstHigh, dstLow);
        long[] named = byProtocol[protocol & 0xff];
        for (int w = 0; w < named.length; w++) {
            long hits = bySource[w] & byDestination[w] & named[w];
            while (hits != 0) {
                int box = (w << 6) + Long.numberOfTrailingZeros(hits);
                if (allowsPort(box, protocol, port)) {
                    return true;
                }
                hits &= hits - 1;
            }
        }
        return false;
    }

    private boolean allowsPort(int box, int protocol, int port) {
        return switch (protocol) {
            case IpProtocol.TCP, IpProtocol.UDP, IpProtocol.SCTP ->
                    firstPorts[box] <= port && port <= lastPorts[box];
            case IpProtocol.ICMP_V4, IpProtocol.ICMP_V6 -> true;
            default -> firstPorts[box] == 0 && lastPorts[box] == FilterBox.MAX_PORT;
        };
    }
}
