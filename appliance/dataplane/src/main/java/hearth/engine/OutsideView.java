package hearth.engine;

import hearth.base.IpAddress;
import hearth.control.DERPMap;
import hearth.control.DERPNode;
import hearth.control.DERPRegion;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the relay map tells a node that may stand behind a NAT. Pure.
 *
 * @param stunServers those that are not this machine's own
 * @param forwarded the address of our own relay, with the engine's port, where it is no address of
 *     this machine: whoever forwards the relay's ports here often forwards the engine's as well
 */
record OutsideView(List<InetSocketAddress> stunServers, List<InetSocketAddress> forwarded) {
    private static final int STUN_PORT = 3478;

    /**
     * Reads a relay map; names are not looked up.
     *
     * @param region of our own relay
     * @param own this machine's addresses
     */
    static OutsideView of(DERPMap map, int region, Set<IpAddress> own, int udpPort) {
        Set<InetSocketAddress> servers = new LinkedHashSet<>();
        Set<InetSocketAddress> forwarded = new LinkedHashSet<>();
        for (DERPRegion r : map.regions().values()) {
            for (DERPNode n : r.nodes()) {
                for (IpAddress a : addresses(n)) {
                    if (own.contains(a)) {
                        continue;
                    }
                    if (n.stunPort() >= 0) {
                        int port = n.stunPort() == 0 ? STUN_PORT : n.stunPort();
                        servers.add(new InetSocketAddress(a.toInetAddress(), port));
                    }
                    if (r.regionId() == region) {
                        forwarded.add(new InetSocketAddress(a.toInetAddress(), udpPort));
                    }
                }
            }
        }
        return new OutsideView(List.copyOf(servers), List.copyOf(forwarded));
    }

    private static List<IpAddress> addresses(DERPNode node) {
        List<IpAddress> out = new ArrayList<>();
        add(node.ipv4(), out);
        add(node.ipv6(), out);
        return out;
    }

    private static void add(@Nullable String literal, List<IpAddress> out) {
        // null, "none" and names stand for no address
        IpAddress address = literal == null ? null : IpAddress.tryParse(literal);
        if (address != null) {
            out.add(address);
        }
    }
}
