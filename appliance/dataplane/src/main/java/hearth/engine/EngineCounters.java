package hearth.engine;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** The engine's counters; any thread may count and read. */
public final class EngineCounters {
    private final Map<EngineCounter, LongAdder> counts = new EnumMap<>(EngineCounter.class);

    EngineCounters() {
        for (EngineCounter c : EngineCounter.values()) {
            counts.put(c, new LongAdder());
        }
    }

    void count(EngineCounter c) {
        counter(c).increment();
    }

    void add(EngineCounter c, long n) {
        counter(c).add(n);
    }

    public long get(EngineCounter c) {
        return counter(c).sum();
    }

    public Map<EngineCounter, Long> all() {
        Map<EngineCounter, Long> out = new EnumMap<>(EngineCounter.class);
        counts.forEach((c, n) -> out.put(c, n.sum()));
        return out;
    }

    private LongAdder counter(EngineCounter c) {
        return Objects.requireNonNull(counts.get(c));
    }
}
