package hearth.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.control.SSHAction;
import hearth.control.SSHPrincipal;
import hearth.control.SSHRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class SshDenialsModelTest {
    private static final List<String> SOURCES = List.of("100.64.0.1", "100.64.0.2", "100.64.0.3");
    private static final List<String> NAMES = List.of("root", "ops", "eve", "someone");
    private static final SSHAction DENY = SSHAction.rejecting("");

    private static SSHRule rule(SSHAction action, Map<String, String> users, String... sources) {
        return new SSHRule(
                null,
                List.of(sources).stream().map(SSHPrincipal::ofNodeIp).toList(),
                users,
                action,
                List.of());
    }

    /** The first rule that concerns source and account, denies as the policy means them. */
    private static String meant(List<SSHRule> rules, String source, String user) {
        for (SSHRule r : rules) {
            if (r.principals().contains(SSHPrincipal.ofNodeIp(source))) {
                String local = SshDenials.local(r.sshUsers(), user);
                if (!local.isEmpty()) {
                    return r.action().reject() ? "" : r.action().sessionDurationNanos() + local;
                }
            }
        }
        return "";
    }

    @Test
    void aDeniedAccountLeavesTheOthers() {
        List<SSHRule> cut =
                SshDenials.cut(
                        List.of(
                                rule(DENY, Map.of("root", "root"), "100.64.0.1"),
                                rule(
                                        SSHAction.accepting(),
                                        Map.of("root", "root", "ops", "ops"),
                                        "100.64.0.1",
                                        "100.64.0.2")));
        assertEquals(
                List.of(
                        rule(SSHAction.accepting(), Map.of("root", "", "ops", "ops"), "100.64.0.1"),
                        rule(
                                SSHAction.accepting(),
                                Map.of("root", "root", "ops", "ops"),
                                "100.64.0.2")),
                cut);
    }

    @Test
    void withoutADenyNothingIsTouched() {
        List<SSHRule> rules =
                List.of(rule(SSHAction.accepting(), Map.of("*", "=", "root", ""), "100.64.0.1"));
        assertSame(rules, SshDenials.cut(rules));
    }

    @Test
    void firstMatchStaysFirstMatch() {
        long seed = Long.getLong("seed", 20_261_122L);
        var random = new Random(seed);
        int let = 0;
        for (int round = 0; round < 10_000; round++) {
            List<SSHRule> rules = new ArrayList<>();
            for (int i = random.nextInt(6); i >= 0; i--) {
                rules.add(randomRule(random, i + 1));
            }
            List<SSHRule> cut = SshDenials.cut(rules);
            assertFalse(cut.stream().anyMatch(r -> r.action().reject()));
            for (String source : SOURCES) {
                for (String name : NAMES) {
                    String want = meant(rules, source, name);
                    assertEquals(
                            want,
                            meant(cut, source, name),
                            () -> "seed " + seed + " " + rules + " " + source + " " + name);
                    let += want.isEmpty() ? 0 : 1;
                }
            }
        }
        assertTrue(let > 10_000, "let in " + let);
    }

    /** The duration tells accepting rules apart. */
    private static SSHRule randomRule(Random random, int number) {
        Map<String, String> users = new TreeMap<>();
        for (String name : List.of("root", "ops", "eve")) {
            if (random.nextInt(3) == 0) {
                users.put(name, name);
            }
        }
        if (random.nextInt(3) == 0) {
            users.put("*", "=");
        }
        users.putIfAbsent("root", "");
        String[] sources =
                SOURCES.stream().filter(_ -> random.nextBoolean()).toArray(String[]::new);
        SSHAction accept =
                new SSHAction(null, false, true, number, true, null, true, true, List.of(), null);
        return rule(random.nextInt(3) == 0 ? DENY : accept, users, sources);
    }
}
