package hearth.policy;

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

    private static final SSHAction CHECK =
            new SSHAction(null, false, false, 0, false, CHECK_URL, false, false, List.of(), null);

    private static final SSHAction DENY =
            new SSHAction(null, true, false, 0, false, null, false, false, List.of(), null);

    private final Document document;
    private final Roster roster;
    private final List<List<NodeState>> sources = new ArrayList<>();
    private final Map<Long, SSHPolicy> policies = new HashMap<>();
    private final Set<NodeState> changed = new HashSet<>();
    private final @Nullable SshCompiler former;

    SshCompiler(Document document, Roster roster, @Nullable SshCompiler former) {
        this.document = document;
        this.roster = roster;
        for (int i = 0; i < document.ssh().size(); i++) {
            SshRule rule = document.ssh().get(i);
            List<NodeState> from = sources(rule);
            if (former != null && from.equals(former.sources.get(i))) {
                from = former.sources.get(i);
            } else if (former != null) {
                noteDestinations(rule);
            }
            sources.add(from);
        }
        this.former = former == null ? null : former.withoutFormer();
    }

    private SshCompiler(SshCompiler of) {
        this.document = of.document;
        this.roster = of.roster;
        this.sources.addAll(of.sources);
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
                new OneRule(rule, from, n, check ? checks : accepts).write();
            }
        }
        checks.addAll(accepts);
        return new SSHPolicy(SshDenials.cut(checks));
    }

    private static String login(NodeState n) {
        String user = n.device.user();
        return n.isTagged() || user == null ? "" : user.toLowerCase(Locale.ROOT);
    }

    /** One rule on one node. */
    private final class OneRule {
        private final SshRule rule;
        private final List<NodeState> from;
        private final NodeState node;
        private final List<SSHRule> out;
        private final Set<String> localpartDomains = new HashSet<>();

        OneRule(SshRule rule, List<NodeState> from, NodeState node, List<SSHRule> out) {
            this.rule = rule;
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
            SSHAction action =
                    switch (rule.action()) {
                        case ACCEPT -> SSHAction.accepting();
                        case CHECK -> CHECK;
                        case DENY -> DENY;
                    };
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

    @Nullable Duration checkPeriod(NodeState source, NodeState destination, String user) {
        for (int i = 0; i < sources.size(); i++) {
            SshRule rule = document.ssh().get(i);
            if (rule.action() == SshRule.Action.ACCEPT || !sources.get(i).contains(source)) {
                continue;
            }
            List<SSHRule> out = new ArrayList<>();
            new OneRule(rule, List.of(source), destination, out).write();
            if (out.stream().anyMatch(r -> !SshDenials.local(r.sshUsers(), user).isEmpty())) {
                return rule.action() == SshRule.Action.CHECK ? rule.checkPeriod() : null;
            }
        }
        return null;
    }
}
