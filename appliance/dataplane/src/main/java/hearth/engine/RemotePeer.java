package hearth.engine;

import hearth.crypto.NodeKey;
import hearth.wireguard.Peer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** A peer as one local node sees it: its session, the way to it and what waits for it. */
final class RemotePeer {
    static final int STAGED_PACKETS = 128;
    static final int STAGED_BYTES = 256 * 1024;

    private final LocalNode node;
    private final NodeKey key;
    private final PeerPath path;
    private @Nullable Peer session;

    /** TUN frames that wait for a session. Sender thread. */
    final ArrayDeque<byte[]> staged = new ArrayDeque<>();

    int stagedBytes;

    // each written by one thread; a reader may see an old value
    long sentBytes;
    long receivedBytes;

    RemotePeer(LocalNode node, NodeKey key, PeerPath path) {
        this.node = node;
        this.key = key;
        this.path = path;
    }

    void attach(Peer wireguard) {
        session = wireguard;
    }

    LocalNode node() {
        return node;
    }

    public NodeKey key() {
        return key;
    }

    PeerPath path() {
        return path;
    }

    /** Its sessions and timers. */
    public Peer session() {
        Peer s = session;
        if (s == null) {
            throw new IllegalStateException("peer " + key.shortText() + " is not attached");
        }
        return s;
    }

    /** Bytes of transport messages sent, roughly as of now. */
    public long sentBytes() {
        return sentBytes;
    }

    /** Bytes of transport messages received, roughly as of now. */
    public long receivedBytes() {
        return receivedBytes;
    }
}
