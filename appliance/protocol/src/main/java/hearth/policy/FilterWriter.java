package hearth.policy;

import hearth.base.IpPrefix;
import hearth.base.IpRange;
import hearth.base.IpSet;
import hearth.control.CapGrant;
import hearth.control.FilterRule;
import hearth.control.NetPortRange;
import hearth.control.PortRange;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Writes the filter of one node: per rule only the destinations that are the node's own, rules with
 * the same sources and protocols joined, capabilities apart.
 */
final class FilterWriter {
    private record Key(Sources sources, List<Integer> protocols) {}

    private final NodeState node;
    private final Map<Key, List<NetPortRange>> open = new LinkedHashMap<>();
    private final List<Object> order = new ArrayList<>(); // Key or FilterRule

    FilterWriter(NodeState node) {
        this.node = node;
    }

    void add(PartState state) {
        if (state.sources().isEmpty()) {
            return;
        }
        for (Rule.Opening o : state.part().openings()) {
            List<NetPortRange> out = destinations(state.part(), o);
            if (!out.isEmpty()) {
                Key key = new Key(state.sources(), o.protocols());
                List<NetPortRange> known = open.get(key);
                if (known == null) {
                    open.put(key, out);
                    order.add(key);
                } else {
                    known.addAll(out);
                }
            }
        }
        if (!state.part().app().isEmpty()) {
            FilterRule caps = capabilities(state);
            if (caps != null) {
                order.add(caps);
            }
        }
    }

    /** As {@link #add(PartState)}, but only what {@code cut} leaves. */
    void add(PartState state, Cut cut) {
        order.addAll(BoxRules.of(cut.boxes()));
        FilterRule caps = state.part().app().isEmpty() ? null : capabilities(state);
        if (caps == null) {
            return;
        }
        if (cut.app() == null) {
            order.add(caps);
            return;
        }
        for (Box b : cut.app()) {
            List<CapGrant> grants = new ArrayList<>();
            for (CapGrant g : caps.capGrant()) {
                List<String> at =
                        g.dsts().stream()
                                .filter(d -> Ranges.overlaps(b.destinations(), IpPrefix.parse(d)))
                                .toList();
                grants.add(new CapGrant(at, g.caps(), g.capMap()));
            }
            order.add(new FilterRule(Ranges.wire(b.sources()), List.of(), List.of(), grants));
        }
    }

    /** Where on this node the targets of an opening lie. */
    List<NetPortRange> destinations(Part part, Rule.Opening opening) {
        List<NetPortRange> out = new ArrayList<>();
        for (Rule.Target t : opening.targets()) {
            destinations(part, t, out);
        }
        return out;
    }

    /** Where on this node the capabilities of a part hold. */
    IpSet capabilitySet(Part part) {
        return IpSet.ofPrefixes(capabilityPrefixes(part).stream().map(IpPrefix::parse).toList());
    }

    List<FilterRule> filter() {
        List<FilterRule> out = new ArrayList<>(order.size());
        for (Object o : order) {
            if (o instanceof FilterRule r) {
                out.add(r);
            } else if (o instanceof Key key) {
                List<NetPortRange> to = List.copyOf(open.getOrDefault(key, List.of()));
                out.add(new FilterRule(key.sources().wire, to, key.protocols(), List.of()));
            }
        }
        return List.copyOf(out);
    }

    private void destinations(Part part, Rule.Target target, List<NetPortRange> out) {
        if (part.kind() == Part.Kind.VIA) {
            viaDestinations(target, out);
            return;
        }
        switch (target.to()) {
            case Selector.Everyone _ -> open("*", target, out);
            case Selector.Addresses a -> {
                for (IpRange r : a.set().ranges()) {
                    if (isOwn(a, r) || leadsTo(r) || (node.isExitNode() && isPublic(r))) {
                        open(Ranges.wire(r), target, out);
                    }
                }
            }
            case Selector.Auto(AutoGroup g) when g == AutoGroup.INTERNET -> internet(target, out);
            case Selector.Auto(AutoGroup g) when g == AutoGroup.SELF -> own(target, out);
            case Selector.User _,
                    Selector.Group _,
                    Selector.Tag _,
                    Selector.Auto _,
                    Selector.Domain _,
                    Selector.Named _,
                    Selector.Service _ -> {
                if (node.identities.contains(target.to())) {
                    own(target, out);
                }
            }
        }
    }

    private boolean isOwn(Selector.Addresses a, IpRange r) {
        return Stream.of(node.device.v4(), node.device.v6())
                .anyMatch(ip -> r.contains(ip) && a.onNodes().contains(ip));
    }

    private void viaDestinations(Rule.Target target, List<NetPortRange> out) {
        switch (target.to()) {
            case Selector.Everyone _ -> {
                for (IpPrefix p : node.routes.subList(0, node.subnetRoutes)) {
                    open(Ranges.wire(p.range()), target, out);
                }
                internet(target, out);
            }
            case Selector.Addresses a -> {
                for (IpRange r : a.set().ranges()) {
                    if (leadsTo(r)) {
                        open(Ranges.wire(r), target, out);
                    }
                }
            }
            case Selector.Auto(AutoGroup g) -> {
                if (g == AutoGroup.INTERNET) {
                    internet(target, out);
                }
            }
            case Selector.User _,
                    Selector.Group _,
                    Selector.Tag _,
                    Selector.Domain _,
                    Selector.Named _,
                    Selector.Service _ -> {}
        }
    }

    private void own(Rule.Target target, List<NetPortRange> out) {
        open(node.v4, target, out);
        open(node.v6, target, out);
    }

    private void internet(Rule.Target target, List<NetPortRange> out) {
        if (node.isExitNode()) {
            Ranges.INTERNET_WIRE.forEach(w -> open(w, target, out));
        }
    }

    private static void open(String ip, Rule.Target target, List<NetPortRange> out) {
        for (PortRange p : target.ports()) {
            out.add(new NetPortRange(ip, p));
        }
    }

    private boolean leadsTo(IpRange r) {
        for (int i = 0; i < node.subnetRoutes; i++) {
            IpPrefix p = node.routes.get(i);
            if (p.first().compareTo(r.last()) <= 0
                    && r.first().compareTo(p.last()) <= 0
                    && p.address().v4() == r.first().v4()) {
                return true;
            }
        }
        return false;
    }

    private static boolean isPublic(IpRange r) {
        return Ranges.INTERNET.ranges().stream()
                .anyMatch(i -> i.contains(r.first()) && i.contains(r.last()));
    }

    private Set<String> capabilityPrefixes(Part part) {
        Set<String> at = new LinkedHashSet<>();
        for (Selector s : part.appTo()) {
            if (s instanceof Selector.Addresses a) {
                capabilityRanges(a, at);
            } else if (s instanceof Selector.Everyone
                    || s.is(AutoGroup.SELF)
                    || node.identities.contains(s)) {
                at.add(node.v4 + "/32");
                at.add(node.v6 + "/128");
            }
        }
        return at;
    }

    private @Nullable FilterRule capabilities(PartState state) {
        Set<String> at = capabilityPrefixes(state.part());
        if (at.isEmpty()) {
            return null;
        }
        Map<String, List<JsonNode>> app = state.part().app();
        Map<String, @Nullable List<JsonNode>> map = new LinkedHashMap<>();
        app.forEach((name, values) -> map.put(name, values.isEmpty() ? null : values));
        CapGrant grant = new CapGrant(List.copyOf(at), List.of(), map);
        return new FilterRule(state.sources().wire, List.of(), List.of(), List.of(grant));
    }

    private void capabilityRanges(Selector.Addresses a, Set<String> at) {
        if (a.onNodes().contains(node.device.v4())) {
            at.add(node.v4 + "/32");
        }
        if (a.onNodes().contains(node.device.v6())) {
            at.add(node.v6 + "/128");
        }
        for (IpRange r : a.set().ranges()) {
            if (leadsTo(r)) {
                r.prefixes().forEach(p -> at.add(p.toString()));
            }
        }
    }
}
