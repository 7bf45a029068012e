package hearth.policy;

import hearth.control.SSHPrincipal;
import hearth.control.SSHRule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Takes the denies out of a list of SSH rules by cutting what they deny out of the rules below
 * them. A client's own reject does not look at the account that is asked for: it would turn a
 * source away altogether (tailscale/tailscale ssh/tailssh/tailssh.go, matchRule).
 */
final class SshDenials {
    private static final String ANY = "*";
    private static final String ROOT = "root";

    private final List<SSHRule> denies = new ArrayList<>();
    private final List<SSHRule> out = new ArrayList<>();

    private SshDenials() {}

    /** The same meaning by first match, without a rule that rejects; {@code rules} if none does. */
    static List<SSHRule> cut(List<SSHRule> rules) {
        if (rules.stream().noneMatch(r -> r.action().reject())) {
            return rules;
        }
        var all = new SshDenials();
        for (SSHRule r : rules) {
            if (r.action().reject()) {
                all.denies.add(r);
            } else {
                all.allow(r);
            }
        }
        return all.out;
    }

    /** Sources that are denied the same accounts stay together. */
    private void allow(SSHRule rule) {
        Map<List<SSHRule>, List<SSHPrincipal>> groups = new LinkedHashMap<>();
        for (SSHPrincipal p : rule.principals()) {
            List<SSHRule> against =
                    denies.stream().filter(d -> d.principals().contains(p)).toList();
            groups.computeIfAbsent(against, _ -> new ArrayList<>()).add(p);
        }
        groups.forEach(
                (against, sources) -> {
                    Map<String, String> users =
                            against.isEmpty() ? rule.sshUsers() : left(rule.sshUsers(), against);
                    if (users.values().stream().anyMatch(local -> !local.isEmpty())) {
                        out.add(
                                new SSHRule(
                                        rule.ruleExpires(),
                                        sources,
                                        users,
                                        rule.action(),
                                        rule.acceptEnv()));
                    }
                });
    }

    private static Map<String, String> left(Map<String, String> users, List<SSHRule> against) {
        Set<String> names = new TreeSet<>(users.keySet());
        against.forEach(d -> names.addAll(d.sshUsers().keySet()));
        boolean anybody =
                !local(users, ANY).isEmpty()
                        && against.stream().allMatch(d -> local(d.sshUsers(), ANY).isEmpty());
        names.remove(ANY);
        Map<String, String> out = new TreeMap<>();
        for (String name : names) {
            boolean denied = against.stream().anyMatch(d -> !local(d.sshUsers(), name).isEmpty());
            String local = denied ? "" : local(users, name);
            String otherwise = anybody ? local(users, ANY) : "";
            if (!local.equals(otherwise) || name.equals(ROOT)) {
                out.put(name, local);
            }
        }
        if (anybody) {
            out.put(ANY, local(users, ANY));
        }
        return out;
    }

    /** As clients look an account up; empty when the rule does not concern it. */
    static String local(Map<String, String> users, String name) {
        String named = users.get(name);
        return named != null ? named : users.getOrDefault(ANY, "");
    }
}
