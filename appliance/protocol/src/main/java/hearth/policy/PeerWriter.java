package hearth.policy;

import hearth.base.IpPrefix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Collects whom a node sees and which routes of them it may use. Confined to one thread, reused for
 * node after node; its arrays are indexed by {@link NodeState#slot}.
 */
final class PeerWriter {
    private final Roster roster;
    private final int[] seenAt;
    private final @Nullable BitSet[] routes;
    private final List<NodeState> seen = new ArrayList<>();

    /** Routers that a via rule leads this node through, by prefix, ascending id. */
    private final Map<IpPrefix, List<NodeState>> via = new HashMap<>();

    private int round;

    PeerWriter(Roster roster) {
        this.roster = roster;
        this.seenAt = new int[roster.slots];
        this.routes = new BitSet[roster.slots];
    }

    void start() {
        round++;
        seen.clear();
        via.clear();
    }

    /** The other side of a rule that the node stands on one side of. */
    void add(List<Entry> others) {
        for (int i = 0; i < others.size(); i++) {
            add(others.get(i));
        }
    }

    private void add(Entry e) {
        NodeState n = e.node();
        if (seenAt[n.slot] != round) {
            seenAt[n.slot] = round;
            seen.add(n);
            routes[n.slot] = null;
        }
        if (!e.routes().isEmpty()) {
            BitSet all = routes[n.slot];
            if (all == null) {
                all = new BitSet();
                routes[n.slot] = all;
            }
            all.or(e.routes());
        }
    }

    /** The routers of a via rule that the node is a source of. */
    void addVia(List<Entry> routers) {
        for (Entry e : routers) {
            add(new Entry(e.node(), e.named(), Entry.NO_ROUTES));
            BitSet r = e.routes();
            for (int i = r.nextSetBit(0); i >= 0; i = r.nextSetBit(i + 1)) {
                via.computeIfAbsent(e.node().routes.get(i), _ -> new ArrayList<>()).add(e.node());
            }
        }
    }

    List<PeerView> peers(NodeState viewer) {
        NodeState[] sorted = seen.toArray(new NodeState[0]);
        Arrays.sort(sorted, Roster.BY_ID);
        List<PeerView> out = new ArrayList<>(sorted.length);
        for (NodeState n : sorted) {
            if (n != viewer) {
                out.add(n.view(n.routes.isEmpty() ? Entry.NO_ROUTES : shown(n, viewer)));
            }
        }
        return List.copyOf(out);
    }

    private BitSet shown(NodeState n, NodeState viewer) {
        BitSet allowed = routes[n.slot];
        BitSet out = new BitSet();
        for (int i = 0; i < n.routes.size(); i++) {
            IpPrefix route = n.routes.get(i);
            List<NodeState> through = via.get(route);
            boolean subnet = i < n.subnetRoutes;
            if (through != null) {
                out.set(i, subnet ? first(through, route) == n : through.contains(n));
            } else if (subnet) {
                // routers of one subnet stand in for each other, so they know who is primary
                boolean may = (allowed != null && allowed.get(i)) || viewer.sharesRoute(route);
                out.set(i, may && roster.primaries.get(route) == n);
            } else {
                out.set(i, allowed != null && allowed.get(i));
            }
        }
        return out;
    }

    private @Nullable NodeState first(List<NodeState> through, IpPrefix route) {
        NodeState primary = roster.primaries.get(route);
        if (primary != null && through.contains(primary)) {
            return primary;
        }
        return through.stream()
                .min(
                        (a, b) ->
                                a.device.online() == b.device.online()
                                        ? Roster.BY_ID.compare(a, b)
                                        : a.device.online() ? -1 : 1)
                .orElse(null);
    }
}
