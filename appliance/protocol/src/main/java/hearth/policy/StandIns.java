package hearth.policy;

import hearth.base.IpAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Devices, and services, that tests speak of and that nobody has yet. The service judges tests by
 * identity: a policy is tested before its devices join, and a source that means nobody is a
 * stranger, whom only {@code *} lets in.
 */
final class StandIns {
    private static final IpAddress LAST_V4 = IpAddress.parse("100.127.255.255");
    private static final IpAddress LAST_V6 = IpAddress.parse("fd7a:115c:a1e0:ffff::");

    private final Document document;
    private final World world;
    private final Roster roster;
    private final Set<IpAddress> taken = new HashSet<>();
    private final List<Device> devices = new ArrayList<>();
    private final Map<Selector, List<Long>> bySelector = new HashMap<>();
    private final Map<Object, Long> ids = new HashMap<>();
    private IpAddress v4 = LAST_V4;
    private IpAddress v6 = LAST_V6;

    StandIns(Document document, World world, Roster roster) {
        this.document = document;
        this.world = world;
        this.roster = roster;
        for (Device d : world.devices()) {
            taken.add(d.v4());
            taken.add(d.v6());
        }
        for (Document.PolicyTest t : document.tests()) {
            add(t.from(), true);
            t.accept().forEach(f -> add(f.to(), false));
            t.deny().forEach(f -> add(f.to(), false));
        }
        for (Document.SshTest t : document.sshTests()) {
            add(t.from(), true);
            t.destinations().forEach(to -> add(to, false));
        }
    }

    /** The world's devices and those that stand in. */
    List<Device> all() {
        List<Device> out = new ArrayList<>(world.devices());
        out.addAll(devices);
        return out;
    }

    boolean none() {
        return devices.isEmpty();
    }

    /** Who stands in for {@code s}, by device id. */
    List<Long> of(Selector s) {
        return bySelector.getOrDefault(s, List.of());
    }

    static boolean standsIn(Device d) {
        return d.id() < 0;
    }

    private void add(@Nullable Selector s, boolean source) {
        if (s == null || bySelector.containsKey(s) || !roster.members(s).isEmpty()) {
            return;
        }
        List<Long> found = new ArrayList<>();
        switch (s) {
            case Selector.Tag(String name) -> {
                if (document.tagOwners().containsKey(name)) {
                    found.add(device(name, null, List.of(name)));
                }
            }
            case Selector.User _, Selector.Group _, Selector.Domain _, Selector.Auto _ -> {
                for (Member m : world.users()) {
                    if (roster.identities.ofUser(m.login()).contains(s)) {
                        found.add(device(m.login(), m.login(), List.of()));
                    }
                }
            }
            case Selector.Service(String name) -> found.add(device(name, null, List.of(name)));
            case Selector.Everyone _, Selector.Named _, Selector.Addresses _ -> {
                return;
            }
        }
        if (found.isEmpty() && source) {
            found.add(device(StandIns.class, null, List.of()));
        }
        bySelector.put(s, found);
    }

    private long device(Object who, @Nullable String user, List<String> tags) {
        return ids.computeIfAbsent(
                who,
                _ -> {
                    long id = -1L - ids.size();
                    v4 = free(v4);
                    v6 = free(v6);
                    devices.add(
                            new Device(id, "-" + -id, user, tags, v4, v6, List.of(), List.of()));
                    return id;
                });
    }

    private IpAddress free(IpAddress from) {
        IpAddress a = from;
        do {
            a = a.previous();
        } while (taken.contains(a));
        return a;
    }
}
