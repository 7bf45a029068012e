package hearth.relay;

import hearth.base.IpAddress;
import java.time.Duration;

/**
 * How many answers a source gets: buckets that sources share by hash, so that memory does not grow
 * with forged addresses. IPv6 sources count by /64. Confined to one thread.
 */
final class StunLimit {
    static final int BURST = 400;
    static final int PER_SECOND = 200;

    private static final long MIX = 0x9e3779b97f4a7c15L; // 2^64 by the golden ratio
    private static final int BUCKETS = 4096; // a power of two
    private static final long NANOS_PER_ANSWER = Duration.ofSeconds(1).toNanos() / PER_SECOND;

    private final long seed;
    private final long startNanos;
    // per bucket: the time, since the start, at which it would be full again
    private final long[] fullAt = new long[BUCKETS];

    StunLimit(long seed, long nowNanos) {
        this.seed = seed;
        this.startNanos = nowNanos;
    }

    /** Whether {@code source} is answered now. */
    boolean allows(IpAddress source, long nowNanos) {
        IpAddress ip = source.unmapped();
        long h = ((ip.v4() ? ip.low() : ip.high()) ^ seed) * MIX;
        int at = (int) (((h ^ (h >>> 32)) * MIX) >>> 40) & (BUCKETS - 1);
        long now = nowNanos - startNanos;
        long full = Math.max(fullAt[at], now);
        if (full - now > (BURST - 1) * NANOS_PER_ANSWER) {
            return false;
        }
        fullAt[at] = full + NANOS_PER_ANSWER;
        return true;
    }
}
