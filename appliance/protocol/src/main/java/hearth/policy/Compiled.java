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

    final Document document;
    private final World world;
    final List<Part> parts;
    final Roster roster;
    final PartState[] states; // null for parts among a user's own devices
    final Map<String, List<PartState>> selfStates; // by login, in part order
    final SshCompiler ssh;
    final @Nullable MutualAccess mutual;
    final Map<Long, NodeResult> results;
    private final TagOwners owners;

    Compiled(
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
        Denials denials = Denials.find(parts, states, self, n -> sides[1][n.slot]);
        MutualAccess mutual =
                denials == null
                        ? MutualAccess.find(states, roster, former == null ? null : former.mutual)
                        : null;
        ResultWriter writer = new ResultWriter(roster, states, self, ssh, mutual, denials);
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

    static List<PartState> selfStates(List<Part> parts, List<NodeState> own, Matching matching) {
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

    @Override
    public CompiledPolicy recompile(World next) {
        List<Device> changed = roster.changed(next);
        boolean sameCount = next.devices().size() == roster.all.size();
        List<Roster.Change> changes =
                sameCount && changed.isEmpty()
                        ? List.of()
                        : Recompilation.changes(roster, next, changed);
        if (!roster.identities.fits(next)
                || changes.size() > MOST_CHANGES
                || !next.bindings().equals(world.bindings())
                || !next.baseDomain().equals(world.baseDomain())) {
            return whole(document, parts, next, this);
        }
        if (changes.isEmpty()) {
            return new Compiled(
                    document, next, parts, roster, states, selfStates, ssh, mutual, results);
        }
        return new Recompilation(this, next, changes).run();
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
    public boolean sshUnrecorded(long source, long destination, String localUser) {
        NodeState s = roster.byId.get(source);
        NodeState d = roster.byId.get(destination);
        return s != null && d != null && ssh.isUnrecorded(s, d, localUser);
    }

    @Override
    public @Nullable RelaySection relays() {
        return document.derpMap() == null ? null : document.derpMap().relays();
    }

    @Override
    public List<IpPrefix> ipPools(Device device) {
        return roster.pools(device);
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
    public Set<String> tags() {
        return owners.tags();
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
        homeless(out);
        return List.copyOf(out);
    }

    /** Without a relay that it can make its home a client does not come up. */
    private void homeless(List<Problem> out) {
        DerpMapReader.Section derp = document.derpMap();
        if (derp != null
                && derp.relays().omitDefault()
                && !derp.relays().hasHome()
                && document.dialect() == Policy.Dialect.HEARTH) {
            out.add(
                    document.positions()
                            .problem(
                                    derp.place().path(),
                                    derp.place().offset(),
                                    "no-relay",
                                    "derpMap: OmitDefaultRegions leaves no region that can be a"
                                            + " device's home"));
        }
    }

    /** Rules that denies cut into too many pieces to be sent: they allow nothing. */
    private void overflows(List<Problem> out) {
        Denials denials =
                Denials.find(parts, states, selfStates, n -> result(n.id()).asDestination);
        if (denials == null) {
            return;
        }
        for (NodeState n : roster.all) {
            for (int order : result(n.id()).asDestination) {
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
