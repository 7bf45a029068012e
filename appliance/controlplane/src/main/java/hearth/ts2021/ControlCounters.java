package hearth.ts2021;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts {@link ControlCounter}s since the start. Thread-safe. */
final class ControlCounters {
    private final Map<ControlCounter, LongAdder> counts = new EnumMap<>(ControlCounter.class);

    ControlCounters() {
        for (ControlCounter c : ControlCounter.values()) {
            counts.put(c, new LongAdder());
        }
    }

    void count(ControlCounter c) {
        Objects.requireNonNull(counts.get(c)).increment();
    }

    /** All by name in lower case. */
    Map<String, Long> all() {
        var out = new TreeMap<String, Long>();
        counts.forEach((c, n) -> out.put(c.name().toLowerCase(Locale.ROOT), n.sum()));
        return out;
    }
}
