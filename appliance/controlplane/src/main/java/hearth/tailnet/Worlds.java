package hearth.tailnet;

import hearth.control.Hostinfo;
import hearth.policy.Device;
import hearth.policy.Member;
import hearth.policy.World;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The tailnet as the policy sees it. Confined to the writer's thread: it keeps the last devices, so
 * that an unchanged one is the identical object.
 */
final class Worlds {
    private record Known(Node node, boolean online, Device device) {}

    private Map<Long, Known> known = new HashMap<>();
    private @Nullable World last;

    /** The world of {@code s}; the identical one when nothing that a policy may ask for changed. */
    World of(Snapshot s) {
        Set<Long> suspended = new HashSet<>();
        for (User u : s.users()) {
            if (u.suspended()) {
                suspended.add(u.id());
            }
        }
        Map<Long, Known> next = HashMap.newHashMap(s.nodeCount());
        List<Device> devices = new ArrayList<>(s.nodeCount());
        for (Node n : s.nodes()) {
            if (n.authorized() && !suspended.contains(n.userId())) {
                Known k = known(s, n);
                next.put(n.id(), k);
                devices.add(k.device);
            }
        }
        known = next;
        List<Member> members =
                s.users().stream()
                        .filter(u -> !u.suspended())
                        .map(u -> new Member(u.login(), Member.Role.valueOf(u.role().name())))
                        .toList();
        Map<String, Long> bindings = new HashMap<>();
        s.parts.bindings().forEach(bindings::put);
        var world =
                new World(
                        s.owner().login(),
                        members,
                        List.copyOf(devices),
                        s.domain(),
                        Map.copyOf(bindings));
        if (last == null || !same(last, world)) {
            last = world;
        }
        return last;
    }

    private static boolean same(World a, World b) {
        if (a.devices().size() != b.devices().size()) {
            return false;
        }
        for (int i = 0; i < a.devices().size(); i++) {
            if (!Durable.identical(a.devices().get(i), b.devices().get(i))) {
                return false;
            }
        }
        return a.owner().equals(b.owner())
                && a.users().equals(b.users())
                && a.bindings().equals(b.bindings());
    }

    private Known known(Snapshot s, Node n) {
        // only a router's presence matters: whether it may be the primary one
        boolean online = n.approved().isEmpty() || (s.presence(n.id()).online() && !n.expired());
        Known was = known.get(n.id());
        if (was != null && Durable.identical(was.node, n) && was.online == online) {
            return was;
        }
        Device device =
                new Device(
                        n.id(),
                        n.name(),
                        n.isTagged() ? null : s.userOf(n).login(),
                        n.tags(),
                        n.v4(),
                        n.v6(),
                        n.advertised(),
                        n.approved(),
                        online,
                        attributes(was, n));
        Device same = was != null && was.device.equals(device) ? was.device : device;
        return new Known(n, online, same);
    }

    private static Map<String, String> attributes(@Nullable Known was, Node n) {
        return was != null && Durable.identical(was.node.hostinfo(), n.hostinfo())
                ? was.device.attributes()
                : attributes(n.hostinfo());
    }

    /** The posture attributes that a Hostinfo tells. */
    static Map<String, String> attributes(Hostinfo h) {
        Map<String, String> out = new HashMap<>();
        if (!h.os().isEmpty()) {
            out.put("node:os", h.os().toLowerCase(Locale.ROOT));
        }
        if (!h.osVersion().isEmpty()) {
            out.put("node:osVersion", h.osVersion());
        }
        String version = h.ipnVersion();
        if (!version.isEmpty()) {
            String number = version.split("-", 2)[0];
            out.put("node:tsVersion", number);
            String[] parts = number.split("\\.", 3);
            boolean odd = parts.length > 1 && parts[1].matches("[0-9]*[13579]");
            out.put("node:tsReleaseTrack", odd ? "unstable" : "stable");
            out.put("node:tsAutoUpdate", Boolean.toString(h.flag("AllowsUpdate")));
        }
        Boolean encrypted = h.told("StateEncrypted");
        if (encrypted != null) {
            out.put("node:tsStateEncrypted", encrypted.toString());
        }
        return Map.copyOf(out);
    }
}
