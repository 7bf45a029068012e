package hearth.policy;

import hearth.base.IpSet;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Which nodes of a roster a part concerns, and how one node is concerned. */
final class Matching {
    private static final Comparator<Entry> BY_ID = Comparator.comparingLong(e -> e.node().id());

    private final Document document;
    private final Roster roster;

    Matching(Document document, Roster roster) {
        this.document = document;
        this.roster = roster;
    }

    PartState state(Part part) {
        List<Entry> from = collect(part.sources(), true, part);
        List<Entry> to = collect(part.targets(), false, part);
        return new PartState(part, from, to, wire(part, from));
    }

    /** The former state with some nodes of it exchanged. */
    PartState state(
            PartState former,
            Collection<Roster.Change> fromChanged,
            Collection<Roster.Change> toChanged) {
        Part part = former.part();
        List<Entry> from = replace(former.from(), fromChanged, part, true);
        List<Entry> to = replace(former.to(), toChanged, part, false);
        return new PartState(part, from, to, wire(part, from));
    }

    /** The former state for the case that only addresses without a node are written anew. */
    PartState rewrite(PartState former) {
        return new PartState(
                former.part(), former.from(), former.to(), wire(former.part(), former.from()));
    }

    private List<Entry> replace(
            List<Entry> old, Collection<Roster.Change> changes, Part part, boolean source) {
        if (changes.isEmpty()) {
            return old;
        }
        List<Entry> out = new ArrayList<>(old);
        for (Roster.Change c : changes) {
            NodeState any = c.after() == null ? c.before() : c.after();
            if (any == null) {
                continue;
            }
            Entry e = c.after() == null ? null : entry(part, source, c.after());
            int at = Collections.binarySearch(out, new Entry(any, false, Entry.NO_ROUTES), BY_ID);
            if (at >= 0 && e != null) {
                out.set(at, e);
            } else if (at >= 0) {
                out.remove(at);
            } else if (e != null) {
                out.add(-at - 1, e);
            }
        }
        return List.copyOf(out);
    }

    private List<Selector> side(Part part, boolean source) {
        return source ? part.sources() : part.targets();
    }

    /** How {@code n} stands on one side of {@code part}; null when it does not. */
    @Nullable Entry entry(Part part, boolean source, NodeState n) {
        Entry out = null;
        for (Selector s : side(part, source)) {
            Entry e = entry(part, source, s, n);
            out = out == null || e == null ? (out == null ? e : out) : out.join(e);
        }
        return out;
    }

    private @Nullable Entry entry(Part part, boolean source, Selector s, NodeState n) {
        boolean asSource = source != part.isCompanion();
        if (asSource && !fulfils(part.rule(), n)) {
            return null;
        }
        if (part.kind() == Part.Kind.VIA && !source) {
            return viaEntry(part, s, n);
        }
        if (part.kind() == Part.Kind.SELF && source && !isOwner(s, n)) {
            return null;
        }
        return switch (s) {
            case Selector.Everyone _ -> new Entry(n, false, source ? subnets(n) : n.everyRoute);
            case Selector.Auto(AutoGroup g) when g == AutoGroup.DANGER_ALL ->
                    new Entry(n, false, subnets(n));
            case Selector.Auto(AutoGroup g) when g == AutoGroup.INTERNET ->
                    n.isExitNode() ? new Entry(n, false, exits(n)) : null;
            case Selector.Auto(AutoGroup g) when g == AutoGroup.SELF ->
                    n.isTagged() || n.device.user() == null
                            ? null
                            : new Entry(n, true, Entry.NO_ROUTES);
            case Selector.Addresses a -> addressEntry(a, n, source);
            case Selector.User _,
                    Selector.Group _,
                    Selector.Tag _,
                    Selector.Auto _,
                    Selector.Domain _,
                    Selector.Named _,
                    Selector.Service _ ->
                    n.identities.contains(s) ? new Entry(n, true, Entry.NO_ROUTES) : null;
        };
    }

    /** Whether the owner of {@code n} is meant: devices in a group do not count here. */
    private boolean isOwner(Selector s, NodeState n) {
        String user = n.device.user();
        return !(s instanceof Selector.Group)
                ? !(s instanceof Selector.Addresses)
                : user != null && roster.identities.ofUser(user).contains(s);
    }

    private static @Nullable Entry viaEntry(Part part, Selector s, NodeState n) {
        if (part.rule().via().stream().noneMatch(t -> n.device.tags().contains(t))) {
            return null;
        }
        BitSet routes =
                switch (s) {
                    case Selector.Everyone _ -> n.everyRoute;
                    case Selector.Addresses a -> routesIn(a.set(), n);
                    case Selector.Auto(AutoGroup g) ->
                            g == AutoGroup.INTERNET ? exits(n) : Entry.NO_ROUTES;
                    case Selector.User _,
                            Selector.Group _,
                            Selector.Tag _,
                            Selector.Domain _,
                            Selector.Named _,
                            Selector.Service _ ->
                            Entry.NO_ROUTES;
                };
        return routes.isEmpty() ? null : new Entry(n, false, routes);
    }

    private static @Nullable Entry addressEntry(Selector.Addresses a, NodeState n, boolean source) {
        IpSet set = a.set();
        BitSet routes = n.routes.isEmpty() ? Entry.NO_ROUTES : routesIn(set, n);
        if (source && n.isExitNode()) {
            routes.clear(n.subnetRoutes, n.routes.size()); // what lies behind an exit is no source
        }
        boolean own = a.onNodes().contains(n.device.v4()) || a.onNodes().contains(n.device.v6());
        boolean exit = !source && n.isExitNode() && set.overlaps(Ranges.INTERNET);
        return own || exit || !routes.isEmpty() ? new Entry(n, false, routes) : null;
    }

    /** The subnet routes that {@code set} touches; a default route only when it covers all. */
    private static BitSet routesIn(IpSet set, NodeState n) {
        BitSet out = new BitSet();
        for (int i = 0; i < n.subnetRoutes; i++) {
            out.set(i, Ranges.overlaps(set, n.routes.get(i)));
        }
        for (int i = n.subnetRoutes; i < n.routes.size(); i++) {
            IpSet family = IpSet.of(n.routes.get(i)).intersect(Ranges.INTERNET);
            out.set(i, set.containsAll(family));
        }
        return out;
    }

    private static BitSet subnets(NodeState n) {
        if (n.subnetRoutes == n.routes.size()) {
            return n.everyRoute;
        }
        BitSet out = new BitSet();
        out.set(0, n.subnetRoutes);
        return out;
    }

    private static BitSet exits(NodeState n) {
        BitSet out = new BitSet();
        out.set(n.subnetRoutes, n.routes.size());
        return out;
    }

    /** Whether the device of a source is in the state that the rule asks for. */
    private boolean fulfils(Rule rule, NodeState n) {
        if (rule.postures().isEmpty()) {
            return true;
        }
        return rule.postures().stream()
                .map(p -> document.postures().getOrDefault(p, List.of()))
                .anyMatch(all -> all.stream().allMatch(p -> p.holds(n.device.attributes())));
    }

    private List<Entry> collect(List<Selector> selectors, boolean source, Part part) {
        TreeMap<Long, Entry> out = new TreeMap<>();
        for (Selector s : selectors) {
            for (NodeState n : candidates(s, part, source)) {
                Entry e = entry(part, source, s, n);
                if (e != null) {
                    out.merge(n.id(), e, Entry::join);
                }
            }
        }
        return List.copyOf(out.values());
    }

    private Collection<NodeState> candidates(Selector s, Part part, boolean source) {
        if (part.kind() == Part.Kind.VIA && !source) {
            return roster.routers;
        }
        return switch (s) {
            case Selector.Addresses a -> {
                List<NodeState> out = new ArrayList<>(roster.withAddressIn(a.onNodes()));
                out.addAll(roster.routers);
                yield out;
            }
            case Selector.Auto(AutoGroup g) when g == AutoGroup.INTERNET -> roster.routers;
            case Selector.Auto(AutoGroup g) when g == AutoGroup.DANGER_ALL -> roster.all;
            case Selector.Auto(AutoGroup g) when g == AutoGroup.SELF ->
                    roster.members(new Selector.Auto(AutoGroup.MEMBER));
            case Selector.Everyone _,
                    Selector.User _,
                    Selector.Group _,
                    Selector.Tag _,
                    Selector.Auto _,
                    Selector.Domain _,
                    Selector.Named _,
                    Selector.Service _ ->
                    roster.members(s);
        };
    }

    private Sources wire(Part part, List<Entry> from) {
        if (!part.rule().postures().isEmpty() && !part.isCompanion()) {
            // a posture can be asked of nodes only
            return Sources.of(
                    from.stream().map(e -> new Entry(e.node(), true, e.routes())).toList(),
                    List.of());
        }
        List<String> more = new ArrayList<>();
        for (Selector s : part.sources()) {
            switch (s) {
                case Selector.Everyone _ -> {
                    more.addAll(Ranges.TAILNET_WIRE);
                    more.addAll(roster.subnetsWire);
                }
                case Selector.Addresses a -> more.addAll(a.wire());
                case Selector.Auto(AutoGroup g) -> {
                    if (g == AutoGroup.DANGER_ALL) {
                        return new Sources(List.of("*"));
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
        return Sources.of(from, more);
    }
}
