package hearth.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import hearth.base.Problem;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What is wrong with a text, in the service's words; beyond what the recorded cases hold. */
final class PolicyReaderTest {
    private static final String HEAD =
            "\"tagOwners\": {\"tag:a\": []}, \"hosts\": {\"h\": \"1.2.3.4\"}";

    record Case(String rules, String message) {
        @Override
        public String toString() {
            return message;
        }
    }

    static final List<Case> CASES =
            List.of(
                    acl("tag:x", "tag:a:1", "src=tag not found: \"tag:x\""),
                    acl("*", "tag:x:1", "dst=\"tag:x\": tag not found"),
                    acl("group:g", "*:*", "src=group not found: \"group:g\""),
                    acl("nobody", "*:*", "src=\"nobody\": invalid address"),
                    acl(
                            "*",
                            "tag:a:ssh",
                            "dst=\"tag:a:ssh\": port range \"ssh\": invalid first integer"),
                    acl("*", "h:80-x", "dst=\"h:80-x\": port range \"80-x\": invalid last integer"),
                    acl(
                            "*",
                            "h:9-8",
                            "dst=\"h:9-8\": port range \"9-8\": first port must be >= last port"),
                    acl(
                            "*",
                            "h:1-2-3",
                            "dst=\"h:1-2-3\": port range \"1-2-3\": too many dashes(-)"),
                    acl("*", "h:1,,2", "dst=\"h:1,,2\": invalid port list: \"1,,2\""),
                    acl("*", "*", "dst=\"*\": hostport must contain a colon (\":\")"),
                    acl(
                            "autogroup:internet",
                            "*:*",
                            "\"autogroup:internet\" not valid on the src side of a rule"),
                    acl("*", "autogroup:danger-all:*", "cannot use autogroup:danger-all as a dst"),
                    acl(
                            "tag:a",
                            "autogroup:self:*",
                            "autogroup:self can only be used with users, groups, or supported autogroups"),
                    new Case(
                            "\"acls\": [{\"action\": \"reject\", \"src\": [\"*\"], \"dst\": [\"*:*\"]}]",
                            "action=\"reject\" is not supported"),
                    acl("user:x@y", "*:*", "src=\"user:x@y\": invalid address"),
                    acl("*", "h,h:1", "dst=\"h,h:1\": host cannot contain a comma (\",\")"),
                    acl("*", "h:", "dst=\"h:\": invalid port list: \"\""),
                    proto("99", "IP protocol 99 is reserved for use by Tailscale"),
                    proto("0", "leading 0 not permitted in protocol number \"0\""),
                    proto("06", "leading 0 not permitted in protocol number \"06\""),
                    proto(
                            "256",
                            "proto name \"256\" not known; use protocol number 0-255 or protocol name (icmp, tcp, udp, etc.)"),
                    proto(
                            "*",
                            "proto name \"*\" not known; use protocol number 0-255 or protocol name (icmp, tcp, udp, etc.)"),
                    ip("", "empty string"),
                    ip(":80", "empty protocol"),
                    ip("tcp:", "invalid port list: \"\""),
                    ip("1-2,4", "port range \"1-2,4\": invalid last integer"),
                    ip("80,443", "port range \"80,443\": invalid first integer"),
                    ip("tcp,udp:80", "host cannot contain a comma (\",\")"),
                    ip(" 80", "port range \" 80\": invalid first integer"),
                    ip("foo:1", "proto name \"foo\" not known; use protocol number 0-255"),
                    ip("icmp:80", "ip \"icmp:80\": this protocol has no ports, use \"*\""),
                    grant("\"ip\": [\"*\"], \"via\": [\"h\"]", "via can only be a tag"),
                    grant(
                            "\"app\": {\"https://x/y\": []}",
                            "capability name must have the form {domain}/{path}"),
                    grant("\"ip\": [\"*\"], \"port\": 1", "json: unknown field \"port\""),
                    ssh(
                            "\"users\": [\"root\"], \"checkPeriod\": \"-1m\"",
                            "checkPeriod -1m0s must be a positive duration"),
                    ssh(
                            "\"users\": [\"root\"], \"checkPeriod\": \"7d\"",
                            "time: unknown unit \"d\" in duration \"7d\""),
                    sshFrom("x@y", "\"z@y\"", "users in dst are only allowed from the same user"),
                    sshFrom("tag:a", "\"x@y\"", "users in dst are only allowed from the same user"),
                    sshFrom(
                            "x@y",
                            "\"x@y\"], \"checkPeriod\": \"always\", \"acceptEnv\": [\"A\"",
                            "checkPeriod is only valid with action \"check\""),
                    new Case(
                            "\"acls\": [{\"action\": \"accept\", \"src\": [\"ipset:x\"],"
                                    + " \"dst\": [\"*:*\"]}]",
                            "src=ipset not found: \"ipset:x\""),
                    sshFrom("h", "\"tag:a\"", "invalid src \"h\""),
                    new Case(
                            "\"autoApprovers\": {\"services\": {\"svc:a\": [\"tag:a\"], \"tag:a\": [\"tag:a\"],"
                                    + " \"a\": []}}",
                            "autoApprovers: \"a\": invalid service"),
                    sshFrom("*", "\"tag:a\"", "invalid src \"*\""),
                    sshFrom("x@y", "\"h\"", "invalid dst \"h\""),
                    sshFrom(
                            "tag:a",
                            "\"autogroup:self\"",
                            "autogroup:self can only be used with users, groups, or supported autogroups"),
                    new Case(
                            "\"acls\": [{\"action\": \"accept\", \"users\": [\"*\"], \"ports\": [\"*:*\"]}, {\"action\": \"accept\", \"src\": [\"*\"], \"dst\": [\"*:*\"]}]",
                            "\"users\" cannot be used together with \"src\" and \"dst\""),
                    acl(
                            "autogroup:member\", \"autogroup:members",
                            "*:*",
                            "\"autogroup:members\" cannot be used together with \"autogroup:member\""),
                    new Case(
                            "\"attrConfig\": {\"custom:a\": {\"type\": \"date\"}}",
                            "attrConfig[\"custom:a\"]: type must be string, bool or number"),
                    new Case("\"derpMap\": {\"Regions\": {\"0\": null}}", "invalid region ID: 0"),
                    new Case(
                            "\"derpMap\": {\"Regions\": {\"65536\": null}}",
                            "invalid region ID: 65536"),
                    new Case(
                            "\"derpMap\": {\"HomeParams\": {\"RegionScore\": {\"900\": 1e999}}}",
                            "derpMap.HomeParams.RegionScore[\"900\"]: expected a number that is not"
                                    + " negative"),
                    new Case(
                            "\"derpMap\": {\"Regions\": {\"900\": {\"RegionID\": 901, \"RegionCode\": \"x\"}}}",
                            "derpMap.Regions[\"900\"].RegionID: RegionID must be 900, as the region's name says"),
                    new Case(
                            "\"derpMap\": {\"Regions\": {\"900\": {\"RegionID\": 900, \"RegionCode\": \"x\", \"Nodes\": [{\"Name\": \"a\", \"RegionID\": 900, \"HostName\": \"d\", \"IPv4\": \"::1\"}]}}}",
                            "derpMap.Regions[\"900\"].Nodes[0].IPv4: \"::1\": invalid address"),
                    new Case(
                            "\"derpMap\": {\"Regions\": {\"900\": {\"RegionID\": 900, \"RegionCode\": \"x\", \"Nodes\": [{\"Name\": \"a\", \"RegionID\": 900, \"HostName\": \"d\", \"DERPPort\": 70000}]}}}",
                            "derpMap.Regions[\"900\"].Nodes[0].DERPPort: DERPPort must be a number from 0 to 65535"),
                    new Case(
                            "\"sshTests\": [{\"src\": \"autogroup:admin\", \"dst\": [\"tag:a\"], \"accept\": [\"x\"]}]",
                            "SSH tests src contains disallowed element \"autogroup:admin\""),
                    ssh(
                            "\"users\": [\"root\"], \"acceptEnv\": [\"\"]",
                            "acceptEnv values cannot be empty"),
                    new Case(
                            "\"nodeAttrs\": [{\"target\": [\"%x%\"]}]", "\"%x%\": invalid address"),
                    new Case(
                            "\"groups\": {\"group:a\": [\"group:b\"]}",
                            "groups[\"group:a\"]: \"group:b\": group members cannot be recursive"),
                    new Case("\"acl\": []", "json: unknown field \"acl\""),
                    new Case("\"acls\": [], \"ACLs\": []", "\"ACLs\" appears more than once"),
                    new Case(
                            "\"sshTests\": [{\"src\": \"a@b\", \"dst\": [\"tag:a:22\"], \"accept\": [\"x\"]}]",
                            "SSH tests dst contains unknown tag \"tag:a:22\""),
                    new Case(
                            "\"sshTests\": [{\"src\": \"a@b\", \"dst\": [\"10.0.0.0/8\"], \"accept\": [\"x\"]}]",
                            "SSH tests dst contains disallowed element \"10.0.0.0/8\""));

    private static Case acl(String source, String destination, String message) {
        return new Case(
                "\"acls\": [{\"action\": \"accept\", \"src\": [\""
                        + source
                        + "\"], \"dst\": [\""
                        + destination
                        + "\"]}]",
                message);
    }

    private static Case proto(String proto, String message) {
        return new Case(
                "\"acls\": [{\"action\": \"accept\", \"src\": [\"*\"], \"dst\": [\"*:*\"], \"proto\": \""
                        + proto
                        + "\"}]",
                message);
    }

    private static Case ip(String ip, String message) {
        return grant("\"ip\": [\"" + ip + "\"]", message);
    }

    private static Case sshFrom(String source, String destinations, String message) {
        return new Case(
                "\"ssh\": [{\"action\": \"accept\", \"users\": [\"root\"], \"src\": [\""
                        + source
                        + "\"], \"dst\": ["
                        + destinations
                        + "]}]",
                message);
    }

    private static Case grant(String rest, String message) {
        return new Case(
                "\"grants\": [{\"src\": [\"*\"], \"dst\": [\"*\"], " + rest + "}]", message);
    }

    private static Case ssh(String rest, String message) {
        return new Case(
                "\"ssh\": [{\"action\": \"check\", \"src\": [\"autogroup:member\"], \"dst\": [\"tag:a\"], "
                        + rest
                        + "}]",
                message);
    }

    @ParameterizedTest(name = "{0}")
    @FieldSource("CASES")
    void refuses(Case c) {
        String text = "{" + HEAD + ", " + c.rules() + "}";
        var e =
                assertThrows(
                        InvalidPolicy.class, () -> Policy.parse(text, Policy.Dialect.TAILSCALE));
        assertEquals(c.message(), e.message());
    }

    @Test
    void namesEveryProblemWithItsPlace() {
        String text =
                """
                {
                  // comments and trailing commas are fine
                  "Grants": [
                    {"src": ["tag:x"], "dst": ["*"], "ip": ["0"]},
                  ],
                }
                """;
        var e =
                assertThrows(
                        InvalidPolicy.class, () -> Policy.parse(text, Policy.Dialect.TAILSCALE));
        assertEquals(
                List.of(
                        "4:14: src=tag not found: \"tag:x\"",
                        "4:45: port range \"0\": first port must be >0, or use '*' for wildcard"),
                e.problems().stream().map(Problem::toString).toList());
        assertEquals("Grants[0].src[0]".toLowerCase(Locale.ROOT), e.problems().getFirst().path());
    }

    @Test
    void placesASyntaxError() {
        var e =
                assertThrows(
                        InvalidPolicy.class, () -> Policy.parse("{,}", Policy.Dialect.TAILSCALE));
        assertEquals(true, e.message().startsWith("hujson: line 1, column 2: "), e.message());
    }

    @Test
    void wordsOfAPostureMayBeInAnyCase() {
        assertEquals("ip:country IS SET", String.valueOf(Posture.parse("ip:country is set")));
        assertEquals(
                "node:os IN ['a', 'b']", String.valueOf(Posture.parse("node:os in ['a','b']")));
        assertEquals("null", String.valueOf(Posture.parse("custom:a == granted")));
    }
}
