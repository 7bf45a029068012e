package hearth.tailnet;

import hearth.base.IpAddress;
import hearth.crypto.MachineKey;
import hearth.crypto.NodeKey;
import hearth.policy.CompiledPolicy;
import hearth.policy.World;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Everything about the tailnet at one moment. Immutable: read it without a lock, as long as you
 * like. What did not change between two snapshots is the identical object in both.
 */
public final class Snapshot {
    final Parts parts;
    private volatile @Nullable List<Node> ordered; // computed at the first request

    /** The fields; a draft replaces them one by one. */
    record Parts(
            long version,
            String domain,
            HashTrie<Long, Node> nodes,
            HashTrie<NodeKey, Long> byKey,
            HashTrie<MachineKey, List<Long>> byMachine,
            HashTrie<String, Long> byName,
            HashTrie<IpAddress, Long> byAddress,
            HashTrie<Long, User> users,
            HashTrie<String, AuthKey> keys,
            HashTrie<String, PendingLogin> logins,
            HashTrie<Long, Presence> presence,
            HashTrie<MachineKey, Integer> homes,
            HashTrie<IpAddress, Instant> freed,
            HashTrie<String, HashTrie<String, String>> shelves,
            HashTrie<String, Long> bindings,
            DnsSettings dns,
            Settings settings,
            PolicyState policy,
            Counters counters) {}

    /** What was handed out last. */
    record Counters(long node, long user, long v4, long audit, String auditHash, long policy) {}

    Snapshot(Parts parts) {
        this.parts = parts;
    }

    /** Grows with every change. */
    public long version() {
        return parts.version;
    }

    /** The domain below which device names live, e.g. {@code hearth.internal}. */
    public String domain() {
        return parts.domain;
    }

    /** All nodes by ascending id, also those that are expired or wait for an administrator. */
    public List<Node> nodes() {
        List<Node> out = ordered;
        if (out == null) {
            List<Node> all = parts.nodes.values();
            all.sort(Comparator.comparingLong(Node::id));
            out = List.copyOf(all);
            ordered = out;
        }
        return out;
    }

    public int nodeCount() {
        return parts.nodes.size();
    }

    public @Nullable Node node(long id) {
        return parts.nodes.get(id);
    }

    public @Nullable Node nodeByKey(NodeKey key) {
        return byId(parts.byKey.get(key));
    }

    /** Names the nodes that came, went or changed since {@code before}; costs what differs. */
    public void changedNodes(Snapshot before, LongConsumer changed) {
        HashTrie.diff(before.parts.nodes, parts.nodes, changed::accept);
    }

    /** The nodes of one machine: more than one when its users switch accounts. */
    public List<Node> nodesOf(MachineKey machine) {
        List<Long> ids = parts.byMachine.get(machine);
        List<Node> out = new ArrayList<>();
        if (ids != null) {
            ids.forEach(
                    id -> {
                        Node n = node(id);
                        if (n != null) {
                            out.add(n);
                        }
                    });
        }
        return out;
    }

    public @Nullable Node nodeByName(String label) {
        return byId(parts.byName.get(label.toLowerCase(Locale.ROOT)));
    }

    public @Nullable Node nodeByAddress(IpAddress address) {
        return byId(parts.byAddress.get(address));
    }

    /** By label, full name, tailnet address, stable id or number, in this order. */
    public @Nullable Node find(String nameOrId) {
        String name = nameOrId.toLowerCase(Locale.ROOT);
        if (name.endsWith(".")) {
            name = name.substring(0, name.length() - 1);
        }
        String suffix = "." + domain();
        Node n =
                nodeByName(
                        name.endsWith(suffix)
                                ? name.substring(0, name.length() - suffix.length())
                                : name);
        IpAddress address = n == null ? IpAddress.tryParse(nameOrId) : null;
        if (address != null) {
            n = nodeByAddress(address);
        }
        if (n == null) {
            n = nodeByStableId(nameOrId);
        }
        if (n == null && nameOrId.matches("[0-9]{1,18}")) {
            n = node(Long.parseLong(nameOrId));
        }
        return n;
    }

    public @Nullable Node nodeByStableId(String stableId) {
        for (Node n : nodes()) {
            if (n.stableId().equals(stableId)) {
                return n;
            }
        }
        return null;
    }

    /** The full name without a trailing dot. */
    public String fullName(Node node) {
        return node.name() + "." + domain();
    }

    /** People by ascending id; without {@link User#TAGGED}. */
    public List<User> users() {
        List<User> all = parts.users.values();
        all.sort(Comparator.comparingLong(User::id));
        return all;
    }

    public @Nullable User user(long id) {
        return id == User.TAGGED_ID ? User.TAGGED : parts.users.get(id);
    }

    public @Nullable User userByLogin(String login) {
        String wanted = login.toLowerCase(Locale.ROOT);
        for (User u : parts.users.values()) {
            if (u.login().equals(wanted)) {
                return u;
            }
        }
        return null;
    }

    /** The tailnet's owner; before set-up is done, the owner-to-be. */
    public User owner() {
        for (User u : users()) {
            if (u.role() == Role.OWNER) {
                return u;
            }
        }
        throw new IllegalStateException("a tailnet without an owner");
    }

    /** Who a node belongs to; {@link User#TAGGED} for tagged ones. */
    public User userOf(Node node) {
        User u = user(node.userId());
        return u == null ? User.TAGGED : u;
    }

    /** All auth keys, the newest first, also revoked and expired ones of late. */
    public List<AuthKey> keys() {
        List<AuthKey> all = parts.keys.values();
        all.sort(Comparator.comparing(AuthKey::created).reversed().thenComparing(AuthKey::id));
        return all;
    }

    public @Nullable AuthKey key(String id) {
        return parts.keys.get(id);
    }

    /** Devices that wait for a yes, the oldest first. */
    public List<PendingLogin> logins() {
        List<PendingLogin> all = parts.logins.values();
        all.sort(Comparator.comparing(PendingLogin::created).thenComparing(PendingLogin::id));
        return all;
    }

    /** By id, or by the code as a person types it (case and dash do not matter). */
    public @Nullable PendingLogin login(String idOrCode) {
        PendingLogin p = parts.logins.get(idOrCode);
        if (p != null) {
            return p;
        }
        String typed = idOrCode.replace("-", "").toUpperCase(Locale.ROOT);
        for (PendingLogin l : parts.logins.values()) {
            if (l.code().replace("-", "").equals(typed)) {
                return l;
            }
        }
        return null;
    }

    public Presence presence(long node) {
        Presence p = parts.presence.get(node);
        return p == null ? Presence.NEVER : p;
    }

    public DnsSettings dns() {
        return parts.dns;
    }

    public Settings settings() {
        return parts.settings;
    }

    public PolicyState policy() {
        return parts.policy;
    }

    /** What is in force; it knows the authorized nodes of this very snapshot. */
    public CompiledPolicy compiled() {
        return parts.policy.compiled();
    }

    /** The authorized nodes and active people as a policy sees them; for previews. */
    public World world() {
        return new Worlds().of(this);
    }

    private @Nullable Node byId(@Nullable Long id) {
        return id == null ? null : parts.nodes.get(id);
    }
}
