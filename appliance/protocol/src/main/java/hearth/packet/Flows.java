package hearth.packet;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/**
 * The connection table of one engine, shared by the guards of its local nodes: flows that peers
 * opened and flows that were opened towards peers. The receiving thread alone writes the first, the
 * sending thread alone the second; both read both.
 */
public final class Flows {
    /** For so long after a start a TCP connection may be picked up in its middle. */
    static final long PICK_UP_NANOS = 120_000_000_000L;

    final ConnectionTable byPeers;
    final ConnectionTable byUs;
    private final long startNanos;
    private final AtomicInteger generations = new AtomicInteger();

    public Flows(long nowNanos, RandomGenerator random) {
        this(ConnectionTable.SLOTS, nowNanos, random);
    }

    Flows(int slots, long nowNanos, RandomGenerator random) {
        byPeers = new ConnectionTable(slots, random.nextLong());
        byUs = new ConnectionTable(slots, random.nextLong());
        startNanos = nowNanos;
    }

    int nextGeneration() {
        return generations.incrementAndGet();
    }

    boolean mayPickUp(long nowNanos) {
        return nowNanos - startNanos < PICK_UP_NANOS;
    }
}
