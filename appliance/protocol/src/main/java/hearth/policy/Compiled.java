package hearth.policy;

import hearth.base.IpPrefix;
import hearth.base.Problem;
import hearth.control.FilterRule;
import hearth.control.SSHPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A {@link Document} applied to a {@link World}.
 *
 * <p>Each part of a rule knows the nodes on both its sides; each node knows the parts it stands in.
 * So a node's filter and peers are written from its own parts only, and a changed node touches only
 * the parts it stood or stands in and the nodes on their other side.
 */
final class Compiled implements CompiledPolicy {
    /** More changes than this at once are compiled as a whole. */
    private static final int MOST_CHANGES = 64;

    /** What one node is sent, and the parts it stands in, by their order. */
    private static final class NodeResult {
        static final NodeResult NONE =
                new NodeResult(new int[0], new int[0], List.of(), List.of(), null);

        final int[] asSource;
        final int[] asDestination;
        final List<FilterRule> filter;
        final List<PeerView> peers;
        final @Nullable SSHPolicy ssh;

        NodeResult(
                int[] asSource,
                int[] asDestination,
                List<FilterRule> filter,
                List<PeerView> peers,
                @Nullable SSHPolicy ssh) {
            this.asSource = asSource;
            this.asDestination = asDestination;
            this.filter = filter;
            this.peers = peers;
            this.ssh = ssh;
        }
    }

    private final Document document;
    private final World world;
    private final List<Part> parts;
    private final Roster roster;
    private final PartState[] states; // null for parts among a user's own devices
    private final Map<String, List<PartState>> selfStates; // by login, in part order
    private final SshCompiler ssh;
    private final @Nullable MutualAccess mutual;
    private final Map<Long, NodeResult> results;
    private final TagOwners owners;

    private Compiled(
            Document document,
            World world,
            List<Part> parts,
            Roster roster,
            PartState[] states,
            Map<String, List<PartState>> selfStates,
            SshCompiler ssh,
            @Nullable MutualAccess mutual,
            Map<Long, NodeResult> results) {
        this.document = document;
        this.world = world;
        this.parts = parts;
        this.roster = roster;
        this.states = states;
        this.selfStates = selfStates;
        this.ssh = ssh;
        this.mutual = mutual;
        this.results = results;
        this.owners = new TagOwners(document, roster.identities);
    }

    /** What {@code former} gave a node and this gives it as well stays the identical object. */
    static Compiled of(Document document, World world, @Nullable Compiled former) {
        List<Rule> rules = document.rules();
        return whole(document, Part.of(rules == null ? EVERYTHING : rules), world, former);
    }

    /** What a policy without acls and grants means. */
    static final List<Rule> EVERYTHING =
            List.of(
                    new Rule(
                            new Place("", 0),
                            Rule.Action.ACCEPT,
                            List.of(new Selector.Everyone()),
                            List.of(),
                            List.of(),
                            List.of(
                                    new Rule.Opening(
                                            List.of(),
                                            List.of(
                                                    new Rule.Target(
                                                            new Selector.Everyone(),
                                                            List.of(
                                                                    hearth.control.PortRange
                                                                            .ALL))))),
                            Map.of(),
                            List.of()));

    private static Compiled whole(
            Document document, List<Part> parts, World world, @Nullable Compiled former) {
        Roster roster = Roster.of(document, world, former == null ? null : former.roster);
        Matching matching = new Matching(document, roster);
        PartState[] states = new PartState[parts.size()];
        for (Part p : parts) {
            if (p.kind() != Part.Kind.SELF) {
                states[p.order()] = matching.state(p);
            }
        }
        Map<String, List<PartState>> self = selfStates(parts, roster, matching);
        SshCompiler ssh = new SshCompiler(document, roster, null);
        int[][][] sides = sides(states, roster);
        Denials denials = Denials.find(parts, states, self, sides[1]);
        MutualAccess mutual =
                denials == null
                        ? MutualAccess.find(states, roster, former == null ? null : former.mutual)
                        : null;
        Writer writer = new Writer(roster, states, self, ssh, mutual, denials);
        Map<Long, NodeResult> results = HashMap.newHashMap(roster.all.size());
        for (NodeState n : roster.all) {
            NodeResult old = former == null ? null : former.results.get(n.id());
            results.put(
                    n.id(), writer.write(n, sides[0][n.slot], sides[1][n.slot], old, true, true));
        }
        return new Compiled(document, world, parts, roster, states, self, ssh, mutual, results);
    }

    /** For each slot the parts that it is a source of, and those it is a destination of. */
    private static int[][][] sides(PartState[] states, Roster roster) {
        int[][][] out = new int[2][roster.slots][];
        int[][] counts = new int[2][roster.slots];
        for (int round = 0; round < 2; round++) {
            for (int side = 0; side < 2; side++) {
                if (round == 1) {
                    for (int i = 0; i < roster.slots; i++) {
                        out[side][i] = new int[counts[side][i]];
                    }
                    Arrays.fill(counts[side], 0);
                }
                for (PartState s : states) {
                    if (s == null) {
                        continue;
                    }
                    List<Entry> entries = side == 0 ? s.from() : s.to();
                    for (Entry e : entries) {
                        int slot = e.node().slot;
                        if (round == 1) {
                            out[side][slot][counts[side][slot]] = s.part().order();
                        }
                        counts[side][slot]++;
                    }
                }
            }
        }
        return out;
    }

    static Map<String, List<PartState>> selfStates(
            List<Part> parts, Roster roster, Matching matching) {
        Map<String, List<PartState>> out = new HashMap<>();
        if (parts.stream().noneMatch(p -> p.kind() == Part.Kind.SELF)) {
            return out;
        }
        Map<String, List<NodeState>> byLogin = new HashMap<>();
        for (NodeState n : roster.members(new Selector.Auto(AutoGroup.MEMBER))) {
            byLogin.computeIfAbsent(login(n), _ -> new ArrayList<>()).add(n);
        }
        byLogin.forEach((login, own) -> out.put(login, selfStates(parts, own, matching)));
        return out;
    }

    private static List<PartState> selfStates(
            List<Part> parts, List<NodeState> own, Matching matching) {
        List<PartState> out = new ArrayList<>();
        for (Part p : parts) {
            if (p.kind() != Part.Kind.SELF) {
                continue;
            }
            List<Entry> from = selfSide(p, true, own, matching);
            List<Entry> to = selfSide(p, false, own, matching);
            if (!from.isEmpty() && !to.isEmpty()) {
                out.add(new PartState(p, from, to, Sources.of(from, List.of())));
            }
        }
        return out;
    }

    private static List<Entry> selfSide(
            Part p, boolean source, List<NodeState> own, Matching matching) {
        List<Entry> out = new ArrayList<>();
        for (NodeState n : own) {
            if (matching.entry(p, source, n) != null) {
                out.add(new Entry(n, true, Entry.NO_ROUTES));
            }
        }
        return List.copyOf(out);
    }

    /** The owner in lower case; empty for a tagged device. */
    static String login(NodeState n) {
        String user = n.device.user();
        return n.isTagged() || user == null ? "" : user.toLowerCase(Locale.ROOT);
    }

    /** Writes results of nodes, keeping what did not change. Confined to one thread. */
    private static final class Writer {
        private final PartState[] states;
        private final Map<String, List<PartState>> self;
        private final SshCompiler ssh;
        private final PeerWriter peers;
        private final @Nullable MutualAccess mutual;
        private final @Nullable Denials denials;

        Writer(
                Roster roster,
                PartState[] states,
                Map<String, List<PartState>> self,
                SshCompiler ssh,
                @Nullable MutualAccess mutual,
                @Nullable Denials denials) {
            this.denials = denials;
            this.states = states;
            this.self = self;
            this.ssh = ssh;
            this.peers = new PeerWriter(roster);
            this.mutual = mutual;
        }

        NodeResult write(
                NodeState n,
                int[] asSource,
                int[] asDestination,
                @Nullable NodeResult old,
                boolean filterToo,
                boolean peersToo) {
            List<PartState> own = self.getOrDefault(login(n), List.of());
            List<FilterRule> filter =
                    filterToo || old == null ? filter(n, asDestination, own) : old.filter;
            List<PeerView> views =
                    peersToo || old == null
                            ? peers(n, asSource, asDestination, own, old)
                            : old.peers;
            SSHPolicy sshPolicy = ssh.policy(n);
            if (old == null) {
                return new NodeResult(asSource, asDestination, filter, views, sshPolicy);
            }
            return new NodeResult(
                    asSource,
                    asDestination,
                    filter.equals(old.filter) ? old.filter : filter,
                    mutual == null && views.equals(old.peers) ? old.peers : views,
                    sshPolicy != null && sshPolicy.equals(old.ssh) ? old.ssh : sshPolicy);
        }

        private List<FilterRule> filter(NodeState n, int[] asDestination, List<PartState> own) {
            FilterWriter out = new FilterWriter(n);
            int next = 0;
            for (int order : asDestination) {
                while (next < own.size() && own.get(next).part().order() < order) {
                    add(own.get(next++), n, out);
                }
                add(states[order], n, out);
            }
            while (next < own.size()) {
                add(own.get(next++), n, out);
            }
            return out.filter();
        }

        private void add(PartState s, NodeState n, FilterWriter out) {
            Cut cut = cut(s, n);
            if (cut != null) {
                out.add(s, cut);
            } else if (!s.part().isDeny()) {
                out.add(s);
            }
        }

        private @Nullable Cut cut(PartState s, NodeState destination) {
            return denials == null || s.part().isDeny() ? null : denials.cut(s, destination);
        }

        /** The destinations of {@code s} that {@code n} may still reach. */
        private List<Entry> destinations(PartState s, NodeState n) {
            if (denials == null) {
                return s.to();
            }
            List<Entry> out = new ArrayList<>();
            for (Entry e : s.part().isDeny() ? List.<Entry>of() : s.to()) {
                Cut cut = cut(s, e.node());
                Entry left = cut == null ? e : cut.seenBy(n, e);
                if (left != null) {
                    out.add(left);
                }
            }
            return out;
        }

        /** The sources of {@code s} that may still reach {@code n}. */
        private List<Entry> sources(PartState s, NodeState n) {
            Cut cut = cut(s, n);
            if (s.part().isDeny()) {
                return List.of();
            }
            if (cut == null) {
                return s.from();
            }
            List<Entry> out = new ArrayList<>();
            for (Entry e : s.from()) {
                Entry left = cut.seen(e);
                if (left != null) {
                    out.add(left);
                }
            }
            return out;
        }

        private List<PeerView> peers(
                NodeState n,
                int[] asSource,
                int[] asDestination,
                List<PartState> own,
                @Nullable NodeResult old) {
            if (mutual != null) {
                return mutual.peers(n, old == null ? null : old.peers);
            }
            peers.start();
            for (int order : asSource) {
                PartState s = states[order];
                if (s.part().kind() == Part.Kind.VIA) {
                    peers.addVia(destinations(s, n));
                } else {
                    peers.add(destinations(s, n));
                }
            }
            for (int order : asDestination) {
                if (!states[order].sources().isEmpty()) {
                    peers.add(sources(states[order], n));
                }
            }
            for (PartState s : own) {
                if (s.from().stream().anyMatch(e -> e.node() == n)) {
                    peers.add(destinations(s, n));
                }
                if (s.to().stream().anyMatch(e -> e.node() == n)) {
                    peers.add(sources(s, n));
                }
            }
            return peers.peers(n);
        }
    }

    @Override
    public CompiledPolicy recompile(World next) {
        List<Device> changed = roster.changed(next);
        boolean sameCount = next.devices().size() == roster.all.size();
        List<Roster.Change> changes =
                sameCount && changed.isEmpty() ? List.of() : changes(next, changed);
        if (!roster.identities.fits(next)
                || changes.size() > MOST_CHANGES
                || parts.stream().anyMatch(Part::isDeny)
                || !next.bindings().equals(world.bindings())
                || !next.baseDomain().equals(world.baseDomain())) {
            return whole(document, parts, next, this);
        }
        if (changes.isEmpty()) {
            return new Compiled(
                    document, next, parts, roster, states, selfStates, ssh, mutual, results);
        }
        return new Recompilation(next, withStandIns(changes)).run();
    }

    private List<Roster.Change> changes(World next, List<Device> changed) {
        List<Roster.Change> out = new ArrayList<>();
        int slot = roster.slots;
        Set<Long> ids = null;
        if (next.devices().size() - changed.size() != roster.all.size() - countKnown(changed)) {
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

    private int countKnown(List<Device> changed) {
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
    private List<Roster.Change> withStandIns(List<Roster.Change> changes) {
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

    /** One step from the enclosing state to the next world, touching what a change touches. */
    private final class Recompilation {
        private final World next;
        private final List<Roster.Change> changes;
        private final Roster after;
        private final PartState[] fresh = states.clone();
        private final Map<String, List<PartState>> freshSelf = new HashMap<>(selfStates);
        private final Map<Long, int[][]> sides = new HashMap<>();
        private final Set<NodeState> refilter = new HashSet<>();
        private final Set<NodeState> repeer = new HashSet<>();

        Recompilation(World next, List<Roster.Change> changes) {
            this.next = next;
            this.changes = changes;
            this.after = roster.with(changes);
        }

        Compiled run() {
            Matching matching = new Matching(document, after);
            Map<Integer, List<Roster.Change>> from = new HashMap<>();
            Map<Integer, List<Roster.Change>> to = new HashMap<>();
            for (Roster.Change c : changes) {
                NodeState n = c.after();
                NodeState b = c.before();
                NodeResult old =
                        b == null ? NodeResult.NONE : results.getOrDefault(b.id(), NodeResult.NONE);
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
            if (!after.subnetsWire.equals(roster.subnetsWire)) {
                rewriteEveryone(matching);
            }
            touchSelf(matching);
            SshCompiler freshSsh = new SshCompiler(document, after, ssh);
            MutualAccess freshMutual = MutualAccess.find(fresh, after, mutual);
            return new Compiled(
                    document,
                    next,
                    Compiled.this.parts,
                    after,
                    fresh,
                    freshSelf,
                    freshSsh,
                    freshMutual,
                    write(freshSsh, freshMutual));
        }

        private int[] standsIn(Matching matching, NodeState n, boolean source) {
            int[] out = new int[parts.size()];
            int count = 0;
            for (Part p : parts) {
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
            if (!sameWire) {
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
            for (Part p : parts) {
                boolean everyone =
                        p.sources().stream().anyMatch(s -> s instanceof Selector.Everyone);
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
            if (parts.stream().noneMatch(p -> p.kind() == Part.Kind.SELF)) {
                return;
            }
            Set<String> logins = new HashSet<>();
            for (Roster.Change c : changes) {
                for (NodeState n : Arrays.asList(c.before(), c.after())) {
                    if (n != null) {
                        logins.add(login(n));
                    }
                }
            }
            logins.remove("");
            for (String login : logins) {
                List<NodeState> own =
                        after.members(new Selector.User(login)).stream()
                                .filter(n -> login(n).equals(login))
                                .toList();
                freshSelf.put(login, selfStates(parts, own, matching));
                refilter.addAll(own);
                repeer.addAll(own);
            }
        }

        private Map<Long, NodeResult> write(
                SshCompiler freshSsh, @Nullable MutualAccess freshMutual) {
            Map<Long, NodeResult> out = new HashMap<>(results);
            for (Roster.Change c : changes) {
                if (c.before() != null && c.after() == null) {
                    out.remove(c.before().id());
                }
            }
            Writer writer = new Writer(after, fresh, freshSelf, freshSsh, freshMutual, null);
            if (freshMutual != null && freshMutual != mutual) {
                repeer.addAll(after.all);
            }
            Set<NodeState> all = new HashSet<>(refilter);
            all.addAll(repeer);
            all.addAll(freshSsh.changed());
            for (NodeState n : all) {
                NodeResult old = results.get(n.id());
                int[][] own = sides.get(n.id());
                if (own == null) {
                    NodeResult kept = old == null ? NodeResult.NONE : old;
                    own = new int[][] {kept.asSource, kept.asDestination};
                }
                out.put(
                        n.id(),
                        writer.write(
                                n, own[0], own[1], old, refilter.contains(n), repeer.contains(n)));
            }
            return out;
        }
    }

    private NodeResult result(long node) {
        return results.getOrDefault(node, NodeResult.NONE);
    }

    @Override
    public List<FilterRule> packetFilter(long node) {
        return result(node).filter;
    }

    @Override
    public List<PeerView> peers(long node) {
        return result(node).peers;
    }

    @Override
    public List<IpPrefix> allowedIps(long node) {
        NodeState n = roster.byId.get(node);
        return n == null ? List.of() : n.allowedIps;
    }

    @Override
    public @Nullable SSHPolicy ssh(long node) {
        return result(node).ssh;
    }

    @Override
    public @Nullable Duration sshCheckPeriod(long source, long destination, String localUser) {
        NodeState s = roster.byId.get(source);
        NodeState d = roster.byId.get(destination);
        return s == null || d == null ? null : ssh.checkPeriod(s, d, localUser);
    }

    @Override
    public Map<String, List<JsonNode>> capMap(long node) {
        NodeState n = roster.byId.get(node);
        return n == null ? Map.of() : n.capMap;
    }

    @Override
    public boolean autoApproves(long node, IpPrefix route) {
        NodeState n = roster.byId.get(node);
        return n != null && owners.approves(n.identities, route);
    }

    @Override
    public boolean autoApproves(Device device, IpPrefix route) {
        return owners.approves(roster.identities.ofDevice(device), route);
    }

    @Override
    public boolean mayOwnTag(String owner, String tag) {
        return owners.mayOwn(owner, tag);
    }

    @Override
    public World world() {
        return world;
    }

    @Override
    public Set<String> deviceNames() {
        return document.deviceLabels(world.baseDomain());
    }

    @Override
    public List<Problem> objections() {
        Collection<PartState> plain = new ArrayList<>();
        for (PartState s : states) {
            if (s != null) {
                plain.add(s);
            }
        }
        List<Problem> out =
                new ArrayList<>(
                        new PolicyTests(document, world, roster, plain, selfStates, ssh)
                                .objections());
        overflows(out);
        return List.copyOf(out);
    }

    /** Rules that denies cut into too many pieces to be sent: they allow nothing. */
    private void overflows(List<Problem> out) {
        int[][] asDestination = new int[roster.slots][];
        for (NodeState n : roster.all) {
            asDestination[n.slot] = result(n.id()).asDestination;
        }
        Denials denials = Denials.find(parts, states, selfStates, asDestination);
        if (denials == null) {
            return;
        }
        for (NodeState n : roster.all) {
            for (int order : asDestination[n.slot]) {
                if (!states[order].part().isDeny()) {
                    denials.cut(states[order], n);
                }
            }
        }
        for (Denials.Overflow o : denials.overflows()) {
            Place at = o.accept().place();
            out.add(
                    document.positions()
                            .problem(
                                    at.path(),
                                    at.offset(),
                                    "too-many-parts",
                                    at.path()
                                            + " falls into more than "
                                            + Denials.MOST_BOXES
                                            + " parts on \""
                                            + o.node().device.name()
                                            + "\" because of "
                                            + o.deny().place().path()
                                            + " and the denies above it"));
        }
    }
}
