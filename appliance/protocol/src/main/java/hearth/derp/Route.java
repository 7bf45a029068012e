package hearth.derp;

import hearth.crypto.NodeKey;

/** What one connection sent to one key. Written by the sender's thread, read by status. */
final class Route {
    final Peer to;
    private volatile long lastNanos;
    private volatile long bytes;

    Route(Peer to) {
        this.to = to;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    void sent(int count, long nowNanos) {
        bytes += count;
        lastNanos = nowNanos;
    }

    NodeKey key() {
        return to.key;
    }

    long lastNanos() {
        return lastNanos;
    }

    long bytes() {
        return bytes;
    }
}
