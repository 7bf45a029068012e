package hearth.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import hearth.base.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class DenialsTest {
    private static World world() {
        List<Device> devices = new ArrayList<>();
        for (int i = 1; i <= 3; i++) {
            devices.add(
                    new Device(
                            i,
                            "d" + i,
                            "a@x.org",
                            List.of(),
                            IpAddress.parse("100.64.0." + i),
                            IpAddress.parse("fd7a:115c:a1e0::6440:" + i),
                            List.of(),
                            List.of()));
        }
        return new World(
                "a@x.org",
                List.of(new Member("a@x.org", Member.Role.OWNER)),
                devices,
                "",
                Map.of("d1", 1L, "d2", 2L, "d3", 3L));
    }

    private static CompiledPolicy compile(String text) throws InvalidPolicy {
        return Policy.parse(text, Policy.Dialect.HEARTH).compile(world());
    }

    @Test
    void capabilitiesGoWithAWholeDeny() throws InvalidPolicy {
        String grants =
                "\"grants\": [{\"src\": [\"d1\", \"d2\"], \"dst\": [\"d3\"],"
                        + " \"app\": {\"example.com/cap/x\": [{}]}}]}";
        var whole =
                compile(
                        "{\"acls\": [{\"action\": \"deny\", \"src\": [\"d1\"], \"dst\":"
                                + " [\"d3:*\"]}], "
                                + grants);
        assertEquals(
                List.of("100.64.0.2", "fd7a:115c:a1e0::6440:2"),
                whole.packetFilter(3).getFirst().srcIPs());
        assertEquals(List.of(), whole.peers(1));
        var part =
                compile(
                        "{\"acls\": [{\"action\": \"deny\", \"src\": [\"d1\"], \"dst\":"
                                + " [\"d3:22\"]}], "
                                + grants);
        assertEquals(1, part.peers(1).size());
    }

    @Test
    void aRuleThatFallsIntoTooManyPartsIsRefused() throws InvalidPolicy {
        assertEquals(List.of(), compile(halves(12)).objections());
        var compiled = compile(halves(13));
        var problems = compiled.objections();
        assertEquals("too-many-parts", problems.getFirst().code());
        assertEquals("acls[13]", problems.getFirst().path());
        String text = problems.getFirst().text();
        assertEquals(
                "acls[13] falls into more than 4096 parts on \"d3\" because of acls[12] and the"
                        + " denies above it",
                text);
        assertEquals(List.of(), compiled.packetFilter(3));
    }

    /** Each deny takes another port from every other address, so that no two are left alike. */
    private static String halves(int denies) {
        StringBuilder sets = new StringBuilder();
        StringBuilder rules = new StringBuilder();
        for (int bit = 0; bit < denies; bit++) {
            sets.append("\"ipset:b").append(bit).append("\": [");
            for (int at = 1 << bit; at < 1 << denies; at += 2 << bit) {
                sets.append("\"10.0.%d.%d/%d\",".formatted(at >> 8, at & 255, 32 - bit));
            }
            sets.append("],\n");
            rules.append(
                    """
                    {"action": "deny", "src": ["ipset:b%d"], "dst": ["d3:%d"]},
                    """
                            .formatted(bit, 2 * bit + 1));
        }
        return """
        {"ipsets": {%s}, "acls": [%s
          {"action": "accept", "src": ["10.0.0.0/%d"], "proto": "tcp", "dst": ["*:*"]}]}
        """
                .formatted(sets, rules, 32 - denies);
    }

    @Test
    void sshDenyKeepsTheOrderOfTheText() throws InvalidPolicy {
        var c =
                compile(
                        """
                        {"tagOwners": {"tag:s": []}, "ssh": [
                          {"action": "deny", "src": ["d1"], "dst": ["d3"], "users": ["root"]},
                          {"action": "accept", "src": ["a@x.org"], "dst": ["a@x.org"], "users": ["root"]},
                        ]}
                        """);
        var ssh = c.ssh(3);
        assertEquals(1, ssh == null ? 0 : ssh.rules().size());
        var principals = ssh == null ? null : ssh.rules().getFirst().principals();
        assertEquals(false, String.valueOf(principals).contains("100.64.0.1,"));
    }
}
