package hearth.tailnet;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/** Questions to clients that wait for their answers, each under an address nobody can guess. */
final class MapPings {
    private static final int ID_LENGTH = 26;

    /** Who is asked, and what waits for it. */
    private record Waiting(long node, CompletableFuture<byte[]> answer) {}

    private final RandomGenerator random;
    private final Map<String, Waiting> waiting = new ConcurrentHashMap<>();

    MapPings(RandomGenerator random) {
        this.random = random;
    }

    /** A question to {@code node}; {@code answer} fails when {@code longest} has passed. */
    String open(long node, CompletableFuture<byte[]> answer, Duration longest) {
        String id = Secrets.base32(random, ID_LENGTH);
        waiting.put(id, new Waiting(node, answer));
        var _ =
                answer.orTimeout(longest.toMillis(), TimeUnit.MILLISECONDS)
                        .whenComplete((_, _) -> waiting.remove(id));
        return id;
    }

    /** Whom the question was put to; 0 when nobody waits for the answer. */
    long asked(String id) {
        Waiting w = waiting.get(id);
        return w == null ? 0 : w.node;
    }

    boolean answered(String id, byte[] body) {
        Waiting w = waiting.remove(id);
        return w != null && w.answer.complete(body);
    }
}
