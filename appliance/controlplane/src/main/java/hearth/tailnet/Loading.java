package hearth.tailnet;

import hearth.base.IpAddress;
import hearth.crypto.MachineKey;
import hearth.crypto.NodeKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Builds the first snapshot from what was stored. */
final class Loading {
    private Loading() {}

    static Snapshot snapshot(String domain, Stored s, PolicyState policy, Instant now) {
        HashTrie<Long, Node> nodes = HashTrie.empty();
        HashTrie<NodeKey, Long> byKey = HashTrie.empty();
        HashTrie<MachineKey, List<Long>> byMachine = HashTrie.empty();
        HashTrie<String, Long> byName = HashTrie.empty();
        HashTrie<IpAddress, Long> byAddress = HashTrie.empty();
        for (Node stored : s.nodes()) {
            Node n = Devices.expired(stored, now);
            nodes = nodes.with(n.id(), n);
            byKey = byKey.with(n.key(), n.id());
            List<Long> ids = new ArrayList<>();
            List<Long> before = byMachine.get(n.machine());
            if (before != null) {
                ids.addAll(before);
            }
            ids.add(n.id());
            byMachine = byMachine.with(n.machine(), List.copyOf(ids));
            byName = byName.with(n.name(), n.id());
            byAddress = byAddress.with(n.v4(), n.id()).with(n.v6(), n.id());
        }
        HashTrie<Long, User> users = HashTrie.empty();
        for (User u : s.users()) {
            users = users.with(u.id(), u);
        }
        HashTrie<String, AuthKey> keys = HashTrie.empty();
        for (AuthKey k : s.keys()) {
            keys = keys.with(k.id(), k);
        }
        HashTrie<Long, Presence> presence = HashTrie.empty();
        for (Batch.Seen p : s.seen()) {
            if (nodes.get(p.node()) != null) {
                presence = presence.with(p.node(), new Presence(false, p.time()));
            }
        }
        HashTrie<MachineKey, Integer> homes = HashTrie.empty();
        for (Batch.Home h : s.homes()) {
            homes = homes.with(h.machine(), h.derp());
        }
        HashTrie<IpAddress, Instant> freed = HashTrie.empty();
        for (Batch.Freed f : s.freed()) {
            Instant time = f.time();
            if (time != null) {
                freed = freed.with(f.address(), time);
            }
        }
        HashTrie<String, Long> bindings = HashTrie.empty();
        for (Batch.Binding b : s.bindings()) {
            Long node = b.node();
            if (node != null) {
                bindings = bindings.with(b.name(), node);
            }
        }
        DnsSettings dns = s.dns();
        Settings settings = s.settings();
        return new Snapshot(
                new Snapshot.Parts(
                        1,
                        domain,
                        nodes,
                        byKey,
                        byMachine,
                        byName,
                        byAddress,
                        users,
                        keys,
                        HashTrie.empty(),
                        presence,
                        homes,
                        freed,
                        shelves(s),
                        bindings,
                        dns == null ? DnsSettings.DEFAULT : dns,
                        settings == null ? Settings.DEFAULT : settings,
                        policy,
                        counters(s)));
    }

    private static HashTrie<String, HashTrie<String, String>> shelves(Stored s) {
        HashTrie<String, HashTrie<String, String>> shelves = HashTrie.empty();
        for (Batch.ShelfEntry e : s.shelves()) {
            HashTrie<String, String> shelf = shelves.get(e.shelf());
            String value = e.value();
            if (shelf == null) {
                shelf = HashTrie.empty();
            }
            if (value != null) {
                shelves = shelves.with(e.shelf(), shelf.with(e.key(), value));
            }
        }
        return shelves;
    }

    private static Snapshot.Counters counters(Stored s) {
        long policy = s.policies().isEmpty() ? 0 : s.policies().getLast().version();
        return new Snapshot.Counters(
                s.counters().getOrDefault("node", 0L),
                s.counters().getOrDefault("user", 0L),
                s.counters().getOrDefault("v4", 0L),
                s.counters().getOrDefault("audit", 0L),
                s.auditHash(),
                policy);
    }
}
