package hearth.engine;

import org.jspecify.annotations.Nullable;

/**
 * The path to a peer that speaks disco, as {@link Paths} last chose it. The sending thread reads it
 * and leaves the time of its last packet; when that packet found no trusted address, the control
 * thread is woken to look for one.
 */
final class TrackedPath implements PeerPath {
    /** So often a sender wakes the control thread for one peer. */
    private static final long WAKE_INTERVAL_NANOS = 500_000_000L;

    private final Runnable wake;
    private volatile Choice choice = new Choice(null, null, 0);
    private volatile boolean sent;
    private volatile long sentNanos;
    private long wokenNanos;
    private boolean everWoken;

    /** Both paths are made once, so that reading one costs nothing. */
    private record Choice(@Nullable Path trusted, @Nullable Path doubtful, long untilNanos) {}

    /** {@code wake}: makes the control thread poll soon; callable from any thread. */
    TrackedPath(Runnable wake) {
        this.wake = wake;
    }

    /** Control thread: {@code direct} alone until {@code untilNanos}, then with {@code relay}. */
    void choose(@Nullable UdpAddress direct, @Nullable DerpRoute relay, long untilNanos) {
        Path trusted = direct == null ? null : new Path(direct, null);
        Path doubtful = direct == null && relay == null ? null : new Path(direct, relay);
        choice = new Choice(trusted, doubtful, untilNanos);
    }

    @Override
    public @Nullable Path current(long nowNanos) {
        sentNanos = nowNanos;
        sent = true;
        Choice c = choice;
        if (c.trusted != null && nowNanos - c.untilNanos < 0) {
            return c.trusted;
        }
        if (!everWoken || nowNanos - wokenNanos >= WAKE_INTERVAL_NANOS) {
            everWoken = true;
            wokenNanos = nowNanos;
            wake.run();
        }
        return c.doubtful;
    }

    /** Control thread: whether packets were sent since the last call. */
    boolean takeSent() {
        if (!sent) {
            return false;
        }
        sent = false;
        return true;
    }

    long sentNanos() {
        return sentNanos;
    }

    @Override
    public void receivedFromUdp(long high, long low, int port, long nowNanos) {
        // only pongs move the address of a peer that speaks disco
    }

    @Override
    public void receivedFromRelay(DerpRoute relay, long nowNanos) {
        // the relay is always the second way
    }

    @Override
    public void silent(long nowNanos) {
        // trust ends by itself within 6.5 s
    }
}
