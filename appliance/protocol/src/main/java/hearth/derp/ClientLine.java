package hearth.derp;

import hearth.base.WireException;
import hearth.crypto.NodeKey;
import hearth.crypto.SecretKey;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One node's line to a relay of somebody else, without its transport: what waits to be sent, when a
 * connection is wanted and when it is to be given up. It outlives its connections. Between {@link
 * #connected} and {@link #ended} the transport reads into {@link #receive}, writes what {@link
 * #drain} gives and calls {@link #poll} about once a second. Thread-safe; times are monotonic
 * nanoseconds.
 */
public final class ClientLine {
    /** A connection by which nothing was sent for so long is given up (derpInactiveCleanupTime). */
    static final Duration IDLE = Duration.ofMinutes(1);

    /** A relay that sends nothing for so long, not even a KeepAlive, is gone. */
    static final Duration SILENCE = Duration.ofMinutes(2);

    static final Duration LOGIN = Duration.ofSeconds(10);
    private static final long FIRST_PAUSE_NANOS = Duration.ofMillis(250).toNanos();
    private static final long LAST_PAUSE_NANOS = Duration.ofSeconds(5).toNanos();
    private static final int MAX_DOUBLINGS = 5;
    private static final int DATA_BYTES = 256 << 10;
    private static final int DISCO_BYTES = 32 << 10;
    private static final int CONTROL_BYTES = 16 << 10;
    private static final int MAX_GONE = 1024;

    private enum State {
        APART,
        /** The transport stands, the relay has not said yes. */
        LOGIN,
        UP
    }

    private final SecretKey own;
    private final PacketSink sink;
    private final Runnable wake;
    private final RandomGenerator random;

    // guarded by this
    private final FrameQueue control;
    private final FrameQueue disco;
    private final FrameQueue data;
    private final Set<NodeKey> gone = new HashSet<>();
    private State state = State.APART;
    private boolean used;
    private long usedNanos;
    private long sinceNanos;
    private long heardNanos;
    private int failures;
    private @Nullable TokenBucket rate;

    private @Nullable DerpClient client; // the reading thread's

    /**
     * A line that is not connected.
     *
     * @param own the node's key, not closed here
     * @param wake told when there is something to send; must not block
     * @param random a SecureRandom outside tests
     */
    public ClientLine(SecretKey own, PacketSink sink, Runnable wake, RandomGenerator random) {
        this.own = own;
        this.sink = sink;
        this.wake = wake;
        this.random = random;
        var budget = new AtomicLong(DATA_BYTES + DISCO_BYTES + CONTROL_BYTES);
        control = new FrameQueue(CONTROL_BYTES, budget);
        disco = new FrameQueue(DISCO_BYTES, budget);
        data = new FrameQueue(DATA_BYTES, budget);
    }

    /**
     * Queues a packet for {@code to}; of those that wait too long the oldest go.
     *
     * @return false when it was dropped at once
     */
    public boolean send(NodeKey to, byte[] in, int offset, int count, long nowNanos) {
        synchronized (this) {
            used = true;
            usedNanos = nowNanos;
            TokenBucket limit = rate;
            int whole = DerpFrame.HEADER_LENGTH + NodeKey.LENGTH + count;
            if (count > DerpFrame.MAX_PACKET
                    || (limit != null && !limit.tryTake(whole, nowNanos))) {
                return false;
            }
            FrameQueue queue = DiscoMagic.marks(in, offset, count) ? disco : data;
            if (queue.offerPacket(DerpFrame.SEND_PACKET, to, in, offset, count) < 0) {
                return false;
            }
        }
        wake.run();
        return true;
    }

    /** Whether the relay has let us in. */
    public synchronized boolean isUp() {
        return state == State.UP;
    }

    /** Whether the relay is there and has not said that {@code peer} is not. */
    public synchronized boolean reaches(NodeKey peer) {
        return state == State.UP && !gone.contains(peer);
    }

    /** Whether somebody sent something lately, so that the relay is to be connected to. */
    public synchronized boolean wantsConnection(long nowNanos) {
        return used && nowNanos - usedNanos < IDLE.toNanos();
    }

    /** The transport stands; the relay speaks first. */
    public synchronized void connected(long nowNanos) {
        client = new DerpClient(own, Login.Client.ORDINARY, random);
        state = State.LOGIN;
        sinceNanos = nowNanos;
        heardNanos = nowNanos;
        control.release();
    }

    /**
     * Takes what the transport read; packets go on to the sink.
     *
     * @throws WireException when the relay broke the protocol: the transport must be closed
     */
    public void receive(byte[] in, int offset, int count, long nowNanos) throws WireException {
        DerpClient derp;
        synchronized (this) {
            heardNanos = nowNanos;
            derp = client;
        }
        if (derp == null) {
            throw new WireException("relay: no connection");
        }
        for (DerpFrame frame : derp.receive(in, offset, count)) {
            switch (frame) {
                case DerpFrame.ServerKey k -> control(derp.login(k.key()));
                case DerpFrame.ServerInfo _ -> loggedIn(derp.server(), nowNanos);
                case DerpFrame.RecvPacket p -> {
                    back(p.from());
                    sink.packet(p.from(), p.packet());
                }
                case DerpFrame.PeerGone p -> {
                    left(p.peer());
                    sink.peerGone(p.peer(), p.reason());
                }
                case DerpFrame.Ping p -> control(new DerpFrame.Pong(p.data()));
                default -> {
                    // a KeepAlive has done its work by coming; the rest is for statistics
                }
            }
        }
    }

    private void control(DerpFrame frame) {
        synchronized (this) {
            control.offer(frame);
        }
        wake.run();
    }

    private void loggedIn(Login.@Nullable Server said, long nowNanos) {
        synchronized (this) {
            state = State.UP;
            failures = 0;
            if (said != null && said.bytesPerSecond() > 0) {
                long burst = Math.max(said.burstBytes(), NodeKey.LENGTH + DerpFrame.MAX_PACKET);
                rate = new TokenBucket(said.bytesPerSecond(), burst, nowNanos);
            }
        }
        wake.run();
    }

    private synchronized void back(NodeKey peer) {
        if (!gone.isEmpty()) {
            gone.remove(peer);
        }
    }

    private synchronized void left(NodeKey peer) {
        if (gone.size() < MAX_GONE) {
            gone.add(peer);
        }
    }

    /**
     * Moves whole frames into {@code buffer}; packets only once the relay has let us in.
     *
     * @return bytes moved, 0 when nothing may go
     */
    public synchronized int drain(byte[] buffer) {
        int n = control.drainTo(buffer, 0, buffer.length);
        if (state == State.UP) {
            n += disco.drainTo(buffer, n, buffer.length);
            n += data.drainTo(buffer, n, buffer.length);
        }
        return n;
    }

    /** Whether the connection is to be kept: it is in use, and the relay is alive. */
    public synchronized boolean poll(long nowNanos) {
        return switch (state) {
            case APART -> false;
            case LOGIN -> nowNanos - sinceNanos < LOGIN.toNanos();
            case UP -> wantsConnection(nowNanos) && nowNanos - heardNanos < SILENCE.toNanos();
        };
    }

    /**
     * The connection is gone, or could not be had; what waited is dropped, because it is late.
     *
     * @return nanoseconds to wait before the next try
     */
    public synchronized long ended() {
        state = State.APART;
        client = null;
        rate = null;
        gone.clear();
        control.release();
        disco.release();
        data.release();
        long pause = Math.min(LAST_PAUSE_NANOS, FIRST_PAUSE_NANOS << failures);
        failures = Math.min(failures + 1, MAX_DOUBLINGS);
        return pause / 2 + random.nextLong(pause / 2);
    }
}
