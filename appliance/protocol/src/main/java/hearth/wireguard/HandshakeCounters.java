package hearth.wireguard;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** Counts {@link HandshakeEvent}s of one local node; any thread may read. */
public final class HandshakeCounters {
    private final Map<HandshakeEvent, LongAdder> counts = new EnumMap<>(HandshakeEvent.class);

    HandshakeCounters() {
        for (HandshakeEvent e : HandshakeEvent.values()) {
            counts.put(e, new LongAdder());
        }
    }

    void count(HandshakeEvent event) {
        counter(event).increment();
    }

    public long get(HandshakeEvent event) {
        return counter(event).sum();
    }

    private LongAdder counter(HandshakeEvent event) {
        return Objects.requireNonNull(counts.get(event));
    }
}
