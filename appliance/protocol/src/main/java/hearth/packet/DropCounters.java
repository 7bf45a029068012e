package hearth.packet;

import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;

/** One count per {@link DropReason}. Written by one thread, read by any. */
@SuppressWarnings("EnumOrdinal") // an index into an array of this process, never stored or sent
public final class DropCounters {
    private static final DropReason[] REASONS = DropReason.values();

    private final AtomicLongArray counts = new AtomicLongArray(REASONS.length);

    /** Owner thread alone. */
    public void count(DropReason reason) {
        int i = reason.ordinal();
        counts.setOpaque(i, counts.getPlain(i) + 1);
    }

    public long get(DropReason reason) {
        return counts.getOpaque(reason.ordinal());
    }

    /** Adds these counts to {@code sums}; reasons that never happened stay absent. */
    public void addTo(Map<DropReason, Long> sums) {
        for (DropReason r : REASONS) {
            long n = get(r);
            if (n != 0) {
                sums.merge(r, n, Long::sum);
            }
        }
    }
}
