package hearth.policy;

import hearth.base.IpPrefix;
import hearth.base.IpSet;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What deny rules leave of one accepting part on one node.
 *
 * @param boxes the flows that stay open
 * @param app who keeps the capabilities, and where; null when all do
 */
record Cut(List<Box> boxes, @Nullable List<Box> app) {
    /** How the source {@code n} still sees the destination; null when it does not. */
    @Nullable Entry seenBy(NodeState n, Entry destination) {
        IpSet to = IpSet.EMPTY;
        boolean visible = false;
        for (Box b : boxes) {
            if (comesFrom(b.sources(), n)) {
                to = to.union(b.destinations());
                visible = true;
            }
        }
        visible |= app != null && app.stream().anyMatch(b -> comesFrom(b.sources(), n));
        if (!visible) {
            return null;
        }
        return new Entry(
                destination.node(),
                destination.named(),
                overlapping(to, destination.node(), destination.routes()));
    }

    /** How the destination still sees a source; null when it does not. */
    @Nullable Entry seen(Entry source) {
        IpSet from = IpSet.EMPTY;
        for (Box b : boxes) {
            from = from.union(b.sources());
        }
        for (Box b : app == null ? List.<Box>of() : app) {
            from = from.union(b.sources());
        }
        return comesFrom(from, source.node())
                ? new Entry(
                        source.node(),
                        source.named(),
                        overlapping(from, source.node(), source.routes()))
                : null;
    }

    private static boolean comesFrom(IpSet sources, NodeState n) {
        if (sources.contains(n.device.v4()) || sources.contains(n.device.v6())) {
            return true;
        }
        return n.routes.subList(0, n.subnetRoutes).stream()
                .anyMatch(p -> Ranges.overlaps(sources, p));
    }

    private static BitSet overlapping(IpSet set, NodeState n, BitSet routes) {
        BitSet out = new BitSet();
        for (int i = routes.nextSetBit(0); i >= 0; i = routes.nextSetBit(i + 1)) {
            IpPrefix p = n.routes.get(i);
            out.set(
                    i,
                    i < n.subnetRoutes
                            ? Ranges.overlaps(set, p)
                            : set.overlaps(IpSet.of(p).intersect(Ranges.INTERNET)));
        }
        return out;
    }
}
