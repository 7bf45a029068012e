package hearth.tailnet;

import hearth.base.IpAddress;
import hearth.crypto.MachineKey;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one group of commands changed: stored in one transaction, or not at all.
 *
 * @param nodes new or changed in what must never be lost
 * @param live new or changed in what the devices tell again by themselves (disco key, endpoints,
 *     home, Hostinfo)
 * @param users new or changed
 * @param keys new or changed
 * @param freed addresses given back, with the time; null when the wait is over
 * @param shelves changed entries
 * @param bindings device names of the policy, null value when dropped
 * @param dns null when unchanged, like the next two
 * @param counters what was handed out last
 */
public record Batch(
        List<Node> nodes,
        List<Long> removedNodes,
        List<Node> live,
        List<Seen> seen,
        List<Home> homes,
        List<User> users,
        List<Long> removedUsers,
        List<AuthKey> keys,
        List<String> removedKeys,
        List<Freed> freed,
        List<ShelfEntry> shelves,
        List<Binding> bindings,
        List<PolicyVersion> policies,
        @Nullable DnsSettings dns,
        @Nullable Settings settings,
        @Nullable Long policyInForce,
        Map<String, Long> counters,
        List<AuditEntry> audit) {

    /** When a node was connected last. */
    public record Seen(long node, Instant time) {}

    /** The home relay of a machine, kept beyond its nodes; 0 when it is forgotten. */
    public record Home(MachineKey machine, int derp) {}

    /** An address that was given back at {@code time}. */
    public record Freed(IpAddress address, @Nullable Instant time) {}

    /** One entry of a shelf; removed when {@code value} is null. */
    public record ShelfEntry(String shelf, String key, @Nullable String value) {}

    /** A device name in the policy and the node it means; unbound when null. */
    public record Binding(String name, @Nullable Long node) {}

    /** Whether anything in it must survive a power cut. */
    public boolean mustLast() {
        return !(nodes.isEmpty()
                && removedNodes.isEmpty()
                && users.isEmpty()
                && removedUsers.isEmpty()
                && keys.isEmpty()
                && removedKeys.isEmpty()
                && freed.isEmpty()
                && shelves.isEmpty()
                && bindings.isEmpty()
                && policies.isEmpty()
                && dns == null
                && settings == null
                && policyInForce == null
                && audit.isEmpty());
    }

    /** Whether there is anything for the file that may lose its last seconds. */
    public boolean hasLive() {
        return !(live.isEmpty() && seen.isEmpty() && homes.isEmpty() && removedNodes.isEmpty());
    }
}
