package hearth.tailnet;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One link of the chain of changes. Each session holds the last link it has looked at and walks on
 * from there; what all have passed is garbage.
 */
final class MapChange {
    /** The tailnet after this change. */
    final Snapshot snapshot;

    /** Nodes that came, went or changed, or whose presence did. */
    private final long[] touched;

    private volatile @Nullable MapChange next; // set once, by the writer

    private MapChange(Snapshot snapshot, long[] touched) {
        this.snapshot = snapshot;
        this.touched = touched;
    }

    static MapChange first(Snapshot snapshot) {
        return new MapChange(snapshot, new long[0]);
    }

    @Nullable MapChange next() {
        return next;
    }

    /** The newest link. */
    MapChange last() {
        MapChange at = this;
        for (MapChange n = at.next; n != null; n = at.next) {
            at = n;
        }
        return at;
    }

    /** Appends a link to this one, which must be the newest. */
    MapChange append(Snapshot after) {
        if (next != null) {
            throw new IllegalStateException("the chain of changes forks");
        }
        var ids = new Ids();
        HashTrie.diff(snapshot.parts.nodes(), after.parts.nodes(), ids::add);
        HashTrie.diff(snapshot.parts.presence(), after.parts.presence(), ids::add);
        var link = new MapChange(after, ids.sorted());
        next = link;
        return link;
    }

    /** Ids that were touched after this link, up to {@code end}; ascending, each once. */
    long[] touchedUntil(MapChange end) {
        MapChange only = next;
        if (only != null && HashTrie.same(only, end)) {
            return only.touched;
        }
        var ids = new Ids();
        for (MapChange at = this; !HashTrie.same(at, end); ) {
            at = java.util.Objects.requireNonNull(at.next);
            ids.addAll(at.touched);
        }
        return ids.sorted();
    }

    /** A growing list of ids. */
    private static final class Ids {
        private long[] ids = new long[4];
        private int size;

        void add(long id) {
            if (size == ids.length) {
                ids = Arrays.copyOf(ids, size * 2);
            }
            ids[size++] = id;
        }

        void addAll(long[] more) {
            for (long id : more) {
                add(id);
            }
        }

        long[] sorted() {
            Arrays.sort(ids, 0, size);
            int n = 0;
            for (int i = 0; i < size; i++) {
                if (n == 0 || ids[n - 1] != ids[i]) {
                    ids[n++] = ids[i];
                }
            }
            return Arrays.copyOf(ids, n);
        }
    }
}
