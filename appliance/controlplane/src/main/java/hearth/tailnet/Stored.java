package hearth.tailnet;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that a journal holds, as it is read at the start.
 *
 * @param policies the newest one and the one in force, which may be the same
 * @param policyInForce 0 for the built-in default
 * @param counters empty in a new store
 * @param auditHash hash of the last audit row, empty when there is none
 */
public record Stored(
        List<Node> nodes,
        List<Batch.Seen> seen,
        List<Batch.Home> homes,
        List<User> users,
        List<AuthKey> keys,
        List<Batch.Freed> freed,
        List<Batch.ShelfEntry> shelves,
        List<Batch.Binding> bindings,
        List<PolicyVersion> policies,
        long policyInForce,
        @Nullable DnsSettings dns,
        @Nullable Settings settings,
        Map<String, Long> counters,
        String auditHash) {
    /** Of a store in which nothing was ever written. */
    public static final Stored EMPTY =
            new Stored(
                    List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of(),
                    List.of(), List.of(), 0, null, null, Map.of(), "");
}
