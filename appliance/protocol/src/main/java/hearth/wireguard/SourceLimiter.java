package hearth.wireguard;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Token buckets for handshakes under load, one per source address: 20 a second, 5 at once. An entry
 * that is idle for a second is full again and forgotten; the number of entries is bounded, a source
 * beyond it is refused. Confined to the control thread.
 */
final class SourceLimiter {
    static final int PER_SECOND = 20;
    static final int BURST = 5;
    static final int MAX_SOURCES = 4096;
    private static final long SECOND = 1_000_000_000L;
    private static final long COST = SECOND / PER_SECOND;
    private static final long FULL = COST * BURST;

    private static final class Bucket {
        long tokens = FULL;
        long refilledNanos;
    }

    record Source(long high, long low) {}

    /** In the order of last use, so that the idle ones come first. */
    private final LinkedHashMap<Source, Bucket> buckets = new LinkedHashMap<>(16, 0.75f, true);

    boolean allows(Source source, long nowNanos) {
        forgetIdle(nowNanos);
        Bucket b = buckets.get(source);
        if (b == null) {
            if (buckets.size() >= MAX_SOURCES) {
                return false;
            }
            b = new Bucket();
            b.refilledNanos = nowNanos;
            buckets.put(source, b);
        }
        b.tokens = Math.min(FULL, b.tokens + (nowNanos - b.refilledNanos));
        b.refilledNanos = nowNanos;
        if (b.tokens < COST) {
            return false;
        }
        b.tokens -= COST;
        return true;
    }

    int size() {
        return buckets.size();
    }

    private void forgetIdle(long nowNanos) {
        Iterator<Map.Entry<Source, Bucket>> it = buckets.entrySet().iterator();
        while (it.hasNext() && nowNanos - it.next().getValue().refilledNanos > SECOND) {
            it.remove();
        }
    }
}
