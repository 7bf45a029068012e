package hearth.tailnet;

import hearth.policy.PeerView;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The latest states of all nodes as others see them, so that sessions share what they send. */
final class MapPeers {
    // recipients may be told different routes of one node
    private static final int VARIANTS = 4;

    private final Map<Long, MapPeer[]> latest = new ConcurrentHashMap<>();

    /** The state of the node of {@code view} in {@code s}; null when it is gone. */
    @Nullable MapPeer of(Snapshot s, PeerView view) {
        Node node = s.node(view.id());
        if (node == null) {
            return null;
        }
        Presence presence = s.presence(view.id());
        MapPeer[] known = latest.get(view.id());
        if (known != null) {
            for (MapPeer p : known) {
                if (p.is(node, presence, view)) {
                    return p;
                }
            }
        }
        return latest.compute(
                        view.id(), (_, now) -> newest(now, node, presence, view, s.fullName(node)))[
                0];
    }

    private static MapPeer[] newest(
            MapPeer @Nullable [] now, Node node, Presence presence, PeerView view, String name) {
        MapPeer fresh = null;
        if (now != null) {
            for (MapPeer p : now) {
                fresh = p.is(node, presence, view) ? p : fresh;
            }
        }
        if (fresh == null) {
            fresh = new MapPeer(node, presence, view, name);
        }
        int others = 0;
        MapPeer[] next = new MapPeer[VARIANTS];
        next[0] = fresh;
        for (int i = 0; now != null && i < now.length && others < VARIANTS - 1; i++) {
            if (!HashTrie.same(now[i], fresh)) {
                next[++others] = now[i];
            }
        }
        return java.util.Arrays.copyOf(next, others + 1);
    }

    /** Forgets a node that is gone. */
    void forget(long id) {
        latest.remove(id);
    }
}
