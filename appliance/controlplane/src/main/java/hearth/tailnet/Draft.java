package hearth.tailnet;

import hearth.base.IpAddress;
import hearth.crypto.MachineKey;
import hearth.crypto.NodeKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The next snapshot in the making, and what was touched on the way. A command that is refused is
 * rolled back to where it began. Confined to the writer's thread.
 */
final class Draft {
    final Snapshot base;
    final Instant now;
    private @Nullable Snapshot view;
    private HashTrie<Long, Node> nodes = HashTrie.empty();
    private HashTrie<NodeKey, Long> byKey = HashTrie.empty();
    private HashTrie<MachineKey, List<Long>> byMachine = HashTrie.empty();
    private HashTrie<String, Long> byName = HashTrie.empty();
    private HashTrie<IpAddress, Long> byAddress = HashTrie.empty();
    private HashTrie<Long, User> users = HashTrie.empty();
    private HashTrie<String, AuthKey> keys = HashTrie.empty();
    private HashTrie<String, PendingLogin> logins = HashTrie.empty();
    private HashTrie<Long, Presence> presence = HashTrie.empty();
    private HashTrie<MachineKey, Integer> homes = HashTrie.empty();
    private HashTrie<IpAddress, Instant> freed = HashTrie.empty();
    private HashTrie<String, HashTrie<String, String>> shelves = HashTrie.empty();
    private HashTrie<String, Long> bindings = HashTrie.empty();
    private DnsSettings dns = DnsSettings.DEFAULT;
    private Settings settings = Settings.DEFAULT;
    private PolicyState policy;
    private Snapshot.Counters counters;

    private final Set<Long> touchedNodes = new LinkedHashSet<>();
    private final Set<Long> touchedPresence = new LinkedHashSet<>();
    private final Set<Long> touchedUsers = new LinkedHashSet<>();
    private final Set<String> touchedKeys = new LinkedHashSet<>();
    private final Set<MachineKey> touchedHomes = new LinkedHashSet<>();
    private final Set<IpAddress> touchedFreed = new LinkedHashSet<>();
    private final Set<String> touchedBindings = new LinkedHashSet<>();
    private final Map<List<String>, Batch.ShelfEntry> touchedShelves = new LinkedHashMap<>();
    private final List<PolicyVersion> policies = new ArrayList<>();
    private final List<AuditEntry> audit = new ArrayList<>();
    private final List<Runnable> afterwards = new ArrayList<>();
    private final Set<Long> vouched = new LinkedHashSet<>();

    Draft(Snapshot base, Instant now) {
        this.base = base;
        this.now = now;
        this.policy = base.parts.policy();
        this.counters = base.parts.counters();
        load(base.parts);
    }

    /** Where to go back to when a command is refused half way. */
    record Mark(Snapshot.Parts parts, int policies, int audit, int afterwards) {}

    Mark mark() {
        return new Mark(view().parts, policies.size(), audit.size(), afterwards.size());
    }

    void back(Mark mark) {
        load(mark.parts);
        policies.subList(mark.policies, policies.size()).clear();
        audit.subList(mark.audit, audit.size()).clear();
        afterwards.subList(mark.afterwards, afterwards.size()).clear();
        // entries touched since are compared with the base again at the end
        touchedShelves.replaceAll((_, e) -> shelfEntry(e.shelf(), e.key()));
    }

    private void load(Snapshot.Parts p) {
        nodes = p.nodes();
        byKey = p.byKey();
        byMachine = p.byMachine();
        byName = p.byName();
        byAddress = p.byAddress();
        users = p.users();
        keys = p.keys();
        logins = p.logins();
        presence = p.presence();
        homes = p.homes();
        freed = p.freed();
        shelves = p.shelves();
        bindings = p.bindings();
        dns = p.dns();
        settings = p.settings();
        policy = p.policy();
        counters = p.counters();
        view = null;
    }

    /** The state so far, to be read like any snapshot. */
    Snapshot view() {
        if (view == null) {
            view =
                    new Snapshot(
                            new Snapshot.Parts(
                                    base.version() + 1,
                                    base.domain(),
                                    nodes,
                                    byKey,
                                    byMachine,
                                    byName,
                                    byAddress,
                                    users,
                                    keys,
                                    logins,
                                    presence,
                                    homes,
                                    freed,
                                    shelves,
                                    bindings,
                                    dns,
                                    settings,
                                    policy,
                                    counters));
        }
        return view;
    }

    long nextNodeId() {
        counters = count(counters.node() + 1, counters.user(), counters.v4());
        view = null;
        return counters.node();
    }

    long nextUserId() {
        counters = count(counters.node(), counters.user() + 1, counters.v4());
        view = null;
        return counters.user();
    }

    void lastV4(long bits) {
        counters = count(counters.node(), counters.user(), bits);
        view = null;
    }

    private Snapshot.Counters count(long node, long user, long v4) {
        return new Snapshot.Counters(
                node, user, v4, counters.audit(), counters.auditHash(), counters.policy());
    }

    void put(Node n) {
        Node was = nodes.get(n.id());
        if (was != null) {
            if (!was.key().equals(n.key())) {
                byKey = byKey.without(was.key());
            }
            if (!was.name().equals(n.name())) {
                byName = byName.without(was.name());
            }
        } else {
            byAddress = byAddress.with(n.v4(), n.id()).with(n.v6(), n.id());
            List<Long> ids = new ArrayList<>(machineIds(n.machine()));
            ids.add(n.id());
            byMachine = byMachine.with(n.machine(), List.copyOf(ids));
        }
        if (was == null || !was.key().equals(n.key())) {
            byKey = byKey.with(n.key(), n.id());
        }
        if (was == null || !was.name().equals(n.name())) {
            byName = byName.with(n.name(), n.id());
        }
        nodes = nodes.with(n.id(), n);
        touchedNodes.add(n.id());
        view = null;
    }

    void remove(Node n) {
        nodes = nodes.without(n.id());
        byKey = byKey.without(n.key());
        byName = byName.without(n.name());
        byAddress = byAddress.without(n.v4()).without(n.v6());
        List<Long> ids = machineIds(n.machine()).stream().filter(i -> i != n.id()).toList();
        byMachine =
                ids.isEmpty() ? byMachine.without(n.machine()) : byMachine.with(n.machine(), ids);
        presence = presence.without(n.id());
        freed(n.v4(), now);
        touchedNodes.add(n.id());
        view = null;
    }

    private List<Long> machineIds(MachineKey machine) {
        List<Long> ids = byMachine.get(machine);
        return ids == null ? List.of() : ids;
    }

    void freed(IpAddress address, @Nullable Instant time) {
        freed = time == null ? freed.without(address) : freed.with(address, time);
        touchedFreed.add(address);
        view = null;
    }

    void presence(long node, Presence p) {
        presence = presence.with(node, p);
        touchedPresence.add(node);
        view = null;
    }

    /** Has it written that the node is still there. */
    void seen(long node) {
        touchedPresence.add(node);
    }

    /** Keeps the machine's home relay; 0 forgets it. */
    void home(MachineKey machine, int derp) {
        homes = derp == 0 ? homes.without(machine) : homes.with(machine, derp);
        touchedHomes.add(machine);
        view = null;
    }

    int homeOf(MachineKey machine) {
        Integer home = homes.get(machine);
        return home == null ? 0 : home;
    }

    void put(User u) {
        users = users.with(u.id(), u);
        touchedUsers.add(u.id());
        view = null;
    }

    void remove(User u) {
        users = users.without(u.id());
        touchedUsers.add(u.id());
        view = null;
    }

    void put(AuthKey k) {
        keys = keys.with(k.id(), k);
        touchedKeys.add(k.id());
        view = null;
    }

    void removeKey(String id) {
        keys = keys.without(id);
        touchedKeys.add(id);
        view = null;
    }

    void put(PendingLogin p) {
        logins = logins.with(p.id(), p);
        view = null;
    }

    void removeLogin(String id) {
        logins = logins.without(id);
        view = null;
    }

    void dns(DnsSettings d) {
        dns = d;
        view = null;
    }

    void settings(Settings s) {
        settings = s;
        view = null;
    }

    void policy(PolicyState p) {
        policy = p;
        view = null;
    }

    /** Saves a new text; the number is the next one. */
    void saved(PolicyVersion v) {
        policies.add(v);
        counters =
                new Snapshot.Counters(
                        counters.node(),
                        counters.user(),
                        counters.v4(),
                        counters.audit(),
                        counters.auditHash(),
                        v.version());
        view = null;
    }

    void bind(String name, @Nullable Long node) {
        bindings = node == null ? bindings.without(name) : bindings.with(name, node);
        touchedBindings.add(name);
        view = null;
    }

    @Nullable String shelf(String shelf, String key) {
        HashTrie<String, String> s = shelves.get(shelf);
        return s == null ? null : s.get(key);
    }

    void shelf(String shelf, String key, @Nullable String value) {
        HashTrie<String, String> s = shelves.get(shelf);
        if (s == null) {
            s = HashTrie.empty();
        }
        shelves = shelves.with(shelf, value == null ? s.without(key) : s.with(key, value));
        touchedShelves.put(List.of(shelf, key), new Batch.ShelfEntry(shelf, key, value));
        view = null;
    }

    private Batch.ShelfEntry shelfEntry(String shelf, String key) {
        return new Batch.ShelfEntry(shelf, key, shelf(shelf, key));
    }

    /** Adds a row to the audit log; {@code what} says everything but number, time and hashes. */
    void audit(Audit.Row what) {
        long id = counters.audit() + 1;
        AuditEntry e = what.entry(id, now, counters.auditHash());
        audit.add(e);
        counters =
                new Snapshot.Counters(
                        counters.node(),
                        counters.user(),
                        counters.v4(),
                        id,
                        e.hash(),
                        counters.policy());
        view = null;
    }

    /** Has {@code action} run once everything is stored and announced; it must be quick. */
    void afterwards(Runnable action) {
        afterwards.add(action);
    }

    List<Runnable> afterwards() {
        return afterwards;
    }

    /** Whether nothing at all differs from the base. */
    boolean unchanged() {
        Snapshot.Parts a = view().parts;
        Snapshot.Parts b = base.parts;
        return audit.isEmpty()
                && touchedPresence.isEmpty()
                && Durable.identical(a.nodes(), b.nodes())
                && Durable.identical(a.users(), b.users())
                && Durable.identical(a.keys(), b.keys())
                && Durable.identical(a.logins(), b.logins())
                && Durable.identical(a.homes(), b.homes())
                && Durable.identical(a.freed(), b.freed())
                && Durable.identical(a.shelves(), b.shelves())
                && Durable.identical(a.bindings(), b.bindings())
                && Durable.identical(a.dns(), b.dns())
                && Durable.identical(a.settings(), b.settings())
                && Durable.identical(a.policy(), b.policy())
                && Durable.identical(a.counters(), b.counters());
    }

    /** An administrator let the node in, or gave it its name: a policy may bind the name to it. */
    void vouch(long node) {
        vouched.add(node);
    }

    /** Nodes that were vouched for; a command that was refused may have left some too many. */
    Set<Long> vouched() {
        return vouched;
    }

    /** Nodes that differ from the base; those that went are not among them. */
    List<Node> changedNodes() {
        List<Node> out = new ArrayList<>();
        for (long id : touchedNodes) {
            Node n = nodes.get(id);
            if (n != null && !Durable.identical(n, base.node(id))) {
                out.add(n);
            }
        }
        return out;
    }

    Batch batch() {
        List<Node> lasting = new ArrayList<>();
        List<Node> live = new ArrayList<>();
        for (Node n : changedNodes()) {
            Node was = base.node(n.id());
            if (was == null || !Durable.same(was, n)) {
                lasting.add(n);
            }
            if (was == null || !Durable.sameLive(was, n)) {
                live.add(n);
            }
        }
        List<Long> removed =
                touchedNodes.stream()
                        .filter(id -> nodes.get(id) == null && base.node(id) != null)
                        .toList();
        List<Batch.Seen> seen = new ArrayList<>();
        for (long id : touchedPresence) {
            Presence p = presence.get(id);
            Instant time = p == null ? null : p.online() ? now : p.lastSeen();
            if (time != null) {
                seen.add(new Batch.Seen(id, time));
            }
        }
        return new Batch(
                lasting,
                removed,
                live,
                seen,
                touchedHomes.stream().map(m -> new Batch.Home(m, homeOf(m))).toList(),
                existing(touchedUsers, users),
                gone(touchedUsers, users, base.parts.users()),
                existing(touchedKeys, keys),
                gone(touchedKeys, keys, base.parts.keys()),
                touchedFreed.stream().map(a -> new Batch.Freed(a, freed.get(a))).toList(),
                List.copyOf(touchedShelves.values()),
                touchedBindings.stream().map(b -> new Batch.Binding(b, bindings.get(b))).toList(),
                List.copyOf(policies),
                Durable.identical(dns, base.dns()) ? null : dns,
                Durable.identical(settings, base.settings()) ? null : settings,
                policy.inForce() == base.policy().inForce() ? null : policy.inForce(),
                changedCounters(),
                List.copyOf(audit));
    }

    private Map<String, Long> changedCounters() {
        Snapshot.Counters was = base.parts.counters();
        Map<String, Long> out = new LinkedHashMap<>();
        if (counters.node() != was.node()) {
            out.put("node", counters.node());
        }
        if (counters.user() != was.user()) {
            out.put("user", counters.user());
        }
        if (counters.v4() != was.v4()) {
            out.put("v4", counters.v4());
        }
        return out;
    }

    private static <K, V> List<V> existing(Set<K> touched, HashTrie<K, V> now) {
        return touched.stream().map(now::get).filter(Objects::nonNull).toList();
    }

    private static <K, V> List<K> gone(Set<K> touched, HashTrie<K, V> now, HashTrie<K, V> before) {
        return touched.stream().filter(k -> now.get(k) == null && before.get(k) != null).toList();
    }
}
