package hearth.derp;

/** Tokens that come at a steady rate up to a burst. Confined to one thread. */
final class TokenBucket {
    private static final double NANOS = 1e9;

    private final double perSecond;
    private final double burst;
    private double tokens;
    private long lastNanos;

    TokenBucket(double perSecond, double burst, long nowNanos) {
        this.perSecond = perSecond;
        this.burst = burst;
        this.tokens = burst;
        this.lastNanos = nowNanos;
    }

    /** Takes {@code n} tokens if they are there. */
    boolean tryTake(double n, long nowNanos) {
        refill(nowNanos);
        if (tokens < n) {
            return false;
        }
        tokens -= n;
        return true;
    }

    /**
     * Takes {@code n} tokens, on credit if need be; gives the nanoseconds until it is paid back.
     */
    long take(double n, long nowNanos) {
        refill(nowNanos);
        tokens -= n;
        return tokens >= 0 ? 0 : (long) (-tokens / perSecond * NANOS);
    }

    private void refill(long nowNanos) {
        long passed = Math.max(0, nowNanos - lastNanos);
        lastNanos = nowNanos;
        tokens = Math.min(burst, tokens + passed / NANOS * perSecond);
    }
}
