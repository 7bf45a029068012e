package hearth.console;

import hearth.control.PortRange;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Ports by IP protocol: what some source may reach at some target. */
final class PortLines {
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int SCTP = 132;
    private static final List<Integer> DEFAULT = List.of(1, TCP, UDP, 58);
    private static final int PORTS = 65_536;

    private final Map<Integer, BitSet> byProtocol = new TreeMap<>();

    /** Adds ports of a filter rule; no protocols mean TCP, UDP and both ICMP. */
    void add(List<Integer> protocols, PortRange ports) {
        for (int p : protocols.isEmpty() ? DEFAULT : protocols) {
            byProtocol
                    .computeIfAbsent(p, _ -> new BitSet())
                    .set(ports.first(), Math.min(ports.last(), PORTS - 1) + 1);
        }
    }

    /** What this has and {@code other} has not. */
    PortLines minus(PortLines other) {
        var out = new PortLines();
        byProtocol.forEach(
                (protocol, ports) -> {
                    BitSet left = (BitSet) ports.clone();
                    BitSet theirs = other.byProtocol.get(protocol);
                    if (theirs != null) {
                        // without ports there is nothing to tell apart
                        if (hasPorts(protocol)) {
                            left.andNot(theirs);
                        } else {
                            left.clear();
                        }
                    }
                    if (!left.isEmpty()) {
                        out.byProtocol.put(protocol, left);
                    }
                });
        return out;
    }

    boolean has(int protocol, int port) {
        BitSet ports = byProtocol.get(protocol);
        return ports != null && (!hasPorts(protocol) || port < 0 || ports.get(port));
    }

    boolean isEmpty() {
        return byProtocol.isEmpty();
    }

    private static boolean hasPorts(int protocol) {
        return protocol == TCP || protocol == UDP || protocol == SCTP;
    }

    /** {@code all}, {@code 22, 443}, {@code tcp 5432; icmp}. */
    String text() {
        BitSet tcp = byProtocol.get(TCP);
        if (tcp != null && tcp.equals(byProtocol.get(UDP))) {
            return ranges(tcp);
        }
        List<String> out = new ArrayList<>();
        byProtocol.forEach(
                (protocol, ports) -> {
                    boolean ping = protocol == 1 || protocol == 58;
                    String name = name(protocol);
                    if (hasPorts(protocol)) {
                        out.add(name + " " + ranges(ports));
                    } else if (!ping
                            || byProtocol.keySet().stream().noneMatch(PortLines::hasPorts)) {
                        if (!out.contains(name)) {
                            out.add(name);
                        }
                    }
                });
        return String.join("; ", out);
    }

    private static String name(int protocol) {
        return switch (protocol) {
            case 1, 58 -> "icmp";
            case TCP -> "tcp";
            case UDP -> "udp";
            case SCTP -> "sctp";
            default -> "protocol " + protocol;
        };
    }

    private static String ranges(BitSet ports) {
        if (ports.cardinality() >= PORTS - 1) {
            return "all ports";
        }
        List<String> out = new ArrayList<>();
        for (int from = ports.nextSetBit(0); from >= 0; ) {
            int to = ports.nextClearBit(from) - 1;
            out.add(from == to ? Integer.toString(from) : from + "–" + to);
            from = ports.nextSetBit(to + 1);
        }
        int more = out.size() - 8;
        return String.join(", ", out.subList(0, Math.min(8, out.size())))
                + (more > 0 ? " and " + more + " more" : "");
    }
}
