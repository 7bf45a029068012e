package hearth.tailnet;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Who is connected: counts the map streams of each node. A node is offline only when its last
 * stream has been gone for ten seconds, so a reconnect is seen by nobody.
 */
final class Liveness {
    static final Duration FLAP = Duration.ofSeconds(10);

    private final Map<Long, Integer> streams = new HashMap<>(); // guarded by this
    private final Map<Long, Instant> left = new HashMap<>(); // guarded by this

    synchronized void opened(long node) {
        streams.merge(node, 1, Integer::sum);
        left.remove(node);
    }

    synchronized void closed(long node, Instant now) {
        Integer rest = streams.computeIfPresent(node, (_, n) -> n == 1 ? null : n - 1);
        if (rest == null) {
            left.put(node, now.truncatedTo(ChronoUnit.MILLIS));
        }
    }

    synchronized boolean connected(long node) {
        return streams.containsKey(node);
    }

    /** Nodes whose absence is due to be told; each is named once. */
    synchronized List<Seen> goneBy(Instant now) {
        List<Seen> out = new ArrayList<>();
        left.replaceAll((_, at) -> at.isAfter(now) ? now : at); // the clock went back
        left.forEach(
                (node, at) -> {
                    if (!at.plus(FLAP).isAfter(now)) {
                        out.add(new Seen(node, at));
                    }
                });
        out.forEach(s -> left.remove(s.node()));
        return out;
    }

    /** A node and when it was there last. */
    record Seen(long node, Instant at) {}
}
