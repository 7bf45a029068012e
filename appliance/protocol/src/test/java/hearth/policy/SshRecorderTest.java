package hearth.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.base.IpAddress;
import hearth.control.SSHAction;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Sessions that a device with a tag records. */
final class SshRecorderTest {
    private static final String HEAD =
            """
            {"tagOwners": {"tag:web": [], "tag:rec": [], "tag:odd": []}, "ssh": [
            """;

    private static Device device(int id, String owner) {
        boolean tag = owner.startsWith("tag:");
        return new Device(
                id,
                "d" + id,
                tag ? null : owner,
                tag ? List.of(owner) : List.of(),
                IpAddress.parse("100.64.0." + id),
                IpAddress.parse("fd7a:115c:a1e0::a:" + id),
                List.of(),
                List.of());
    }

    /** Amy's device 1, a server 2 and another device 3; then recorders. */
    private static World world(int... recorders) {
        List<Device> devices = new ArrayList<>();
        devices.add(device(1, "amy@a.org"));
        devices.add(device(2, "tag:web"));
        devices.add(device(3, "tag:odd"));
        for (int id : recorders) {
            devices.add(device(id, "tag:rec"));
        }
        return new World("amy@a.org", List.of(new Member("amy@a.org", Member.Role.OWNER)), devices);
    }

    private static Policy policy(String... rules) throws InvalidPolicy {
        return Policy.parse(HEAD + String.join(",", rules) + "]}", Policy.Dialect.TAILSCALE);
    }

    private static String rule(String action, boolean enforce) {
        return """
        {"action": "%s", "src": ["amy@a.org"], "dst": ["tag:web"], "users": ["root"],
         "recorder": ["tag:rec"], "enforceRecorder": %s}
        """
                .formatted(action, enforce);
    }

    private static SSHAction action(CompiledPolicy compiled) {
        var ssh = compiled.ssh(2);
        assertNotNull(ssh);
        return ssh.rules().getFirst().action();
    }

    private static final List<String> TWO =
            List.of(
                    "100.64.0.8:80",
                    "100.64.0.9:80",
                    "[fd7a:115c:a1e0::a:8]:80",
                    "[fd7a:115c:a1e0::a:9]:80");

    @Test
    void everyDeviceOfTheTagIsARecorderTheLowestAddressFirst() throws InvalidPolicy {
        SSHAction a = action(policy(rule("accept", false)).compile(world(9, 8)));
        assertTrue(a.accept());
        assertEquals(TWO, a.recorders());
        assertNull(a.onRecordingFailure(), "it goes on unrecorded");
    }

    @Test
    void enforcedSessionsEndWithTheirRecorder() throws InvalidPolicy {
        var failure = action(policy(rule("accept", true)).compile(world(8))).onRecordingFailure();
        assertNotNull(failure);
        assertNotNull(failure.rejectSessionWithMessage());
        assertNotNull(failure.terminateSessionWithMessage());
    }

    @Test
    void checkedSessionsAreRecordedByWhatThePolicySays() throws InvalidPolicy {
        SSHAction a = action(policy(rule("check", true)).compile(world(8, 9)));
        assertNotNull(a.holdAndDelegate());
        assertEquals(TWO, a.recorders());
        assertNotNull(a.onRecordingFailure());
    }

    /** Clients record nothing when they are given no address, whatever is to happen on failure. */
    @Test
    void withoutARecorderAnEnforcedSessionIsRefusedAndAnotherIsLetIn() throws InvalidPolicy {
        for (String action : List.of("accept", "check")) {
            CompiledPolicy must = policy(rule(action, true)).compile(world());
            assertFalse(action(must).accept());
            assertNotNull(action(must).holdAndDelegate(), "the server refuses it");
            assertTrue(must.sshUnrecorded(1, 2, "root"));
            assertFalse(must.sshUnrecorded(1, 2, "kim"), "no rule for that account");
            CompiledPolicy may = policy(rule(action, false)).compile(world());
            assertFalse(may.sshUnrecorded(1, 2, "root"));
            assertEquals(action.equals("accept"), action(may).accept());
        }
    }

    @Test
    void theFirstRuleThatFitsDecidesWhetherToRecord() throws InvalidPolicy {
        String open =
                """
                {"action": "accept", "src": ["amy@a.org"], "dst": ["tag:web"], "users": ["root"]}""";
        assertTrue(policy(rule("accept", true), open).compile(world()).sshUnrecorded(1, 2, "root"));
        assertFalse(
                policy(open, rule("accept", true)).compile(world()).sshUnrecorded(1, 2, "root"));
    }

    @Test
    void aRecorderThatComesOrGoesIsToldToTheNodesThatRecord() throws InvalidPolicy {
        CompiledPolicy none = policy(rule("accept", true)).compile(world());
        CompiledPolicy one = none.recompile(world(8));
        assertEquals(List.of("100.64.0.8:80", "[fd7a:115c:a1e0::a:8]:80"), action(one).recorders());
        CompiledPolicy two = one.recompile(world(8, 9));
        assertEquals(TWO, action(two).recorders());
        assertSame(one.packetFilter(3), two.packetFilter(3));
        assertSame(one.ssh(1), two.ssh(1));
        assertTrue(two.recompile(world()).sshUnrecorded(1, 2, "root"));
        CompiledPolicy other = two.recompile(world(8, 9));
        assertSame(two.ssh(2), other.ssh(2));
    }

    @Test
    void testsAskWhatThePolicySaysNotWhoRecords() throws InvalidPolicy {
        for (String action : List.of("accept", "check")) {
            String test =
                    """
                    ], "sshTests": [{"src": "amy@a.org", "dst": ["tag:web"], "%s": ["root"]}"""
                            .formatted(action);
            Policy p =
                    Policy.parse(HEAD + rule(action, true) + test + "]}", Policy.Dialect.TAILSCALE);
            assertEquals(List.of(), p.compile(world()).objections());
            assertEquals(List.of(), p.compile(world(8)).objections());
        }
    }

    private static List<String> lints(String rest, World world) throws InvalidPolicy {
        Policy p = Policy.parse(HEAD + rest + "}", Policy.Dialect.HEARTH);
        return Lints.of(p, world, null).stream().map(l -> l.code() + " " + l.text()).toList();
    }

    @Test
    void aRuleWhoseSessionsNobodyRecordsIsToldToItsAuthor() throws InvalidPolicy {
        assertEquals(
                List.of(
                        "W11 no device has \"tag:rec\": until one does the sessions are refused",
                        "W11 no device has \"tag:rec\": until one does the sessions are not"
                                + " recorded"),
                lints(rule("accept", true) + "," + rule("check", false) + "]", world()));
        assertEquals(List.of(), lints(rule("accept", true) + "]", world(8)));
        String closed =
                "], \"acls\": [{\"action\": \"accept\", \"src\": [\"tag:%s\"], \"dst\": [\"tag:rec:80\"]}]";
        assertEquals(
                List.of(),
                lints(rule("accept", true) + closed.formatted("web"), world(8)).stream()
                        .filter(l -> l.startsWith("W11"))
                        .toList());
        assertEquals(
                List.of("W11 no rule lets \"d2\" reach tag:rec:80: its sessions are refused"),
                lints(rule("accept", true) + closed.formatted("odd"), world(8)));
    }

    @Test
    void aRecorderIsOneTag() {
        refused("\"recorder\": [\"amy@a.org\"]", "recorder can only be a tag");
        refused("\"recorder\": [\"tag:none\"]", "tag \"tag:none\" not found");
        refused("\"recorder\": [\"tag:rec\", \"tag:odd\"]", "recorder can only have a single tag");
        refused(
                "\"enforceRecorder\": \"yes\"",
                "ssh[0].enforceRecorder: expected true or false, got \"yes\"");
    }

    private static void refused(String member, String text) {
        String rule =
                "{\"action\": \"accept\", \"src\": [\"amy@a.org\"], \"dst\": [\"tag:web\"],"
                        + " \"users\": [\"root\"], ";
        InvalidPolicy e = assertThrows(InvalidPolicy.class, () -> policy(rule + member + "}"));
        assertEquals(text, e.message());
    }
}
