package hearth.console;

import hearth.base.IpAddress;
import hearth.base.Problem;
import hearth.base.Refused;
import hearth.console.view.Access.Answer;
import hearth.console.view.Access.DiffLine;
import hearth.console.view.Access.Effect;
import hearth.console.view.Access.Name;
import hearth.console.view.Access.Note;
import hearth.console.view.Access.Preview;
import hearth.console.view.Access.Question;
import hearth.console.view.Access.Step;
import hearth.console.view.Access.Trouble;
import hearth.console.view.Chip;
import hearth.policy.CompiledPolicy;
import hearth.policy.DeviceBindings;
import hearth.policy.Explain;
import hearth.policy.InvalidPolicy;
import hearth.policy.Lints;
import hearth.policy.Policy;
import hearth.policy.PolicyDiff;
import hearth.policy.TextDiff;
import hearth.tailnet.DeviceName;
import hearth.tailnet.Node;
import hearth.tailnet.PolicyVersion;
import hearth.tailnet.Snapshot;
import hearth.tailnet.Tailnet;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What a policy lets today's machines do, and why, in words for the access pages. */
final class Effects {
    private static final int MAX_LINES = 200;
    private static final int MAX_NAMES = 4;
    private static final int MAX_STEPS = 60;
    private static final int HTTPS = 443;

    private final Tailnet tailnet;

    Effects(Tailnet tailnet) {
        this.tailnet = tailnet;
    }

    /** Who gains and who loses what if the person at {@code remote} saves {@code text}. */
    Preview preview(String text, IpAddress remote) throws InvalidPolicy {
        Snapshot now = tailnet.snapshot();
        CompiledPolicy next = tailnet.tryPolicy(text);
        PolicyDiff.Preview diff = PolicyDiff.between(now.compiled(), next);
        List<Trouble> warnings = new ArrayList<>();
        Policy policy = Policy.parse(text, Policy.Dialect.HEARTH);
        for (Problem p : Lints.of(policy, next.world(), editor(now, remote))) {
            warnings.add(trouble(p));
        }
        for (Problem p : diff.warnings()) {
            warnings.add(trouble(p));
        }
        return preview(
                now,
                diff,
                warnings,
                LineDiff.of(now.policy().text(), text),
                names(DeviceName.of(now, next.deviceNames(), next.world())),
                PolicyVersion.etag(text) + bound(next));
    }

    /** The names of the text with their nodes: a save takes what was looked at. */
    private static String bound(CompiledPolicy policy) {
        var out = new StringBuilder();
        new TreeMap<>(policy.world().bindings())
                .forEach((name, node) -> out.append(' ').append(name).append('=').append(node));
        return out.toString();
    }

    /** Who gains and who loses what if a device name of the policy in force means {@code node}. */
    Preview preview(String name, Node node) {
        Snapshot now = tailnet.snapshot();
        CompiledPolicy was = now.compiled();
        Map<String, Long> bindings =
                DeviceBindings.rebound(was.world().bindings(), name, node.id());
        CompiledPolicy next = was.recompile(was.world().with(bindings));
        PolicyDiff.Preview diff = PolicyDiff.between(was, next);
        List<Trouble> warnings = new ArrayList<>();
        diff.warnings().forEach(p -> warnings.add(trouble(p)));
        return preview(now, diff, warnings, List.of(), List.of(), "");
    }

    private static Preview preview(
            Snapshot now,
            PolicyDiff.Preview diff,
            List<Trouble> warnings,
            List<DiffLine> lines,
            List<Name> names,
            String digest) {
        String part =
                diff.complete()
                        ? ""
                        : "What reaches "
                                + Text.count(diff.concerned(), "machine", "machines")
                                + " changes: too much to compare it all. The numbers and the list"
                                + " are of the first of them.";
        List<Effect> lost = effects(now, diff.changes(), false);
        List<Effect> gained = effects(now, diff.changes(), true);
        List<Effect> all = new ArrayList<>(lost);
        all.addAll(gained);
        int left = Math.max(0, all.size() - MAX_LINES);
        return new Preview(
                List.copyOf(all.subList(0, all.size() - left)),
                gained.size(),
                lost.size(),
                part,
                left,
                diff.notes().stream().limit(MAX_LINES).map(Effects::note).toList(),
                List.copyOf(warnings.subList(0, Math.min(warnings.size(), 50))),
                lines,
                names,
                digest);
    }

    private static Note note(PolicyDiff.Note n) {
        String topic =
                switch (n.topic()) {
                    case RELAYS -> "relays";
                    case ADDRESSES -> "addresses";
                    case ATTRIBUTES -> "attributes";
                    case ROUTES -> "routes";
                    case TAGS -> "tags";
                };
        return new Note(topic, Text.cut(n.text(), 200), some(n.devices()));
    }

    /** The device names of the policy in force. */
    List<Name> bindings() {
        return names(DeviceName.of(tailnet.snapshot()));
    }

    private List<Name> names(List<DeviceName> all) {
        return all.stream().map(this::name).toList();
    }

    Name name(DeviceName n) {
        Node node = n.node();
        Node bearer = n.bearer();
        return new Name(
                n.name(),
                switch (n.state()) {
                    case BOUND -> new Chip("ok", "check", "bound");
                    case RENAMED -> new Chip("info", "arrow", "other name");
                    case WAITING -> new Chip("warn", "clock", "waits for approval");
                    case GONE -> new Chip("bad", "stop", "device is gone");
                    case PENDING -> new Chip("warn", "clock", "no device yet");
                },
                node == null ? "" : node.name(),
                node == null ? "" : details(node),
                n.state() == DeviceName.State.RENAMED,
                bearer == null ? "" : details(bearer));
    }

    /** A device beside its name: its address, and its tags or its owner. */
    String details(Node n) {
        return n.v4()
                + " · "
                + (n.isTagged()
                        ? String.join(" ", n.tags())
                        : tailnet.snapshot().userOf(n).login());
    }

    /** Whoever looks at this page from inside the tailnet could lock themselves out. */
    private static Lints.@Nullable Editor editor(Snapshot now, IpAddress remote) {
        if (now.nodeByAddress(remote) == null) {
            return null;
        }
        for (Node n : now.nodes()) {
            if (n.local()) {
                return new Lints.Editor(remote, remote.v4() ? n.v4() : n.v6(), HTTPS);
            }
        }
        return null;
    }

    private static Trouble trouble(Problem p) {
        return new Trouble(p.line(), p.column(), Pages.sentence(p.text()));
    }

    /** Changes that differ only in where they lead stand in one line. */
    private static List<Effect> effects(
            Snapshot now, List<PolicyDiff.Change> changes, boolean gains) {
        record Kind(List<String> sources, String traffic) {}
        Map<Kind, Set<String>> found = new LinkedHashMap<>();
        for (PolicyDiff.Change c : changes) {
            if (c.gains() == gains) {
                boolean all = c.sources().size() > 2 && c.sources().size() >= now.nodeCount() - 1;
                List<String> who = all ? List.of("every other machine") : c.sources();
                found.computeIfAbsent(new Kind(who, c.traffic()), _ -> new TreeSet<>())
                        .add(c.destination());
            }
        }
        List<Effect> out = new ArrayList<>();
        found.forEach(
                (kind, targets) ->
                        out.add(
                                new Effect(
                                        gains,
                                        some(kind.sources()),
                                        some(List.copyOf(targets)),
                                        kind.traffic())));
        return out;
    }

    private static String some(List<String> all) {
        int more = all.size() - MAX_NAMES;
        return String.join(", ", all.subList(0, Math.min(MAX_NAMES, all.size())))
                + (more > 0 ? " and " + more + " more" : "");
    }

    /** What {@code after} says differently, place by place; empty when one cannot be read. */
    static List<String> edits(String before, String after) {
        return TextDiff.told(before, after).stream().map(e -> Text.cut(e, 300)).toList();
    }

    /** Machines, people and tags, to choose from. */
    List<String> names() {
        Snapshot now = tailnet.snapshot();
        var out = new TreeSet<String>();
        for (Node n : now.nodes()) {
            out.add(n.name());
            out.addAll(n.tags());
        }
        now.users().forEach(u -> out.add(u.login()));
        return List.copyOf(out);
    }

    /** Whether a source may reach a destination, and which line says so. */
    Answer explain(Question q) throws Refused {
        Snapshot now = tailnet.snapshot();
        boolean ping = q.proto().equals("icmp");
        if (!ping && !q.port().matches("[0-9]{1,5}")) {
            throw Refused.invalid("port \"" + q.port() + "\": expected 0 to 65535");
        }
        int port = ping ? 0 : Integer.parseInt(q.port());
        Policy policy;
        try {
            policy = Policy.parse(tailnet.policyInForce(), Policy.Dialect.HEARTH);
        } catch (InvalidPolicy e) {
            throw new IllegalStateException("the policy in force cannot be read", e);
        }
        List<Explain.Answer> answers =
                Explain.explain(policy, now.world(), q.src(), q.dst(), q.proto(), port);
        List<Step> steps = new ArrayList<>();
        long yes = answers.stream().filter(Explain.Answer::allowed).count();
        int listed = 0;
        for (Explain.Answer a : refusedFirst(answers)) {
            if (steps.size() < MAX_STEPS) {
                steps(now, a, steps);
                listed++;
            }
        }
        String what = (ping ? "" : " on port " + port) + extent(answers.size(), listed);
        if (answers.isEmpty()) {
            return new Answer("ok", "A machine always reaches itself.", List.of());
        }
        if (yes == answers.size()) {
            return new Answer("ok", "Yes" + what + ".", steps);
        }
        return yes == 0
                ? new Answer("bad", "No" + what + ".", steps)
                : new Answer("warn", yes + " of " + answers.size() + " pairs" + what + ".", steps);
    }

    private static List<Explain.Answer> refusedFirst(List<Explain.Answer> answers) {
        List<Explain.Answer> out = new ArrayList<>(answers);
        out.sort(Comparator.comparing(Explain.Answer::allowed));
        return out;
    }

    /** How much of the question is answered, and how much of the answer is listed. */
    private static String extent(int pairs, int listed) {
        String first = pairs < Explain.MOST_ANSWERS ? "" : " for the first " + pairs + " pairs";
        return listed == pairs
                ? first
                : first + "; " + listed + " of " + pairs + " pairs are listed";
    }

    private static void steps(Snapshot now, Explain.Answer a, List<Step> steps) {
        String pair = a.source() + " to " + a.destination() + ": ";
        Explain.Line line = a.decides();
        int number = line == null ? 0 : line.line();
        steps.add(new Step(a.allowed(), pair + a.reason(), number));
        for (Explain.Miss m : a.misses()) {
            steps.add(
                    new Step(false, "nearly: " + m.line().rule() + " " + m.why(), m.line().line()));
        }
        for (String name : List.of(a.source(), a.destination())) {
            Node n = now.nodeByName(name);
            if (n != null && a.allowed()) {
                String hindrance = hindrance(now, n);
                if (!hindrance.isEmpty()) {
                    steps.add(new Step(false, "but " + name + hindrance, 0));
                }
            }
        }
    }

    private static String hindrance(Snapshot now, Node n) {
        if (n.expired()) {
            return ": its key has ended";
        }
        if (!n.authorized()) {
            return " waits for approval";
        }
        return n.local() || now.presence(n.id()).online() ? "" : " is offline";
    }
}
