package hearth.engine;

import hearth.base.IpPrefix;
import hearth.base.IpSet;
import hearth.control.NetMap;
import hearth.crypto.NodeKey;
import hearth.disco.PathPeer;
import hearth.os.RouterState;
import hearth.packet.FilterRules;
import hearth.packet.PacketFilter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a network map means for the engine and the machine. Pure; an expired node has no peers and
 * refuses everything.
 *
 * @param peers each peer's own prefixes; subnet and exit routes of others are not accepted, so that
 *     no map can draw the machine's own traffic into the tunnel
 * @param router the addresses, routes and forwarding of the machine
 */
record NetMapPlan(
        Map<NodeKey, List<IpPrefix>> peers,
        List<PathPeer> paths,
        PacketFilter filter,
        RouterState router) {
    private static final IpPrefix TAILNET_V4 = IpPrefix.parse("100.64.0.0/10");
    private static final IpPrefix TAILNET_V6 = IpPrefix.parse("fd7a:115c:a1e0::/48");

    /** What an exit node never passes on unless it is also routed by name (an approved subnet). */
    private static final IpSet NOT_INTERNET =
            IpSet.ofPrefixes(
                    List.of(
                            IpPrefix.parse("0.0.0.0/8"),
                            IpPrefix.parse("10.0.0.0/8"),
                            TAILNET_V4,
                            IpPrefix.parse("127.0.0.0/8"),
                            IpPrefix.parse("169.254.0.0/16"),
                            IpPrefix.parse("172.16.0.0/12"),
                            IpPrefix.parse("192.168.0.0/16"),
                            IpPrefix.parse("224.0.0.0/4"),
                            IpPrefix.parse("::1/128"),
                            TAILNET_V6,
                            IpPrefix.parse("fe80::/10"),
                            IpPrefix.parse("ff00::/8")));

    /**
     * The plan for {@code map}.
     *
     * @param attached the networks that the machine is attached to
     */
    static NetMapPlan of(NetMap map, Collection<IpPrefix> attached, RoutingOptions options) {
        if (map.self().expired()) {
            var alone =
                    new RouterState(
                            Set.copyOf(map.self().addresses()), Set.of(), false, true, false);
            return new NetMapPlan(Map.of(), List.of(), PacketFilter.DENY_ALL, alone);
        }
        Map<NodeKey, List<IpPrefix>> peers = new LinkedHashMap<>();
        List<PathPeer> paths = new ArrayList<>();
        Set<IpPrefix> routes = new HashSet<>();
        for (NetMap.Peer p : map.peers()) {
            if (p.expired()) {
                continue;
            }
            List<IpPrefix> own = p.allowedIps().stream().filter(NetMapPlan::isMember).toList();
            peers.put(p.key(), own);
            routes.addAll(own);
            paths.add(new PathPeer(p.key(), p.disco(), p.endpoints()));
        }
        Set<IpPrefix> routed = new HashSet<>(map.self().allowedIps());
        map.self().addresses().forEach(routed::remove);
        var router =
                new RouterState(
                        Set.copyOf(map.self().addresses()),
                        routes,
                        !routed.isEmpty(),
                        options.masquerade(),
                        options.siteGateway());
        PacketFilter filter =
                PacketFilter.of(
                        FilterRules.boxes(map.packetFilter(), _ -> IpSet.EMPTY),
                        local(map.self().addresses(), routed, attached));
        return new NetMapPlan(peers, paths, filter, router);
    }

    private static boolean isMember(IpPrefix p) {
        return p.isSingleAddress()
                && (TAILNET_V4.contains(p.address()) || TAILNET_V6.contains(p.address()));
    }

    /** The node's addresses, its subnets, and the internet when it is an exit node. */
    private static IpSet local(
            List<IpPrefix> addresses, Set<IpPrefix> routed, Collection<IpPrefix> attached) {
        IpSet local = IpSet.ofPrefixes(addresses);
        for (IpPrefix p : routed) {
            IpSet reach = IpSet.of(p);
            if (p.isDefaultRoute()) {
                reach = reach.minus(NOT_INTERNET).minus(IpSet.ofPrefixes(attached));
            }
            local = local.union(reach);
        }
        return local;
    }
}
