package hearth.policy;

import hearth.base.IpPrefix;
import hearth.base.IpSet;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A device as the compiler works with it. Immutable but for what is made when it is first asked
 * for: the views by the compiling thread alone, the sets of addresses by any.
 */
final class NodeState {
    /** The attribute of a device that is told to nobody, itself included, by IPv4. */
    static final String DISABLE_IPV4 = "disable-ipv4";

    final Device device;

    /** A small number of its own, the index into the compiler's scratch arrays. */
    final int slot;

    final String v4;
    final String v6;

    /** Every selector but addresses that means this device. */
    final Set<Selector> identities;

    /** Routes that are advertised and approved: those to subnets first, then default routes. */
    final List<IpPrefix> routes;

    /** How many of {@link #routes} lead to subnets. */
    final int subnetRoutes;

    /** Bits of all {@link #routes}. */
    final BitSet everyRoute;

    final List<IpPrefix> allowedIps;

    /** How many of {@link #allowedIps}, the first ones, are its own addresses. */
    private final int ownAddresses;

    final Map<String, List<JsonNode>> capMap;
    private final Map<String, List<JsonNode>> peerCapMap;
    private final Map<BitSet, PeerView> views = new HashMap<>();
    private @Nullable IpSet addresses;
    private @Nullable IpSet reach;

    NodeState(
            Device device, int slot, Set<Selector> identities, Map<String, List<JsonNode>> capMap) {
        this.device = device;
        this.slot = slot;
        this.v4 = device.v4().toString();
        this.v6 = device.v6().toString();
        this.identities = identities;
        Collection<IpPrefix> approved = new LinkedHashSet<>(device.approved());
        approved.retainAll(new HashSet<>(device.advertised()));
        List<IpPrefix> subnets = approved.stream().filter(r -> !r.isDefaultRoute()).toList();
        List<IpPrefix> all = new ArrayList<>(subnets);
        approved.stream().filter(IpPrefix::isDefaultRoute).forEach(all::add);
        this.routes = List.copyOf(all);
        this.subnetRoutes = subnets.size();
        this.everyRoute = new BitSet();
        everyRoute.set(0, routes.size());
        List<IpPrefix> ips = new ArrayList<>();
        if (!capMap.containsKey(DISABLE_IPV4)) {
            ips.add(IpPrefix.of(device.v4()));
        }
        ips.add(IpPrefix.of(device.v6()));
        this.ownAddresses = ips.size();
        ips.addAll(routes);
        this.allowedIps = List.copyOf(ips);
        this.capMap = capMap;
        this.peerCapMap = peerCapMap();
    }

    /** Its own addresses. */
    IpSet addresses() {
        IpSet known = addresses;
        if (known == null) {
            known = IpSet.of(IpPrefix.of(device.v4()), IpPrefix.of(device.v6()));
            addresses = known;
        }
        return known;
    }

    /** Everything that a packet into the node can be addressed to. */
    IpSet reach() {
        IpSet known = reach;
        if (known == null) {
            known = routes.isEmpty() ? addresses() : addresses().union(IpSet.ofPrefixes(routes));
            reach = known;
        }
        return known;
    }

    private Map<String, List<JsonNode>> peerCapMap() {
        Map<String, List<JsonNode>> out = new HashMap<>();
        if (isExitNode() && capMap.containsKey("suggest-exit-node")) {
            out.put("suggest-exit-node", List.of());
        }
        if (capMap.containsKey("dns-subdomain-resolve")) {
            out.put("dns-subdomain-resolve", List.of());
        }
        return Map.copyOf(out);
    }

    long id() {
        return device.id();
    }

    boolean isTagged() {
        return !device.tags().isEmpty();
    }

    boolean isExitNode() {
        return routes.size() > subnetRoutes;
    }

    /** Whether the two routers lead to the same subnet. */
    boolean sharesRoute(IpPrefix route) {
        return routes.subList(0, subnetRoutes).contains(route);
    }

    /** What a viewer is told who may use the routes of {@code shown}. */
    PeerView view(BitSet shown) {
        PeerView v = views.get(shown);
        if (v == null) {
            v = makeView(shown);
            views.put((BitSet) shown.clone(), v);
        }
        return v;
    }

    private PeerView makeView(BitSet shown) {
        List<IpPrefix> ips = new ArrayList<>(allowedIps.subList(0, ownAddresses));
        List<IpPrefix> primary = new ArrayList<>();
        for (int i = shown.nextSetBit(0); i >= 0; i = shown.nextSetBit(i + 1)) {
            ips.add(routes.get(i));
            if (i < subnetRoutes) {
                primary.add(routes.get(i));
            }
        }
        return new PeerView(id(), List.copyOf(ips), List.copyOf(primary), peerCapMap);
    }
}
