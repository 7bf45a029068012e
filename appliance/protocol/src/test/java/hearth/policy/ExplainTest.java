package hearth.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.base.IpAddress;
import hearth.base.IpPrefix;
import hearth.base.Problem;
import hearth.base.Refused;
import hearth.policy.hujson.HuJsonException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Explanations, previews, differences of texts and lints on one small tailnet. */
final class ExplainTest {
    private static final String TEXT =
            """
            {
              "tagOwners": {"tag:tv": []},
              "hosts": {"lan": "10.0.0.0/24", "db": "10.9.9.9"},
              "acls": [
                {"action": "deny", "src": ["tag:tv"], "dst": ["nas:*"]},
                {"action": "accept", "src": ["*"], "dst": ["nas:22,80", "lan:*"]},
                {"action": "accept", "proto": "udp", "src": ["ana@x.org"], "dst": ["db:53"]},
              ],
            }
            """;

    private static final World WORLD =
            new World(
                    "ana@x.org",
                    List.of(new Member("ana@x.org", Member.Role.OWNER)),
                    List.of(
                            device(1, "nas", "ana@x.org", List.of(), List.of()),
                            device(2, "tv", null, List.of("tag:tv"), List.of()),
                            device(3, "pc", "ana@x.org", List.of(), List.of()),
                            device(
                                    4,
                                    "router",
                                    "ana@x.org",
                                    List.of(),
                                    List.of(IpPrefix.parse("10.0.0.0/24")))),
                    "home.arpa",
                    Map.of("nas", 1L));

    private static Device device(
            long id, String name, @Nullable String user, List<String> tags, List<IpPrefix> routes) {
        return new Device(
                id,
                name,
                user,
                tags,
                IpAddress.parse("100.64.0." + id),
                IpAddress.parse("fd7a:115c:a1e0::6440:" + id),
                routes,
                routes);
    }

    private static Policy policy(String text) {
        try {
            return Policy.parse(text, Policy.Dialect.HEARTH);
        } catch (InvalidPolicy e) {
            throw new AssertionError(e.problems().toString(), e);
        }
    }

    private static Explain.Answer explain(String from, String to, String proto, int port)
            throws Refused {
        List<Explain.Answer> all = Explain.explain(policy(TEXT), WORLD, from, to, proto, port);
        assertEquals(1, all.size());
        return all.getFirst();
    }

    @Test
    void namesTheLineThatAllows() throws Refused {
        Explain.Answer a = explain("pc", "nas.home.arpa", "", 22);
        assertTrue(a.allowed());
        assertEquals("acls[1] (line 6) allows it", a.reason());
        assertNotNull(a.decides());
        assertEquals("line 6: accept * -> nas:22,80, lan:*", a.decides().toString());
    }

    @Test
    void namesTheLineThatDenies() throws Refused {
        Explain.Answer a = explain("tag:tv", "100.64.0.1", "tcp", 80);
        assertFalse(a.allowed());
        assertEquals("acls[0] (line 5) denies it before any line below allows it", a.reason());
        assertEquals("would allow it, but stands below the deny", a.misses().getFirst().why());
    }

    @Test
    void saysWhatIsMissing() throws Refused {
        Explain.Answer a = explain("pc", "nas", "", 443);
        assertNull(a.decides());
        assertEquals("no line matches, and what no line allows is refused", a.reason());
        assertEquals("opens port 22,80, not 443", a.misses().getFirst().why());
        assertEquals(
                "opens port 22,80 alone",
                explain("pc", "nas", "icmp", 0).misses().getFirst().why());
        assertThrows(Refused.class, () -> explain(" ", "nas", "", 443));
        assertEquals("is not for tcp", explain("pc", "db", "", 53).misses().getFirst().why());
    }

    @Test
    void aRouteIsNeededToo() throws Refused {
        assertTrue(explain("pc", "10.0.0.9", "", 1).allowed());
        Explain.Answer a = explain("pc", "db", "udp", 53);
        assertFalse(a.allowed());
        assertEquals(
                "acls[2] (line 7) allows it, but no device has an approved route to db",
                a.reason());
        assertEquals(List.of(), a.misses(), "no rule is missing");
        assertThrows(Refused.class, () -> explain("nobody", "nas", "", 1));
        assertThrows(Refused.class, () -> explain("pc", "nas", "xyz", 1));
    }

    @Test
    void previewNamesWhoGainsAndLoses() {
        CompiledPolicy before = policy(TEXT).compile(WORLD);
        String changed =
                TEXT.replace("\"nas:22,80\"", "\"nas:22\"").replace("[\"tag:tv\"]", "[\"pc\"]");
        PolicyDiff.Preview p =
                PolicyDiff.between(
                        before,
                        policy(changed)
                                .compile(
                                        new World(
                                                WORLD.owner(),
                                                WORLD.users(),
                                                WORLD.devices(),
                                                WORLD.baseDomain(),
                                                Map.of("nas", 1L, "pc", 3L))));
        assertEquals(
                List.of(
                        "Change[gains=true, sources=[tv], destination=nas, traffic=ports 22]",
                        "Change[gains=false, sources=[pc], destination=nas, traffic=ports 22,80]",
                        "Change[gains=false, sources=[10.0.0.0/24, router], destination=nas,"
                                + " traffic=ports 80]"),
                p.changes().stream().map(Object::toString).toList());
        assertEquals(1, p.concerned());
        assertEquals("W2", p.warnings().getFirst().code());
    }

    @Test
    void previewOfTheSameIsEmpty() {
        CompiledPolicy c = policy(TEXT).compile(WORLD);
        PolicyDiff.Preview p = PolicyDiff.between(c, policy(TEXT + "\n").compile(WORLD));
        assertEquals(new PolicyDiff.Preview(List.of(), List.of(), 0, true, List.of()), p);
    }

    @Test
    void textDifferenceIgnoresLayout() throws HuJsonException {
        assertEquals(
                List.of(), TextDiff.between("{\"a\": [1, 2]}", "// c\n{\"a\": [\n1,\n2,\n],}"));
        assertEquals(
                "[Edit[kind=REMOVED, path=acls[0], before=1, after=],"
                        + " Edit[kind=ADDED, path=acls[2], before=, after=4],"
                        + " Edit[kind=CHANGED, path=groups[\"group:a\"], before=1, after=2],"
                        + " Edit[kind=ADDED, path=x, before=, after=true]]",
                TextDiff.between(
                                "{\"acls\": [1, 2, 3], \"groups\": {\"group:a\": 1}}",
                                "{\"acls\": [2, 3, 4], \"groups\": {\"group:a\": 2}, \"x\": true}")
                        .toString());
    }

    private static List<String> lints(String text, World world) {
        return Lints.of(policy(text), world, null).stream().map(Problem::code).toList();
    }

    @Test
    void lintsOfNames() {
        World gone =
                new World(WORLD.owner(), WORLD.users(), WORLD.devices(), "", Map.of("old", 99L));
        assertEquals(
                List.of("W7", "W8", "W9", "unknown-tag"),
                lints(
                        """
                        {"hosts": {"pc": "10.0.0.1"},
                         "acls": [{"action": "accept", "src": ["device:old"], "dst": ["pc:1"]},
                                  {"action": "accept", "src": ["new"], "dst": ["10.0.0.1:*"]},
                                  {"action": "accept", "src": ["tag:x"], "dst": ["10.0.0.2:*"]}]}
                        """,
                        gone));
        assertEquals(
                List.of("stranger", "stranger"),
                lints(
                        """
                        {"tagOwners": {"tag:new": []},
                         "tests": [{"src": "group:x", "deny": ["nas:1"]},
                                   {"src": "zoe@y.org", "deny": ["nas:1"]},
                                   {"src": "tag:new", "deny": ["10.0.0.2:1"]},
                                   {"src": "ana@x.org", "deny": ["10.0.0.2:1"]}]}
                        """,
                        named()));
    }

    @Test
    void lintsOfRules() {
        assertEquals(List.of(), lints(TEXT, WORLD));
        assertEquals(
                List.of("W1", "W3"),
                lints(
                        """
                        {"acls": [{"action": "accept", "src": ["pc"], "dst": ["nas:22"]},
                                  {"action": "deny", "src": ["pc"], "dst": ["nas:*"]},
                                  {"action": "accept", "src": ["*"], "dst": ["nas:*"]}]}
                        """,
                        named()));
        assertEquals(
                List.of("W4", "W5"),
                lints(
                        """
                        {"acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]},
                                  {"action": "accept", "src": ["ana@x.org"], "dst": ["*:22"]}],
                         "grants": []}
                        """
                                .replace(
                                        "}]",
                                        "},\n{\"action\": \"deny\", \"src\": [\"*\"],"
                                                + " \"dst\": [\"*:*\"], \"proto\": \"gre\"}]"),
                        WORLD));
        assertEquals(
                List.of("W10"),
                lints(
                        """
                        {"groups": {"group:a": ["ana@x.org", "nas"]},
                         "acls": [{"action": "accept", "src": ["group:a"], "dst": ["autogroup:self:*"]}]}
                        """,
                        WORLD));
    }

    private static World named() {
        return new World(
                WORLD.owner(), WORLD.users(), WORLD.devices(), "", Map.of("nas", 1L, "pc", 3L));
    }

    @Test
    void lintOfTheEditor() {
        var editor =
                new Lints.Editor(IpAddress.parse("100.64.0.2"), IpAddress.parse("100.64.0.1"), 443);
        List<Problem> found = Lints.of(policy(TEXT), WORLD, editor);
        assertEquals("W6", found.getLast().code());
    }
}
