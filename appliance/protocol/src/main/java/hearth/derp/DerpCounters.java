package hearth.derp;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;

/** What the relay did since its start. Thread-safe. */
public final class DerpCounters {
    /** What is counted; the lower-case name is the counter's name in /metrics. */
    public enum Counter {
        /** Connections handed to the core. */
        ACCEPTED,
        /** Connections above the limit. */
        TURNED_AWAY,
        /** Logins that were admitted. */
        LOGINS,
        /** Logins of keys that are no members. */
        REFUSED,
        /** Connections that sent no login in time. */
        LOGIN_TIMEOUT,
        /** Streams that broke the protocol. */
        PROTOCOL_ERROR,
        /** Mesh frames or a mesh key from a client. */
        MESH_REFUSED,
        /** Connections ended because their key lost its membership. */
        REVOKED,
        /** Connections whose client answered no ping. */
        HALF_OPEN,
        /** Connections whose client read too slowly. */
        SLOW_READER,
        /** Logins of a key that was connected already. */
        DUPLICATE,
        PACKETS_IN,
        BYTES_IN,
        /** Packets put into their receiver's queue. */
        PACKETS_OUT,
        BYTES_OUT,
        /** Dropped packets: nobody with that key is here. */
        DROP_UNKNOWN,
        DROP_UNKNOWN_DISCO,
        /** Dropped packets: pushed out of a full queue by newer ones. */
        DROP_OLDEST,
        DROP_OLDEST_DISCO,
        /** Dropped packets: no memory for them. */
        DROP_MEMORY,
        /** Dropped packets: their receiver left just then. */
        DROP_GONE,
        PINGS,
        PONGS,
        PEER_GONE_SENT,
        /** Frames of types we do not know, skipped. */
        UNKNOWN_FRAMES;

        public String metricName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Map<Counter, LongAdder> values = new EnumMap<>(Counter.class);

    DerpCounters() {
        for (Counter c : Counter.values()) {
            values.put(c, new LongAdder());
        }
    }

    void count(Counter counter) {
        add(counter, 1);
    }

    void add(Counter counter, long n) {
        Objects.requireNonNull(values.get(counter)).add(n);
    }

    public long value(Counter counter) {
        return Objects.requireNonNull(values.get(counter)).sum();
    }

    /** All values by metric name. */
    public SequencedMap<String, Long> all() {
        var out = new TreeMap<String, Long>();
        for (Counter c : Counter.values()) {
            out.put(c.metricName(), value(c));
        }
        return out;
    }
}
