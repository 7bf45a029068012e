package hearth.policy;

import hearth.base.IpAddress;
import hearth.base.IpPrefix;
import hearth.base.IpRange;
import hearth.base.IpSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The devices of a world, findable by what selectors mean. Immutable once built. */
final class Roster {
    static final Comparator<NodeState> BY_ID = Comparator.comparingLong(NodeState::id);

    /** A device before and after a change; null where it was not there. */
    record Change(@Nullable NodeState before, @Nullable NodeState after) {}

    private final Document document;
    final Identities identities;
    final Map<Long, NodeState> byId;
    final int slots;
    private final Map<Selector, List<NodeState>> members;

    /** All devices, by ascending id. */
    final List<NodeState> all;

    /** Those with routes. */
    final List<NodeState> routers;

    /** Who leads to a subnet: the first online router, by id. */
    final Map<IpPrefix, NodeState> primaries;

    /** The approved subnet routes of the whole tailnet, as a filter writes them. */
    final List<String> subnetsWire;

    private NodeState @Nullable [] byV4;
    private NodeState @Nullable [] byV6;

    private Roster(
            Document document,
            Identities identities,
            Map<Long, NodeState> byId,
            List<NodeState> all,
            Map<Selector, List<NodeState>> members,
            int slots) {
        this.document = document;
        this.identities = identities;
        this.byId = byId;
        this.all = all;
        this.members = members;
        this.slots = slots;
        List<NodeState> routing = new ArrayList<>();
        for (NodeState n : all) {
            if (!n.routes.isEmpty()) {
                routing.add(n);
            }
        }
        this.routers = routing;
        this.primaries = new HashMap<>();
        TreeSet<String> wire = new TreeSet<>();
        for (NodeState n : routing) {
            for (IpPrefix p : n.routes.subList(0, n.subnetRoutes)) {
                wire.add(Ranges.wire(p.range()));
                primaries.merge(p, n, (a, b) -> !a.device.online() && b.device.online() ? b : a);
            }
        }
        this.subnetsWire = List.copyOf(wire);
    }

    /** The devices of {@code world}; states of {@code former} that still fit are taken over. */
    static Roster of(Document document, World world, @Nullable Roster former) {
        Identities identities = new Identities(document, world);
        Map<Long, NodeState> byId = HashMap.newHashMap(world.devices().size());
        List<NodeState> all = new ArrayList<>(world.devices().size());
        Map<Selector, List<NodeState>> members = new HashMap<>();
        for (Device d : world.devices()) {
            int slot = all.size();
            NodeState old = former == null ? null : former.byId.get(d.id());
            NodeState n = make(document, identities, d, slot);
            if (old != null
                    && old.slot == slot
                    && old.device.equals(d)
                    && old.identities.equals(n.identities)
                    && old.capMap.equals(n.capMap)) {
                n = old;
            }
            if (byId.put(d.id(), n) != null) {
                throw new IllegalArgumentException("two devices with id " + d.id());
            }
            all.add(n);
        }
        all.sort(BY_ID);
        for (NodeState n : all) {
            for (Selector s : n.identities) {
                members.computeIfAbsent(s, _ -> new ArrayList<>()).add(n);
            }
        }
        return new Roster(document, identities, byId, all, members, all.size());
    }

    private static NodeState make(Document document, Identities identities, Device d, int slot) {
        var of = identities.ofDevice(d);
        Map<String, List<JsonNode>> caps = new LinkedHashMap<>();
        if (document.randomizeClientPort()) {
            caps.put("randomize-client-port", List.of());
        }
        if (document.disableIpv4()) {
            caps.put(NodeState.DISABLE_IPV4, List.of());
        }
        // clients of every system obey the attribute, the switch is for one of them
        if (!document.oneCgnatRoute().isEmpty() && "macos".equals(d.attributes().get("node:os"))) {
            boolean always = document.oneCgnatRoute().equals("mac-always");
            caps.put("one-cgnat?v=" + always, List.of());
        }
        for (Document.NodeAttribute a : document.attributes()) {
            boolean meant = a.targets().stream().anyMatch(s -> isTarget(s, of, d));
            if (meant) {
                a.values().forEach((name, values) -> caps.merge(name, values, Roster::union));
            }
        }
        if (caps.containsKey("funnel")) {
            caps.putIfAbsent(
                    "https://tailscale.com/cap/funnel-ports?ports=443,8443,10000", List.of());
        }
        return new NodeState(d, slot, of, Collections.unmodifiableMap(caps));
    }

    private static boolean isTarget(Selector s, Set<Selector> of, Device d) {
        return switch (s) {
            case Selector.Everyone _ -> true;
            case Selector.Addresses a ->
                    a.onNodes().contains(d.v4()) || a.onNodes().contains(d.v6());
            case Selector.User _,
                    Selector.Group _,
                    Selector.Tag _,
                    Selector.Auto _,
                    Selector.Domain _,
                    Selector.Named _,
                    Selector.Service _ ->
                    of.contains(s);
        };
    }

    /**
     * The pools that the address of {@code d}, a device to come, is chosen from; in their order. It
     * has no address yet that a target could name.
     */
    List<IpPrefix> pools(Device d) {
        Set<Selector> of = identities.ofDevice(d);
        return document.attributes().stream()
                .filter(a -> a.targets().stream().anyMatch(s -> meansNewcomer(s, of)))
                .flatMap(a -> a.pools().stream())
                .distinct()
                .toList();
    }

    private static boolean meansNewcomer(Selector s, Set<Selector> of) {
        return s instanceof Selector.Everyone || of.contains(s);
    }

    private static List<JsonNode> union(List<JsonNode> a, List<JsonNode> b) {
        List<JsonNode> out = new ArrayList<>(a);
        b.stream().filter(v -> !a.contains(v)).forEach(out::add);
        return List.copyOf(out);
    }

    /** What differs in {@code next}, by ascending id. */
    List<Device> changed(World next) {
        List<Device> out = new ArrayList<>();
        for (Device d : next.devices()) {
            NodeState old = byId.get(d.id());
            if (old == null || !Objects.equals(old.device, d)) { // mostly the identical one
                out.add(d);
            }
        }
        return out;
    }

    /** The roster after {@code changes}, whose new states come from {@link #state}. */
    Roster with(List<Change> changes) {
        Map<Long, NodeState> ids = new HashMap<>(byId);
        Map<Selector, List<NodeState>> selected = new HashMap<>(members);
        Map<Selector, List<NodeState>> touched = new HashMap<>();
        List<NodeState> everybody = new ArrayList<>(all);
        int size = slots;
        for (Change c : changes) {
            if (c.before() != null) {
                ids.remove(c.before().id());
                remove(everybody, c.before());
                for (Selector s : c.before().identities) {
                    remove(copy(s, selected, touched), c.before());
                }
            }
            if (c.after() != null) {
                ids.put(c.after().id(), c.after());
                insert(everybody, c.after());
                size = Math.max(size, c.after().slot + 1);
                for (Selector s : c.after().identities) {
                    insert(copy(s, selected, touched), c.after());
                }
            }
        }
        return new Roster(document, identities, ids, everybody, selected, size);
    }

    private static List<NodeState> copy(
            Selector s,
            Map<Selector, List<NodeState>> selected,
            Map<Selector, List<NodeState>> touched) {
        return touched.computeIfAbsent(
                s,
                key -> {
                    List<NodeState> fresh = new ArrayList<>(selected.getOrDefault(key, List.of()));
                    selected.put(key, fresh);
                    return fresh;
                });
    }

    private static void insert(List<NodeState> sorted, NodeState n) {
        int at = Collections.binarySearch(sorted, n, BY_ID);
        sorted.add(at < 0 ? -at - 1 : at, n);
    }

    private static void remove(List<NodeState> sorted, NodeState n) {
        int at = Collections.binarySearch(sorted, n, BY_ID);
        if (at >= 0) {
            sorted.remove(at);
        }
    }

    /** The state of a device that is new or changed. */
    NodeState state(Device d, int slot) {
        return make(document, identities, d, slot);
    }

    /** The devices that {@code s} means by identity; none for addresses. */
    List<NodeState> members(Selector s) {
        return s instanceof Selector.Everyone ? all : members.getOrDefault(s, List.of());
    }

    /** The devices with an address in {@code set}. */
    List<NodeState> withAddressIn(IpSet set) {
        TreeSet<NodeState> out = new TreeSet<>(BY_ID);
        for (IpRange r : set.ranges()) {
            boolean v4 = r.first().v4();
            NodeState[] sorted = sorted(v4);
            for (int i = lowerBound(sorted, r.first(), v4);
                    i < sorted.length && address(sorted[i], v4).compareTo(r.last()) <= 0;
                    i++) {
                out.add(sorted[i]);
            }
        }
        return List.copyOf(out);
    }

    private NodeState[] sorted(boolean v4) {
        NodeState[] have = v4 ? byV4 : byV6;
        if (have == null) {
            have = all.toArray(new NodeState[0]);
            Arrays.sort(have, Comparator.comparing(n -> address(n, v4)));
            if (v4) {
                byV4 = have;
            } else {
                byV6 = have;
            }
        }
        return have;
    }

    private static IpAddress address(NodeState n, boolean v4) {
        return v4 ? n.device.v4() : n.device.v6();
    }

    private static int lowerBound(NodeState[] sorted, IpAddress a, boolean v4) {
        int low = 0;
        int high = sorted.length;
        while (low < high) {
            int mid = (low + high) >>> 1;
            if (address(sorted[mid], v4).compareTo(a) < 0) {
                low = mid + 1;
            } else {
                high = mid;
            }
        }
        return low;
    }
}
