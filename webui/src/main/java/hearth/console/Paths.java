package hearth.console;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What is known about the way packets take between this appliance and a device. */
public interface Paths {
    /** The kinds of ways. */
    enum Kind {
        DIRECT,
        RELAYED,
        /** Plain WireGuard. */
        WIREGUARD,
        /** Nothing was measured lately; a guess would be a lie. */
        UNKNOWN
    }

    /**
     * A measured way.
     *
     * @param via address and port, or the relay's region; empty when unknown
     * @param latency round trip, null when not measured
     * @param measured when, null when never
     */
    record Report(Kind kind, String via, @Nullable Duration latency, @Nullable Instant measured) {
        public static final Report UNKNOWN = new Report(Kind.UNKNOWN, "", null, null);
    }

    /** Nothing is known. */
    Paths NONE = _ -> Report.UNKNOWN;

    /** The way to the device with this id; quick, it is asked for every line of a page. */
    Report of(long nodeId);
}
