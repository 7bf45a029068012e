package hearth.policy;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/**
 * Everybody sees everybody, as with the default policy: one list of views serves all nodes, each
 * leaving itself out, instead of one list per node.
 */
final class MutualAccess {
    private final List<PeerView> all;
    private final Version identity = new Version();
    private final @Nullable Version formerly;

    /** Where alone the former list differs; -1 when it differs elsewhere too. */
    private final int onlyChange;

    private MutualAccess(List<PeerView> all, @Nullable MutualAccess former) {
        this.all = all;
        this.formerly = former == null ? null : former.identity;
        this.onlyChange = former == null ? -1 : onlyChange(former.all, all);
    }

    private static int onlyChange(List<PeerView> a, List<PeerView> b) {
        int found = -1;
        for (int i = 0; a.size() == b.size() && i < a.size(); i++) {
            if (!a.get(i).equals(b.get(i))) {
                if (found >= 0) {
                    return -1;
                }
                found = i;
            }
        }
        return found;
    }

    /**
     * Set when some part joins all nodes with all their routes, and no part leads through tags.
     * {@code former} itself when nothing changed.
     */
    static @Nullable MutualAccess find(
            PartState[] states, Roster roster, @Nullable MutualAccess former) {
        boolean mutual = false;
        for (PartState s : states) {
            if (s == null) {
                continue;
            }
            if (s.part().kind() == Part.Kind.VIA) {
                return null;
            }
            mutual |= joinsAll(s, roster);
        }
        if (!mutual) {
            return null;
        }
        List<PeerView> views = new ArrayList<>(roster.all.size());
        for (NodeState n : roster.all) {
            BitSet shown = new BitSet();
            for (int i = 0; i < n.routes.size(); i++) {
                shown.set(i, i >= n.subnetRoutes || roster.primaries.get(n.routes.get(i)) == n);
            }
            views.add(n.view(shown));
        }
        return former != null && former.all.equals(views)
                ? former
                : new MutualAccess(List.copyOf(views), former);
    }

    private static boolean joinsAll(PartState s, Roster roster) {
        return s.from().size() == roster.all.size()
                && s.to().size() == roster.all.size()
                && !s.sources().isEmpty()
                && s.to().stream().allMatch(e -> e.routes().equals(e.node().everyRoute));
    }

    /** All but {@code n}; {@code old} itself when it says the same. */
    List<PeerView> peers(NodeState n, @Nullable List<PeerView> old) {
        int low = 0;
        int high = all.size() - 1;
        while (low < high) {
            int mid = (low + high) >>> 1;
            if (all.get(mid).id() < n.id()) {
                low = mid + 1;
            } else {
                high = mid;
            }
        }
        List<PeerView> fresh = new AllBut(all, low, identity);
        if (old instanceof AllBut o && o.left == low) {
            // when the node itself changed before too, its list is of an older version
            boolean itself = onlyChange == low && (o.of == formerly || fresh.equals(old));
            return o.of == identity || itself ? old : fresh;
        }
        return old != null && !(old instanceof AllBut) && fresh.equals(old) ? old : fresh;
    }

    /** Tells one list of all views from another. */
    private static final class Version {}

    /** A list without one of its elements. */
    private static final class AllBut extends AbstractList<PeerView> implements RandomAccess {
        private final List<PeerView> all;
        private final int left;
        private final Version of;

        AllBut(List<PeerView> all, int left, Version of) {
            this.of = of;
            this.all = all;
            this.left = left;
        }

        @Override
        public PeerView get(int index) {
            return all.get(index < left ? index : index + 1);
        }

        @Override
        public int size() {
            return all.size() - 1;
        }
    }
}
