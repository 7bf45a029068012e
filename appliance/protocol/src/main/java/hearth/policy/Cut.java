package hearth.policy;

import hearth.base.IpPrefix;
import hearth.base.IpRange;
import hearth.base.IpSet;
import java.util.ArrayList;
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
        boolean routes = !destination.routes().isEmpty();
        IpSet to = IpSet.EMPTY;
        boolean visible = false;
        for (Box b : boxes) {
            if ((routes || !visible) && comesFrom(b.sources(), n)) {
                to = routes ? to.union(b.destinations()) : to;
                visible = true;
            }
        }
        visible |= app != null && app.stream().anyMatch(b -> comesFrom(b.sources(), n));
        if (!visible || !routes) {
            return visible ? destination : null;
        }
        return new Entry(
                destination.node(),
                destination.named(),
                overlapping(to, destination.node(), destination.routes()));
    }

    /** Where something still comes from. */
    IpSet from() {
        List<IpRange> all = new ArrayList<>();
        boxes.forEach(b -> all.addAll(b.sources().ranges()));
        if (app != null) {
            app.forEach(b -> all.addAll(b.sources().ranges()));
        }
        return IpSet.of(all);
    }

    /** How the destination sees a source of which only {@code from} is left; null: not at all. */
    static @Nullable Entry seen(Entry source, IpSet from) {
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
        for (int i = 0; i < n.subnetRoutes; i++) {
            if (Ranges.overlaps(sources, n.routes.get(i))) {
                return true;
            }
        }
        return false;
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
