package hearth.api;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is known about the ways between devices. Filled by the engine, the relay and pings. */
public interface Paths {
    /** The kinds of ways. */
    enum Kind {
        /** Peer to peer in one local network. */
        LAN,
        DIRECT,
        RELAYED,
        /** Nothing was measured lately; a guess would be a lie. */
        UNKNOWN
    }

    /**
     * One measured way.
     *
     * @param from node id
     * @param to node id
     * @param via address and port, or the relay's region code; empty when unknown
     * @param latency round trip, null when not measured
     */
    record Pair(
            long from,
            long to,
            Kind kind,
            String via,
            @Nullable Duration latency,
            Instant measured) {}

    Paths NONE = _ -> List.of();

    /** All pairs known; {@code probe}: ask devices to ping first, which takes seconds. */
    List<Pair> pairs(boolean probe);
}
