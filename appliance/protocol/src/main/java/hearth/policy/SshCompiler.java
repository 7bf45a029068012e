package hearth.policy;

import hearth.base.IpAddress;
import hearth.control.SSHAction;
import hearth.control.SSHPolicy;
import hearth.control.SSHPrincipal;
import hearth.control.SSHRule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Compiles the ssh rules for each node: check before accept, one rule for each user where {@code
 * localpart} makes names of logins. With a deny the order of the text counts, and what it denies is
 * cut out of the rules below it.
 */
final class SshCompiler {
    /** Where a node asks for the outcome of a check; the client fills the variables in. */
    static final String CHECK_URL =
            "https://unused/machine/ssh/action/$SRC_NODE_ID/to/$DST_NODE_ID"
                    + "?local_user=$LOCAL_USER";

    /** Where the refusal of a session is fetched that has to be recorded where nobody records. */
    private static final String UNRECORDED_URL = CHECK_URL + "&recorder=none";

    /** Recorders listen here (tailscale/tailscale k8s-operator, sessionrecording). */
    static final int RECORDER_PORT = 80;

    private static final SSHAction CHECK = SSHAction.holding("", CHECK_URL);

    private static final SSHAction DENY = SSHAction.rejecting("");

    /** What people are told whose session cannot begin or go on without a recorder. */
    private static final SSHAction.SSHRecorderFailureAction ON_FAILURE =
            new SSHAction.SSHRecorderFailureAction(
                    "# This session must be recorded, and no recorder can be reached.",
                    "# This session must be recorded, and the recorder is gone.",
                    null);

    private final Document document;
    private final Roster roster;
    private final List<List<NodeState>> sources = new ArrayList<>();
    private final List<List<String>> recorders = new ArrayList<>(); // ip:port, by rule
    private final Map<Long, SSHPolicy> policies = new HashMap<>();
    private final Set<NodeState> changed = new HashSet<>();
    private final @Nullable SshCompiler former;

    SshCompiler(Document document, Roster roster, @Nullable SshCompiler former) {
        this.document = document;
        this.roster = roster;
        for (int i = 0; i < document.ssh().size(); i++) {
            SshRule rule = document.ssh().get(i);
            List<NodeState> from = sources(rule);
            List<String> to = recorders(rule);
            if (former != null
                    && from.equals(former.sources.get(i))
                    && to.equals(former.recorders.get(i))) {
                from = former.sources.get(i);
            } else if (former != null) {
                noteDestinations(rule);
            }
            sources.add(from);
            recorders.add(to);
        }
        this.former = former == null ? null : former.withoutFormer();
    }

    private SshCompiler(SshCompiler of) {
        this.document = of.document;
        this.roster = of.roster;
        this.sources.addAll(of.sources);
        this.recorders.addAll(of.recorders);
        this.policies.putAll(of.policies);
        this.former = null;
    }

    private SshCompiler withoutFormer() {
        return former == null ? this : new SshCompiler(this);
    }

    private List<NodeState> sources(SshRule rule) {
        Set<NodeState> out = new TreeSet<>(Roster.BY_ID);
        for (Selector s : rule.sources()) {
            out.addAll(roster.members(s));
        }
        if (!rule.postures().isEmpty()) {
            out.removeIf(n -> !fulfils(rule, n));
        }
        return List.copyOf(out);
    }

    /**
     * Where the devices with the rule's tag take recordings, in the order in which clients try
     * them. One that is offline stays: another may have to be tried first, none is a failure.
     */
    private List<String> recorders(SshRule rule) {
        if (rule.recorders().isEmpty()) {
            return List.of();
        }
        Set<IpAddress> out = new TreeSet<>();
        for (String tag : rule.recorders()) {
            for (NodeState n : roster.members(new Selector.Tag(tag))) {
                if (!n.capMap.containsKey(NodeState.DISABLE_IPV4)) {
                    out.add(n.device.v4());
                }
                out.add(n.device.v6());
            }
        }
        return out.stream()
                .map(a -> (a.v4() ? a.toString() : "[" + a + "]") + ":" + RECORDER_PORT)
                .toList();
    }

    private boolean fulfils(SshRule rule, NodeState n) {
        return rule.postures().stream()
                .map(p -> document.postures().getOrDefault(p, List.of()))
                .anyMatch(all -> all.stream().allMatch(p -> p.holds(n.device.attributes())));
    }

    private void noteDestinations(SshRule rule) {
        for (Selector s : rule.destinations()) {
            changed.addAll(
                    roster.members(s.is(AutoGroup.SELF) ? new Selector.Auto(AutoGroup.MEMBER) : s));
        }
        for (Selector s : rule.sources()) {
            changed.addAll(roster.members(s));
        }
    }

    /** Nodes whose rules may differ from the former ones because others changed. */
    Set<NodeState> changed() {
        return changed;
    }

    @Nullable SSHPolicy policy(NodeState n) {
        if (document.ssh().isEmpty()) {
            return null;
        }
        SSHPolicy known = policies.get(n.id());
        if (known == null) {
            SSHPolicy old = former == null ? null : former.policies.get(n.id());
            boolean same =
                    former != null && !changed.contains(n) && former.roster.byId.get(n.id()) == n;
            known = same && old != null ? old : compile(n);
            policies.put(n.id(), known);
        }
        return known.rules().isEmpty() ? null : known;
    }

    private SSHPolicy compile(NodeState n) {
        List<SSHRule> checks = new ArrayList<>();
        List<SSHRule> accepts = new ArrayList<>();
        // with a deny the order of the text counts
        boolean ordered = document.ssh().stream().anyMatch(r -> r.action() == SshRule.Action.DENY);
        for (int i = 0; i < sources.size(); i++) {
            SshRule rule = document.ssh().get(i);
            List<NodeState> from = sources.get(i);
            if (!from.isEmpty()) {
                boolean check = ordered || rule.action() == SshRule.Action.CHECK;
                SSHAction action = action(rule, recorders.get(i));
                new OneRule(rule, action, from, n, check ? checks : accepts).write();
            }
        }
        checks.addAll(accepts);
        return new SSHPolicy(SshDenials.cut(checks));
    }

    private static SSHAction action(SshRule rule, List<String> recorders) {
        return switch (rule.action()) {
            case DENY -> DENY;
            case CHECK -> recorded(CHECK, rule, recorders);
            case ACCEPT ->
                    // without an address clients would let the session in unrecorded
                    recorders.isEmpty() && mustRecord(rule)
                            ? recorded(SSHAction.holding("", UNRECORDED_URL), rule, recorders)
                            : recorded(SSHAction.accepting(), rule, recorders);
        };
    }

    private static SSHAction recorded(SSHAction action, SshRule rule, List<String> recorders) {
        return rule.recorders().isEmpty()
                ? action
                : action.recordedBy(recorders, rule.enforceRecorder() ? ON_FAILURE : null);
    }

    private static boolean mustRecord(SshRule rule) {
        return rule.enforceRecorder() && !rule.recorders().isEmpty();
    }

    private static String login(NodeState n) {
        String user = n.device.user();
        return n.isTagged() || user == null ? "" : user.toLowerCase(Locale.ROOT);
    }

    /** One rule on one node. */
    private final class OneRule {
        private final SshRule rule;
        private final SSHAction action;
        private final List<NodeState> from;
        private final NodeState node;
        private final List<SSHRule> out;
        private final Set<String> localpartDomains = new HashSet<>();

        OneRule(
                SshRule rule,
                SSHAction action,
                List<NodeState> from,
                NodeState node,
                List<SSHRule> out) {
            this.rule = rule;
            this.action = action;
            this.from = from;
            this.node = node;
            this.out = out;
            for (String u : rule.users()) {
                String domain = SshReader.localpartDomain(u);
                if (domain != null) {
                    localpartDomains.add(domain.toLowerCase(Locale.ROOT));
                }
            }
        }

        void write() {
            String own = login(node);
            boolean self = rule.destinations().stream().anyMatch(d -> d.is(AutoGroup.SELF));
            if (self && !own.isEmpty()) {
                add(ofLogin(own), own);
            }
            List<Selector> others =
                    rule.destinations().stream().filter(d -> !d.is(AutoGroup.SELF)).toList();
            List<Selector> meant = others.stream().filter(node.identities::contains).toList();
            boolean ownersOnly = !own.isEmpty() && rule.action() != SshRule.Action.DENY;
            if (!meant.isEmpty() && ownersOnly) {
                add(ofLogin(own), own); // a user's device opens to its owner only
            } else if (!meant.isEmpty()) {
                writeDestination();
            } else if (!others.isEmpty() && !localpartDomains.isEmpty() && from.contains(node)) {
                // a source is told how its own users are mapped, as the service does
                if (own.isEmpty()) {
                    add(List.of(node), "");
                } else {
                    add(ofLogin(own), own);
                }
            }
        }

        private void writeDestination() {
            if (localpartDomains.isEmpty()) {
                add(from, "");
                return;
            }
            from.stream()
                    .map(SshCompiler::login)
                    .distinct()
                    .filter(l -> !l.isEmpty())
                    .sorted(
                            Comparator.<String>comparingInt(roster.identities::order)
                                    .thenComparing(Comparator.naturalOrder()))
                    .forEach(l -> add(ofLogin(l), l));
            add(from.stream().filter(n -> login(n).isEmpty()).toList(), "");
        }

        private List<NodeState> ofLogin(String login) {
            return from.stream().filter(n -> login(n).equals(login)).toList();
        }

        private void add(List<NodeState> who, String login) {
            if (who.isEmpty()) {
                return;
            }
            Set<String> ips = new TreeSet<>();
            for (NodeState n : who) {
                ips.add(n.v4);
                ips.add(n.v6);
            }
            List<SSHPrincipal> principals = ips.stream().map(SSHPrincipal::ofNodeIp).toList();
            out.add(rule(principals, plainUsers()));
            int at = login.lastIndexOf('@');
            if (at > 0 && localpartDomains.contains(login.substring(at + 1))) {
                String name = login.substring(0, at);
                out.add(rule(principals, Map.of(name, name)));
            }
        }

        private Map<String, String> plainUsers() {
            Map<String, String> users = new TreeMap<>();
            users.put("root", "");
            for (String u : rule.users()) {
                if (u.equals(AutoGroup.NONROOT.toString())) {
                    users.put("*", "=");
                } else if (SshReader.localpartDomain(u) == null) {
                    users.put(u, u);
                }
            }
            return users;
        }

        private SSHRule rule(List<SSHPrincipal> principals, Map<String, String> users) {
            return new SSHRule(null, principals, users, action, rule.acceptEnv());
        }
    }

    /** The first rule that lets {@code user} in from {@code source}; null when none does. */
    @Nullable SSHAction decide(NodeState destination, String sourceIp, String user) {
        SSHPolicy policy = policy(destination);
        if (policy == null) {
            return null;
        }
        for (SSHRule r : policy.rules()) {
            String local = SshDenials.local(r.sshUsers(), user);
            boolean from = r.principals().stream().anyMatch(p -> sourceIp.equals(p.nodeIP()));
            if (from && !local.isEmpty()) {
                return r.action();
            }
        }
        return null;
    }

    /**
     * Whether {@code a} lets somebody in after a check, if anybody records it where that is due.
     */
    static boolean isCheck(SSHAction a) {
        return CHECK_URL.equals(a.holdAndDelegate());
    }

    /** Whether the rule that decides about the session asks for a recorder that is not there. */
    boolean isUnrecorded(NodeState source, NodeState destination, String user) {
        SSHAction a = decide(destination, source.v4, user);
        return a != null && isUnrecorded(a);
    }

    /** Whether {@code a} refuses because nobody is there who could record. */
    static boolean isUnrecorded(SSHAction a) {
        return a.onRecordingFailure() != null && a.recorders().isEmpty();
    }

    @Nullable Duration checkPeriod(NodeState source, NodeState destination, String user) {
        for (int i = 0; i < sources.size(); i++) {
            SshRule rule = document.ssh().get(i);
            if (rule.action() == SshRule.Action.ACCEPT || !sources.get(i).contains(source)) {
                continue;
            }
            List<SSHRule> out = new ArrayList<>();
            new OneRule(rule, CHECK, List.of(source), destination, out).write();
            if (out.stream().anyMatch(r -> !SshDenials.local(r.sshUsers(), user).isEmpty())) {
                return rule.action() == SshRule.Action.CHECK ? rule.checkPeriod() : null;
            }
        }
        return null;
    }
}
