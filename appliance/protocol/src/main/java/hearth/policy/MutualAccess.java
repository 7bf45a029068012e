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

    private MutualAccess(List<PeerView> all) {
        this.all = all;
    }

    /** Set when some part joins all nodes with all their routes, and no part leads through tags. */
    static @Nullable MutualAccess find(PartState[] states, Roster roster) {
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
        return new MutualAccess(List.copyOf(views));
    }

    private static boolean joinsAll(PartState s, Roster roster) {
        return s.from().size() == roster.all.size()
                && s.to().size() == roster.all.size()
                && !s.sources().isEmpty()
                && s.to().stream().allMatch(e -> e.routes().equals(e.node().everyRoute));
    }

    List<PeerView> peers(NodeState n) {
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
        return new AllBut(all, low);
    }

    /** A list without one of its elements. */
    private static final class AllBut extends AbstractList<PeerView> implements RandomAccess {
        private final List<PeerView> all;
        private final int left;

        AllBut(List<PeerView> all, int left) {
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
