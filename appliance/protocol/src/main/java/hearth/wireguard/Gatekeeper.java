package hearth.wireguard;

import java.time.Duration;

/**
 * Decides, for all local nodes together, when handshakes cost too much and who may still have one:
 * under load a sender must show a cookie, and then passes a token bucket of its address. Confined
 * to the control thread.
 */
public final class Gatekeeper {
    /** Messages that may wait for the control thread. */
    public static final int QUEUE = 1024;

    private static final int LOAD_MARK = QUEUE / 8;
    private static final long LOAD_NANOS = Duration.ofSeconds(1).toNanos();

    private final SourceLimiter limiter = new SourceLimiter();
    private boolean loaded;
    private long loadedUntilNanos;

    /** Tells how many handshake messages wait; many mean load, for a second longer. */
    public void noteQueue(int waiting, long nowNanos) {
        if (waiting >= LOAD_MARK) {
            loaded = true;
            loadedUntilNanos = nowNanos + LOAD_NANOS;
        }
    }

    public boolean underLoad(long nowNanos) {
        loaded &= nowNanos - loadedUntilNanos < 0;
        return loaded;
    }

    boolean allows(HandshakeSource source, long nowNanos) {
        return limiter.allows(new SourceLimiter.Source(source.high(), source.low()), nowNanos);
    }
}
