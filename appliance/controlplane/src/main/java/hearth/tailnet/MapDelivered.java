package hearth.tailnet;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The peers that a session was sent, in the state it was sent them; ordered by id. Two arrays,
 * because there are as many entries as there are pairs of nodes. Confined to one thread.
 */
final class MapDelivered {
    private long[] ids = new long[8];
    private MapPeer[] peers = new MapPeer[8];
    private int size;

    int size() {
        return size;
    }

    long id(int index) {
        return ids[index];
    }

    MapPeer peer(int index) {
        return peers[index];
    }

    @Nullable MapPeer get(long id) {
        int i = Arrays.binarySearch(ids, 0, size, id);
        return i < 0 ? null : peers[i];
    }

    void put(MapPeer peer) {
        int i = Arrays.binarySearch(ids, 0, size, peer.id());
        if (i < 0) {
            i = -i - 1;
            if (size == ids.length) {
                ids = Arrays.copyOf(ids, size * 2);
                peers = Arrays.copyOf(peers, size * 2);
            }
            System.arraycopy(ids, i, ids, i + 1, size - i);
            System.arraycopy(peers, i, peers, i + 1, size - i);
            ids[i] = peer.id();
            size++;
        }
        peers[i] = peer;
    }

    void remove(long id) {
        int i = Arrays.binarySearch(ids, 0, size, id);
        if (i >= 0) {
            System.arraycopy(ids, i + 1, ids, i, size - i - 1);
            System.arraycopy(peers, i + 1, peers, i, size - i - 1);
            size--;
        }
    }
}
