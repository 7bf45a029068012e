package hearth.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import hearth.base.IpAddress;
import hearth.base.Problem;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a world says against a policy: its tests, short names, and what ssh opens. */
final class PolicyTestsTest {
    private static final String HEAD =
            """
            {
              "tagOwners": {"tag:web": [], "tag:ci": []},
              "groups": {"group:dev": ["amy@a.org", "bob@a.org"]},
              "postures": {"posture:new": ["node:os == 'linux'", "node:tsVersion >= '1.80'"]},
              "acls": [
                {"action": "accept", "src": ["amy@a.org"], "dst": ["tag:web:22,80-90"]},
                {"action": "accept", "src": ["group:dev"], "proto": "udp", "dst": ["tag:web:53"]},
                {"action": "accept", "src": ["bob@a.org"], "dst": ["tag:web:443"], "srcPosture": ["posture:new"]},
              ],
              "ssh": [
                {"action": "accept", "src": ["group:dev"], "dst": ["tag:web", "autogroup:member"], "users": ["root"]},
                {"action": "check", "src": ["amy@a.org"], "dst": ["tag:web"], "users": ["autogroup:nonroot"]},
              ],
            """;

    private static final World WORLD =
            new World(
                    "amy@a.org",
                    List.of(
                            new Member("amy@a.org", Member.Role.OWNER),
                            new Member("bob@a.org", Member.Role.MEMBER),
                            new Member("bob@b.org", Member.Role.MEMBER)),
                    List.of(
                            device(1, "amy-pc", "amy@a.org"),
                            device(2, "bob-pc", "bob@a.org"),
                            device(3, "bob2", "bob@b.org"),
                            device(4, "web", "tag:web"),
                            device(5, "ci", "tag:ci")));

    private static Device device(int id, String name, String owner) {
        boolean tag = owner.startsWith("tag:");
        return new Device(
                id,
                name,
                tag ? null : owner,
                tag ? List.of(owner) : List.of(),
                IpAddress.parse("100.64.0." + id),
                IpAddress.parse("fd7a:115c:a1e0::a:" + id),
                List.of(),
                List.of());
    }

    private static List<String> objections(String rest) throws InvalidPolicy {
        return Policy.parse(HEAD + rest + "}", Policy.Dialect.HEARTH)
                .compile(WORLD)
                .objections()
                .stream()
                .map(Problem::text)
                .toList();
    }

    private static void tests(String entry, String... wanted) throws InvalidPolicy {
        assertEquals(List.of(wanted), objections("\"tests\": [{" + entry + "}]"), entry);
    }

    private static void sshTests(String entry, String... wanted) throws InvalidPolicy {
        assertEquals(List.of(wanted), objections("\"sshTests\": [{" + entry + "}]"), entry);
    }

    @Test
    void everySourceMustReachAndNoneMayBeLeftToReach() throws InvalidPolicy {
        tests("\"src\": \"amy@a.org\", \"accept\": [\"tag:web:85\"], \"deny\": [\"tag:web:91\"]");
        tests(
                "\"src\": \"group:dev\", \"accept\": [\"tag:web:22\"]",
                "address \"tag:web:22\": want: Accept, got: Drop");
        tests(
                "\"src\": \"group:dev\", \"deny\": [\"tag:web:22\"]",
                "address \"tag:web:22\": want: Drop, got: Accept");
        tests("\"src\": \"bob@a.org\", \"proto\": \"udp\", \"accept\": [\"tag:web:53\"]");
        tests("\"src\": \"bob@a.org\", \"proto\": \"tcp\", \"deny\": [\"tag:web:53\"]");
        tests("\"src\": \"bob@a.org\", \"accept\": [\"tag:web:53\"]");
        tests("\"src\": \"100.64.0.0/29\", \"deny\": [\"tag:web:25\"]");
        tests(
                "\"src\": \"amy@a.org\", \"proto\": \"nope\", \"accept\": [\"tag:web:22\"]",
                "the protocol of the test is not known");
    }

    @Test
    void protocolsWithoutPortsAreTestedAtPortZero() throws InvalidPolicy {
        String ping = "\"src\": \"amy@a.org\", \"proto\": \"icmp\", ";
        tests(ping + "\"deny\": [\"tag:web:0\"]");
        tests(
                ping + "\"deny\": [\"tag:web:22\"]",
                "address \"tag:web:22\": this protocol has no ports, use 0");
        Policy all =
                Policy.parse(
                        """
                        {"tagOwners": {"tag:web": []},
                         "acls": [{"action": "accept", "proto": "icmp", "src": ["*"], "dst": ["tag:web:*"]}],
                         "tests": [{"src": "amy@a.org", "proto": "icmp", "accept": ["tag:web:0"]},
                                   {"src": "amy@a.org", "deny": ["tag:web:22"]}]}
                        """,
                        Policy.Dialect.TAILSCALE);
        assertEquals(List.of(), all.compile(WORLD).objections());
    }

    @Test
    void postureOfTheSourceIsThatOfTheTest() throws InvalidPolicy {
        String of = "\"src\": \"bob@a.org\", ";
        tests(of + "\"deny\": [\"tag:web:443\"]");
        tests(
                of
                        + "\"srcPostureAttrs\": {\"node:os\": \"linux\", \"node:tsVersion\": \"1.82.0\"}, \"accept\": [\"tag:web:443\"]");
        tests(
                of
                        + "\"srcPostureAttrs\": {\"node:os\": \"linux\", \"node:tsVersion\": \"1.78.0\"}, \"accept\": [\"tag:web:443\"]",
                "address \"tag:web:443\": want: Accept, got: Drop");
    }

    @Test
    void sshTestsSayWhoGotWhat() throws InvalidPolicy {
        sshTests(
                "\"src\": \"amy@a.org\", \"dst\": [\"tag:web\"], \"accept\": [\"root\", \"kim\"], \"check\": [\"kim\"]");
        sshTests(
                "\"src\": \"bob@a.org\", \"dst\": [\"tag:web\"], \"check\": [\"root\"], \"deny\": [\"kim\"]",
                "src \"bob@a.org\" at \"100.64.0.2\", dst \"tag:web\" at \"100.64.0.4\", ssh user \"root\": want: \"check\" got: \"accept\"");
    }

    /** Whatever a rule says, a user's device opens to its owner only. */
    @Test
    void membersReachTheirOwnDevicesOnly() throws InvalidPolicy {
        sshTests("\"src\": \"bob@a.org\", \"dst\": [\"autogroup:self\"], \"accept\": [\"root\"]");
        sshTests("\"src\": \"bob@a.org\", \"dst\": [\"amy@a.org\"], \"deny\": [\"root\"]");
        CompiledPolicy compiled = Policy.parse(HEAD + "}", Policy.Dialect.TAILSCALE).compile(WORLD);
        var rules = compiled.ssh(2);
        assertEquals(
                List.of("100.64.0.2", "fd7a:115c:a1e0::a:2"),
                rules == null
                        ? List.of()
                        : rules.rules().getFirst().principals().stream()
                                .map(p -> p.nodeIP())
                                .toList());
    }

    @Test
    void aNameOfSeveralUsersMeansNone() throws InvalidPolicy {
        String rest = "\"nodeAttrs\": [{\"target\": [\"%s@\"], \"attr\": [\"x\"]}]";
        assertEquals(List.of(), objections(rest.formatted("amy")));
        assertEquals(
                List.of("\"bob@\": several users have this name, add the domain"),
                objections(rest.formatted("bob")));
        CompiledPolicy compiled =
                Policy.parse(HEAD + rest.formatted("bob") + "}", Policy.Dialect.HEARTH)
                        .compile(WORLD);
        assertEquals(Map.of(), compiled.capMap(2));
        assertEquals(Map.of(), compiled.capMap(3));
    }

    @Test
    void aDomainOfEverybodyNamesNobody() throws InvalidPolicy {
        World family =
                new World(
                        "amy@gmail.com",
                        List.of(new Member("amy@gmail.com", Member.Role.OWNER)),
                        List.of());
        for (Policy.Dialect dialect : Policy.Dialect.values()) {
            Policy all =
                    Policy.parse(
                            "{\"acls\": [{\"action\": \"accept\","
                                    + " \"src\": [\"user:*@gmail.com\"], \"dst\": [\"*:*\"]}]}",
                            dialect);
            assertEquals(
                    List.of(
                            "[acls] gmail.com is not associated with this Tailnet and cannot be"
                                    + " used in user:*@<domain> expressions"),
                    all.compile(family).objections().stream().map(Problem::text).toList());
        }
    }

    private static final String TO_COME =
            """
            {"tagOwners": {"tag:new": [], "tag:web": []},
             "groups": {"group:dev": ["cat@a.org"], "group:empty": []},
             "acls": [{"action": "accept", "src": ["*"], "dst": ["tag:web:53"]},
                      {"action": "accept", "src": ["autogroup:member"], "dst": ["tag:web:22"]},
                      {"action": "accept", "src": ["group:dev"], "dst": ["tag:new:80"]},
                      {"action": "accept", "src": ["autogroup:admin"], "dst": ["tag:new:443"]}],
             "ssh": [{"action": "accept", "src": ["cat@a.org"], "dst": ["tag:new"], "users": ["root"]}],
            """;

    private static List<String> toCome(String rest) throws InvalidPolicy {
        World world =
                new World(
                        "amy@a.org",
                        List.of(
                                new Member("amy@a.org", Member.Role.OWNER),
                                new Member("cat@a.org", Member.Role.MEMBER)),
                        List.of(device(1, "amy-pc", "amy@a.org"), device(4, "web", "tag:web")));
        return Policy.parse(TO_COME + rest + "}", Policy.Dialect.TAILSCALE)
                .compile(world)
                .objections()
                .stream()
                .map(Problem::text)
                .toList();
    }

    @Test
    void usersAndTagsAreTestedBeforeTheyHaveDevices() throws InvalidPolicy {
        assertEquals(
                List.of(),
                toCome(
                        """
                        "tests": [
                          {"src": "cat@a.org", "accept": ["tag:new:80", "tag:web:22"], "deny": ["tag:new:443"]},
                          {"src": "group:dev", "accept": ["tag:new:80"]},
                          {"src": "tag:new", "accept": ["tag:web:53"], "deny": ["tag:web:22"]},
                          {"src": "amy@a.org", "accept": ["tag:new:443"], "deny": ["tag:new:80", "cat@a.org:1"]}],
                        "sshTests": [{"src": "cat@a.org", "dst": ["tag:new"], "accept": ["root"], "deny": ["kim"]}]
                        """));
        assertEquals(
                List.of(
                        "src \"amy@a.org\" at \"100.64.0.1\", dst \"tag:new\" at no device yet,"
                                + " ssh user \"root\": want: \"accept\" got: \"deny\""),
                toCome(
                        "\"sshTests\": [{\"src\": \"amy@a.org\", \"dst\": [\"tag:new\"],"
                                + " \"accept\": [\"root\"]}]"));
    }

    @Test
    void aServiceIsTestedByItsName() throws InvalidPolicy {
        String grant =
                """
                "grants": [{"src": ["cat@a.org"], "dst": ["svc:db"], "ip": ["tcp:5432"]}],
                "tests": [{"src": "cat@a.org", "accept": ["svc:db:5432"], "deny": ["svc:db:22", "svc:web:5432"]}]
                """;
        assertEquals(List.of(), toCome(grant));
        assertEquals(
                List.of("address \"svc:db:5432\": want: Accept, got: Drop"),
                toCome(grant.replace("dst\": [\"svc:db", "dst\": [\"svc:no")));
    }

    @Test
    void aSourceThatIsNobodyIsAStranger() throws InvalidPolicy {
        for (String nobody : List.of("zoe@b.org", "group:none", "group:empty", "tag:none")) {
            assertEquals(
                    List.of("address \"tag:web:22\": want: Accept, got: Drop"),
                    toCome(
                            "\"tests\": [{\"src\": \"%s\", \"accept\": [\"tag:web:53\", \"tag:web:22\"],"
                                            .formatted(nobody)
                                    + " \"deny\": [\"tag:web:22\", \"amy@a.org:22\"]}]"),
                    nobody);
        }
    }
}
