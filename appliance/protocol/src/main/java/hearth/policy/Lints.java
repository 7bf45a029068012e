package hearth.policy;

import hearth.base.IpAddress;
import hearth.base.IpRange;
import hearth.base.IpSet;
import hearth.base.Problem;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a valid policy says that its author may not mean. The codes are W1 to W11 of
 * docs/protocol/policy-dialect.md; W2 belongs to a change and comes with {@link PolicyDiff}.
 */
public final class Lints {
    /** Beyond this many rules only names are looked at: the rest grows with their square. */
    private static final int MOST_RULES = 2_000;

    /** Pieces of a rule that is compared; a rule that falls into more is left alone. */
    private static final int MOST_BOXES = 2_000;

    /**
     * How the person who edits reaches the console.
     *
     * @param from the address that the person comes from
     * @param console the console's address in the tailnet
     */
    public record Editor(IpAddress from, IpAddress console, int port) {}

    private final Walk walk;
    private final CompiledPolicy compiled;
    private final List<Problem> out = new ArrayList<>();

    private Lints(Walk walk, CompiledPolicy compiled) {
        this.walk = walk;
        this.compiled = compiled;
    }

    /** All lints, in the order of the text. */
    public static List<Problem> of(Policy policy, World world, @Nullable Editor editor) {
        Lints lints = new Lints(new Walk(policy.document(), world), policy.compile(world));
        lints.names();
        lints.strangers();
        lints.selfGroups();
        lints.out.addAll(SshLints.of(lints.walk));
        if (lints.walk.states.size() <= MOST_RULES) {
            lints.rules();
        }
        if (editor != null) {
            lints.editor(editor);
        }
        lints.out.sort(
                (a, b) ->
                        a.line() != b.line()
                                ? Integer.compare(a.line(), b.line())
                                : Integer.compare(a.column(), b.column()));
        return List.copyOf(lints.out);
    }

    private void add(Place at, String code, String text) {
        out.add(walk.document.positions().problem(at.path(), at.offset(), code, text));
    }

    /** W7, W8, W9, and tags that nobody owns. */
    private void names() {
        Map<String, Device> byName = new HashMap<>();
        for (Device d : walk.world.devices()) {
            byName.put(d.name().toLowerCase(Locale.ROOT), d);
        }
        walk.document
                .hosts()
                .forEach(
                        (alias, addresses) -> {
                            Device d =
                                    byName.get(
                                            DeviceBindings.label(alias, walk.world.baseDomain()));
                            if (d != null && !isOf(addresses.set(), d)) {
                                add(
                                        walk.document.hostPlace(alias),
                                        "W7",
                                        "\""
                                                + alias
                                                + "\" is a host alias and a device: the alias"
                                                + " is meant; write \"device:"
                                                + alias
                                                + "\" for the device");
                            }
                        });
        walk.document
                .devices()
                .forEach(
                        (name, places) -> {
                            Place place = first(places);
                            String label = DeviceBindings.label(name, walk.world.baseDomain());
                            Long id = walk.world.bindings().get(label);
                            if (id == null) {
                                add(
                                        place,
                                        "W9",
                                        byName.containsKey(label)
                                                ? "the device \""
                                                        + name
                                                        + "\" took its name itself: the name"
                                                        + " matches nothing until it is bound"
                                                : "no device \""
                                                        + name
                                                        + "\" yet: the name is bound to the"
                                                        + " first one that an administrator lets"
                                                        + " in");
                            } else if (!walk.roster.byId.containsKey(id)) {
                                add(
                                        place,
                                        "W8",
                                        "the device \""
                                                + name
                                                + "\" is gone: the name matches"
                                                + " nothing until it is bound anew");
                            }
                        });
        for (Text tag : walk.document.openTags()) {
            add(
                    tag.place(),
                    "unknown-tag",
                    "\""
                            + tag.value().strip()
                            + "\" is not in tagOwners: only administrators may"
                            + " give it");
        }
    }

    /** Sources of tests that mean nobody: mostly a slip of the pen. */
    private void strangers() {
        walk.document.tests().forEach(t -> stranger(t.place(), t.from()));
        walk.document.sshTests().forEach(t -> stranger(t.place(), t.from()));
    }

    private void stranger(Place test, @Nullable Selector source) {
        if (source == null) {
            return;
        }
        boolean known =
                switch (source) {
                    case Selector.User(String login) -> isKnown(login);
                    case Selector.Group(String name) -> walk.document.groups().containsKey(name);
                    case Selector.Tag(String name) ->
                            walk.document.tagOwners().containsKey(name)
                                    || !walk.roster.members(source).isEmpty();
                    case Selector.Everyone _,
                            Selector.Auto _,
                            Selector.Domain _,
                            Selector.Named _,
                            Selector.Service _,
                            Selector.Addresses _ ->
                            true;
                };
        if (!known) {
            add(
                    test,
                    "stranger",
                    "nobody is \""
                            + source
                            + "\": the test is about a stranger, whom only \"*\" lets in");
        }
    }

    private boolean isKnown(String login) {
        return walk.world.users().stream()
                .anyMatch(
                        m ->
                                walk.roster
                                        .identities
                                        .ofUser(m.login())
                                        .contains(new Selector.User(login)));
    }

    private static Place first(List<Place> places) {
        return Collections.min(places, Comparator.comparingInt(Place::offset));
    }

    private static boolean isOf(IpSet set, Device d) {
        return set.contains(d.v4()) || set.contains(d.v6());
    }

    /** W10. */
    private void selfGroups() {
        for (PartState s : walk.states) {
            Part p = s.part();
            if (p.kind() != Part.Kind.SELF) {
                continue;
            }
            for (Selector source : p.sources()) {
                boolean devices =
                        source instanceof Selector.Group(String name)
                                && walk.document.groups().getOrDefault(name, List.of()).stream()
                                        .anyMatch(m -> !(m instanceof Selector.User));
                boolean addresses =
                        source instanceof Selector.Addresses a && a.token().startsWith("group:");
                if (devices || addresses) {
                    Problem lint =
                            walk.document
                                    .positions()
                                    .problem(
                                            p.rule().place().path(),
                                            p.rule().place().offset(),
                                            "W10",
                                            "of \""
                                                    + source
                                                    + "\" only the users count with"
                                                    + " autogroup:self, not its devices");
                    if (!out.contains(lint)) {
                        out.add(lint);
                    }
                }
            }
        }
    }

    /** What a rule concerns in the whole tailnet; its parts among own devices count together. */
    private static final class Area {
        final Rule rule;
        final List<Box> boxes = new ArrayList<>();
        final List<NodeState> at = new ArrayList<>();
        boolean tooMuch;

        Area(Rule rule) {
            this.rule = rule;
        }
    }

    private List<Area> areas() {
        Map<Rule, Area> out = new LinkedHashMap<>();
        for (PartState s : walk.states) {
            Area area = out.computeIfAbsent(s.part().rule(), Area::new);
            Map<List<Object>, Box> joined = new LinkedHashMap<>();
            for (Entry e : s.to()) {
                area.at.add(e.node());
                for (Box b : Denials.boxes(s, e.node())) {
                    joined.merge(
                            List.of(b.protocols(), b.ports()),
                            b,
                            (x, y) ->
                                    new Box(
                                            x.sources(),
                                            x.destinations().union(y.destinations()),
                                            x.protocols(),
                                            x.ports()));
                }
            }
            area.boxes.addAll(joined.values());
            area.tooMuch |= !s.part().app().isEmpty() || area.boxes.size() > MOST_BOXES;
        }
        return List.copyOf(out.values());
    }

    /** W1, W3, W4, W5. */
    private void rules() {
        List<Area> areas = areas();
        List<Box> before = new ArrayList<>();
        boolean icmpSaid = false;
        for (int i = 0; i < areas.size(); i++) {
            Area a = areas.get(i);
            if (!a.tooMuch && !a.boxes.isEmpty() && before.size() <= MOST_BOXES) {
                List<Box> fresh = Box.minus(a.boxes, before);
                boolean deny = a.rule.action() == Rule.Action.DENY;
                if (fresh.isEmpty() && !a.rule.isGrant()) {
                    add(
                            a.rule.place(),
                            "W4",
                            "never reached: the lines above decide about everything in it");
                } else if (deny && !takesAway(fresh, areas.subList(i + 1, areas.size()))) {
                    add(
                            a.rule.place(),
                            "W5",
                            "denies nothing that a line below would have allowed");
                } else if (deny) {
                    icmpSaid |= !icmpSaid && icmp(a, fresh);
                    ping(a);
                }
            }
            before.addAll(a.boxes);
        }
    }

    private static boolean takesAway(List<Box> fresh, List<Area> below) {
        for (Area b : below) {
            boolean accepts = b.rule.action() == Rule.Action.ACCEPT;
            if (accepts && (b.tooMuch || fresh.stream().anyMatch(f -> meets(f, b.boxes)))) {
                return true;
            }
        }
        return false;
    }

    private static boolean meets(Box box, List<Box> others) {
        return others.stream().anyMatch(box::overlaps);
    }

    /** W1: a client answers a ping as soon as any port is open. */
    private boolean icmp(Area deny, List<Box> fresh) {
        for (Box b : fresh) {
            if (!b.protocols().contains(1) && !b.protocols().contains(58)) {
                continue;
            }
            for (NodeState n : deny.at) {
                boolean open =
                        compiled.packetFilter(n.id()).stream()
                                .anyMatch(
                                        r ->
                                                r.srcIPs().stream()
                                                        .anyMatch(w -> overlaps(b.sources(), w)));
                if (open && isOf(b.destinations(), n.device)) {
                    add(
                            deny.rule.place(),
                            "W1",
                            "ping stays possible: official clients answer it to whom any port of \""
                                    + n.device.name()
                                    + "\" is open");
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean overlaps(IpSet set, String wire) {
        IpRange r = Ranges.parse(wire);
        return r == null || set.overlaps(IpSet.of(List.of(r)));
    }

    /** W3: devices that still see each other answer a TSMP ping. */
    private void ping(Area deny) {
        for (Box b : deny.boxes) {
            if (!b.ports().isAll()) {
                continue;
            }
            for (NodeState n : deny.at) {
                if (!isOf(b.destinations(), n.device)) {
                    continue;
                }
                for (PeerView p : compiled.peers(n.id())) {
                    NodeState peer = walk.roster.byId.get(p.id());
                    if (peer != null && isOf(b.sources(), peer.device)) {
                        add(
                                deny.rule.place(),
                                "W3",
                                "\""
                                        + peer.device.name()
                                        + "\" and \""
                                        + n.device.name()
                                        + "\" still see each other by another line, so"
                                        + " \"tailscale ping --tsmp\" is answered");
                        return;
                    }
                }
            }
        }
    }

    /** W6. */
    private void editor(Editor e) {
        var flow = new FirstMatch.Flow(e.from(), e.console(), 6, e.port());
        if (walk.match.allows(flow)) {
            return;
        }
        Part decides = walk.match.decide(flow);
        add(
                decides == null ? new Place("", 0) : decides.rule().place(),
                "W6",
                "you would no longer reach this console at " + e.console() + ":" + e.port());
    }
}
