package hearth.tailnet;

import hearth.control.ControlJson;
import hearth.control.PingRequest;
import hearth.crypto.NodeKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One open map stream. The thread that writes the stream asks {@link #next} for frame after frame;
 * whatever changed while it wrote is merged into the frame it gets then. Any thread may {@link
 * #end} it.
 */
public final class MapSession implements AutoCloseable {
    // a client tells its relay a moment after its first map; a peer that is told of it earlier
    // sends its first handshake nowhere and tries again only after 5 s
    private static final Duration HOLD = Duration.ofMillis(400);
    private static final Duration HOLD_CHECK = Duration.ofMillis(100);

    private final MapSessions sessions;
    private final long node; // 0: the key is no node's
    private final NodeKey key;
    private final MapState state;
    private final Queue<PingRequest> pings = new ConcurrentLinkedQueue<>();
    private final long keepAliveNanos;
    private MapChange seen;
    private boolean begun;
    private boolean buried;
    private boolean quiet;
    private Tailnet.@Nullable Connection presence;
    private volatile boolean ended;
    private volatile boolean nudged = true;
    private volatile long dueNanos;
    private volatile @Nullable Thread waiter;

    MapSession(MapSessions sessions, long node, NodeKey key, MapChange seen) {
        this.sessions = sessions;
        this.node = node;
        this.key = key;
        this.seen = seen;
        this.state =
                new MapState(
                        sessions.builder(),
                        node,
                        n ->
                                n.homeDerp() == 0
                                        && !n.local()
                                        && n.keyCreated().plus(HOLD).isAfter(sessions.now()));
        this.keepAliveNanos = sessions.keepAliveNanos();
        this.dueNanos = System.nanoTime() + keepAliveNanos;
    }

    /** The node, 0 when the key is no node's. */
    public long node() {
        return node;
    }

    /** Whether the frame that {@link #next} gave last was a mere keep-alive. */
    public boolean wasQuiet() {
        return quiet;
    }

    /**
     * The next frame, its length in front; waits for something to say, or for the time of a
     * keep-alive. Called by one thread.
     *
     * @return null when the stream is over
     */
    public byte @Nullable [] next() throws InterruptedException {
        if (begun && !buried && presence == null && node != 0) {
            presence = sessions.tailnet().connected(node); // the first frame is on its way
        }
        waiter = Thread.currentThread();
        try {
            while (!ended) {
                if (nudged) {
                    nudged = false;
                    byte[] frame = look();
                    if (frame != null) {
                        quiet = false;
                        return sent(frame);
                    }
                }
                if (System.nanoTime() - dueNanos >= 0) {
                    quiet = true;
                    return sent(MapFrames.keepAlive());
                }
                if (!nudged && !ended) {
                    if (state.holding()) {
                        LockSupport.parkNanos(this, HOLD_CHECK.toNanos());
                        nudged = true;
                    } else {
                        LockSupport.park(this);
                    }
                }
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
            return null;
        } finally {
            waiter = null;
        }
    }

    private byte[] sent(byte[] frame) {
        dueNanos = System.nanoTime() + keepAliveNanos;
        return frame;
    }

    /** The frame that brings the client up to date; null when it is. */
    private byte @Nullable [] look() throws InterruptedException {
        if (node == 0) {
            return begun ? pingOnly() : tombstone();
        }
        if (buried) {
            end();
            return null;
        }
        MapChange last = seen.last();
        Snapshot s = last.snapshot;
        if (s.node(node) == null) {
            return tombstone();
        }
        try (MapFrames.Bench bench = sessions.frames().take()) {
            boolean news;
            if (begun) {
                news = state.delta(bench.json, s, seen.touchedUntil(last));
            } else {
                news = state.full(bench.json, s, sessions.now());
                begun = true;
            }
            seen = last;
            PingRequest ping = pings.poll();
            if (ping != null) {
                ping(bench.json, ping, news);
                news = true;
            }
            return news ? bench.frame() : null;
        }
    }

    /** A ping alone rides on a keep-alive, which costs the client nothing else. */
    private void ping(MapBuffer json, PingRequest ping, boolean news) {
        if (news) {
            json.back(json.length() - 1);
            json.put(',');
        } else {
            json.put("{\"KeepAlive\":true,");
        }
        json.put("\"PingRequest\":").put(ControlJson.write(ping)).put('}');
        if (!pings.isEmpty()) {
            nudged = true;
        }
    }

    private byte @Nullable [] pingOnly() throws InterruptedException {
        PingRequest ping = pings.poll();
        if (ping == null) {
            return null;
        }
        try (MapFrames.Bench bench = sessions.frames().take()) {
            ping(bench.json, ping, false);
            return bench.frame();
        }
    }

    /** Says that the key has ended; a node that was there gets its stream ended next. */
    private byte[] tombstone() throws InterruptedException {
        begun = true;
        buried = node != 0;
        nudged |= buried;
        try (MapFrames.Bench bench = sessions.frames().take()) {
            sessions.builder().tombstone(bench.json, seen.last().snapshot, key);
            return bench.frame();
        }
    }

    /** Has the client ping; the request goes with the next frame, at once. */
    void ping(PingRequest request) {
        pings.add(request);
        nudge();
    }

    /** There may be something to send. */
    void nudge() {
        nudged = true;
        wake();
    }

    /** Wakes the stream when its keep-alive is due. */
    void nudgeIfDue(long nowNanos) {
        if (nowNanos - dueNanos >= 0) {
            wake();
        }
    }

    private void wake() {
        Thread t = waiter;
        if (t != null) {
            LockSupport.unpark(t);
        }
    }

    /** Makes {@link #next} give null. */
    public void end() {
        ended = true;
        wake();
    }

    /** Ends it for good: the writer is done. The node may be offline from here. */
    @Override
    public void close() {
        end();
        sessions.closed(this);
        if (presence != null) {
            presence.close();
        }
    }

    /** One whole map, not of a stream: {@code now} for the client's clock. */
    static byte @Nullable [] once(MapSessions sessions, long node, Snapshot s, Instant now)
            throws InterruptedException {
        try (MapFrames.Bench bench = sessions.frames().take()) {
            return new MapState(sessions.builder(), node).full(bench.json, s, now)
                    ? bench.frame()
                    : null;
        }
    }
}
