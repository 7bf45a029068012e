package hearth.policy;

import hearth.base.IpPrefix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One step from a compiled policy to the next world, touching what a change touches. */
final class Recompilation {
    private final Compiled was;
    private final World next;
    private final List<Roster.Change> changes;
    private final Roster after;
    private final PartState[] fresh;
    private final Map<String, List<PartState>> freshSelf;
    private final Map<Long, int[][]> sides = new HashMap<>();
    private final Set<NodeState> refilter = new HashSet<>();
    private final Set<NodeState> repeer = new HashSet<>();
    private final boolean denies;

    Recompilation(Compiled was, World next, List<Roster.Change> changes) {
        this.was = was;
        this.next = next;
        this.changes = withStandIns(was.roster, changes);
        this.after = was.roster.with(this.changes);
        this.fresh = was.states.clone();
        this.freshSelf = new HashMap<>(was.selfStates);
        this.denies = was.parts.stream().anyMatch(Part::isDeny);
    }

    Compiled run() {
        Matching matching = new Matching(was.document, after);
        Map<Integer, List<Roster.Change>> from = new HashMap<>();
        Map<Integer, List<Roster.Change>> to = new HashMap<>();
        for (Roster.Change c : changes) {
            NodeState n = c.after();
            NodeState b = c.before();
            NodeResult old =
                    b == null ? NodeResult.NONE : was.results.getOrDefault(b.id(), NodeResult.NONE);
            int[] asSource = n == null ? new int[0] : standsIn(matching, n, true);
            int[] asDestination = n == null ? new int[0] : standsIn(matching, n, false);
            if (n != null) {
                sides.put(n.id(), new int[][] {asSource, asDestination});
                refilter.add(n);
                repeer.add(n);
            }
            note(c, old.asSource, asSource, from);
            note(c, old.asDestination, asDestination, to);
        }
        Set<Integer> parts = new HashSet<>(from.keySet());
        parts.addAll(to.keySet());
        for (int order : parts) {
            touch(
                    matching,
                    order,
                    from.getOrDefault(order, List.of()),
                    to.getOrDefault(order, List.of()));
        }
        if (!after.subnetsWire.equals(was.roster.subnetsWire)) {
            rewriteEveryone(matching);
        }
        touchSelf(matching);
        SshCompiler freshSsh = new SshCompiler(was.document, after, was.ssh);
        MutualAccess freshMutual = denies ? null : MutualAccess.find(fresh, after, was.mutual);
        return new Compiled(
                was.document,
                next,
                was.parts,
                after,
                fresh,
                freshSelf,
                freshSsh,
                freshMutual,
                write(freshSsh, freshMutual));
    }

    private int[] standsIn(Matching matching, NodeState n, boolean source) {
        int[] out = new int[was.parts.size()];
        int count = 0;
        for (Part p : was.parts) {
            if (p.kind() != Part.Kind.SELF && matching.entry(p, source, n) != null) {
                out[count++] = p.order();
            }
        }
        return Arrays.copyOf(out, count);
    }

    private void note(
            Roster.Change c, int[] before, int[] now, Map<Integer, List<Roster.Change>> out) {
        Set<Integer> all = new HashSet<>();
        for (int i : before) {
            all.add(i);
        }
        for (int i : now) {
            all.add(i);
        }
        for (int i : all) {
            out.computeIfAbsent(i, _ -> new ArrayList<>()).add(c);
        }
    }

    private void touch(
            Matching matching, int order, List<Roster.Change> from, List<Roster.Change> to) {
        PartState old = fresh[order];
        PartState now = matching.state(old, from, to);
        boolean sameWire = now.sources().equals(old.sources());
        fresh[order] =
                sameWire ? new PartState(now.part(), now.from(), now.to(), old.sources()) : now;
        if (now.part().isDeny()) {
            return; // what it takes from a changed node is in the accepts that the node stands in
        }
        if (!sameWire || (denies && !from.isEmpty())) {
            affect(now.to(), refilter);
        }
        if (!from.isEmpty()) {
            affect(now.to(), repeer);
        }
        if (!to.isEmpty()) {
            affect(now.from(), repeer);
        }
    }

    private void affect(List<Entry> entries, Set<NodeState> out) {
        for (Entry e : entries) {
            out.add(e.node());
        }
    }

    /** {@code *} as a source is written with all subnets, which changed. */
    private void rewriteEveryone(Matching matching) {
        for (Part p : was.parts) {
            boolean everyone = p.sources().stream().anyMatch(s -> s instanceof Selector.Everyone);
            if (everyone && p.kind() != Part.Kind.SELF) {
                PartState now = matching.rewrite(fresh[p.order()]);
                if (!now.sources().equals(fresh[p.order()].sources())) {
                    fresh[p.order()] = now;
                    affect(now.to(), refilter);
                }
            }
        }
    }

    private void touchSelf(Matching matching) {
        if (was.parts.stream().noneMatch(p -> p.kind() == Part.Kind.SELF)) {
            return;
        }
        Set<String> logins = new HashSet<>();
        for (Roster.Change c : changes) {
            for (NodeState n : Arrays.asList(c.before(), c.after())) {
                if (n != null) {
                    logins.add(Compiled.login(n));
                }
            }
        }
        logins.remove("");
        for (String login : logins) {
            List<NodeState> own =
                    after.members(new Selector.User(login)).stream()
                            .filter(n -> Compiled.login(n).equals(login))
                            .toList();
            freshSelf.put(login, Compiled.selfStates(was.parts, own, matching));
            refilter.addAll(own);
            repeer.addAll(own);
        }
    }

    private Map<Long, NodeResult> write(SshCompiler freshSsh, @Nullable MutualAccess freshMutual) {
        Map<Long, NodeResult> out = new HashMap<>(was.results);
        for (Roster.Change c : changes) {
            if (c.before() != null && c.after() == null) {
                out.remove(c.before().id());
            }
        }
        Denials denials = Denials.find(was.parts, fresh, freshSelf, this::asDestination);
        ResultWriter writer =
                new ResultWriter(after, fresh, freshSelf, freshSsh, freshMutual, denials);
        if (freshMutual != null && freshMutual != was.mutual) {
            repeer.addAll(after.all);
        }
        Set<NodeState> all = new HashSet<>(refilter);
        all.addAll(repeer);
        all.addAll(freshSsh.changed());
        for (NodeState n : all) {
            NodeResult old = was.results.get(n.id());
            int[][] own = sides.get(n.id());
            if (own == null) {
                NodeResult kept = old == null ? NodeResult.NONE : old;
                own = new int[][] {kept.asSource, kept.asDestination};
            }
            out.put(
                    n.id(),
                    writer.write(n, own[0], own[1], old, refilter.contains(n), repeer.contains(n)));
        }
        return out;
    }

    private int[] asDestination(NodeState n) {
        int[][] own = sides.get(n.id());
        return own == null
                ? was.results.getOrDefault(n.id(), NodeResult.NONE).asDestination
                : own[1];
    }

    /** What differs in {@code next}, of which the roster found {@code changed}. */
    static List<Roster.Change> changes(Roster roster, World next, List<Device> changed) {
        List<Roster.Change> out = new ArrayList<>();
        int slot = roster.slots;
        Set<Long> ids = null;
        if (next.devices().size() - changed.size()
                != roster.all.size() - countKnown(roster, changed)) {
            ids = new HashSet<>();
            for (Device d : next.devices()) {
                ids.add(d.id());
            }
        }
        for (Device d : changed) {
            NodeState before = roster.byId.get(d.id());
            out.add(
                    new Roster.Change(
                            before, roster.state(d, before == null ? slot++ : before.slot)));
        }
        if (ids != null) {
            for (NodeState n : roster.all) {
                if (!ids.contains(n.id())) {
                    out.add(new Roster.Change(n, null));
                }
            }
        }
        return out;
    }

    private static int countKnown(Roster roster, List<Device> changed) {
        int out = 0;
        for (Device d : changed) {
            out += roster.byId.containsKey(d.id()) ? 1 : 0;
        }
        return out;
    }

    /**
     * Adds the other routers of a changed router's subnets: which of them is primary may change,
     * and with it what their peers are told.
     */
    private static List<Roster.Change> withStandIns(Roster roster, List<Roster.Change> changes) {
        Set<IpPrefix> touched = new HashSet<>();
        Set<Long> ids = new HashSet<>();
        for (Roster.Change c : changes) {
            for (NodeState n : Arrays.asList(c.before(), c.after())) {
                if (n != null) {
                    ids.add(n.id());
                    touched.addAll(n.routes);
                }
            }
        }
        List<Roster.Change> out = new ArrayList<>(changes);
        if (!touched.isEmpty()) {
            for (NodeState n : roster.routers) {
                if (ids.add(n.id()) && n.routes.stream().anyMatch(touched::contains)) {
                    out.add(new Roster.Change(n, n));
                }
            }
        }
        return out;
    }
}
