package hearth.tailnet;

import static hearth.tailnet.Clients.NO_WAIT;
import static hearth.tailnet.Clients.OWNER;
import static hearth.tailnet.Clients.accepted;
import static hearth.tailnet.Clients.facts;
import static hearth.tailnet.Clients.host;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.base.Refused;
import hearth.policy.InvalidPolicy;
import hearth.testkit.ManualClock;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A device name of a policy means the node that was bound, whoever bears the name now. */
final class PolicyNamesTest {
    private static final String POLICY =
            """
            {"acls": [{"action": "accept", "src": ["laptop"], "dst": ["nas:22"]}]}
            """;

    private final Tailnet tailnet = MemoryJournal.tailnet(Clients.options(new ManualClock()));

    @AfterEach
    void close() throws IOException {
        tailnet.close();
    }

    private Node join(int i, String name) throws Exception {
        String key = tailnet.createKey(OWNER, KeyOptions.manyTimes()).secret();
        return accepted(tailnet.register(facts(i, i, key, host(name)), NO_WAIT));
    }

    private int rules(Node n) {
        return tailnet.snapshot().policy().compiled().packetFilter(n.id()).size();
    }

    @Test
    void boundAtTheSaveAndKeptByRenames() throws Exception {
        Node laptop = join(1, "laptop");
        Node nas = join(2, "nas");
        tailnet.setPolicy(OWNER, POLICY, null, "");
        assertEquals(1, rules(nas));
        tailnet.renameNode(OWNER, nas.id(), "old");
        Node thief = join(3, "nas");
        assertEquals("nas", thief.name());
        assertEquals(0, rules(thief));
        assertEquals(1, rules(nas));
        tailnet.setPolicy(OWNER, POLICY + "\n", null, "");
        assertEquals(
                Map.of("laptop", laptop.id(), "nas", nas.id()),
                tailnet.snapshot().world().bindings());
    }

    @Test
    void waitsForADeviceThatAnAdministratorLetsIn() throws Exception {
        tailnet.setPolicy(OWNER, POLICY, null, "");
        join(1, "laptop");
        Node nas = join(2, "nas");
        assertEquals(1, rules(nas));
    }

    @Test
    void isForgottenWithItsNameAndDevice() throws Exception {
        Node laptop = join(1, "laptop");
        Node nas = join(2, "nas");
        tailnet.setPolicy(OWNER, POLICY, null, "");
        tailnet.removeNode(OWNER, nas.id());
        Node next = join(3, "nas");
        assertEquals(0, rules(next));
        tailnet.setPolicy(OWNER, "{\"acls\": []}", null, "");
        assertEquals(Map.of("laptop", laptop.id()), tailnet.snapshot().world().bindings());
        tailnet.setPolicy(OWNER, POLICY, null, "");
        assertEquals(1, rules(next));
    }

    @Test
    void aRollBackGivesNothingToWhoTookTheName() throws Exception {
        join(1, "laptop");
        Node nas = join(2, "nas");
        tailnet.setPolicy(OWNER, POLICY, null, "");
        tailnet.setPolicy(OWNER, "{\"acls\": []}", null, "");
        tailnet.renameNode(OWNER, nas.id(), "old");
        Node thief = join(3, "nas");
        tailnet.rollBackPolicy(OWNER, 1);
        assertEquals(0, rules(thief));
        assertEquals(1, rules(nas));
    }

    @Test
    void aRefusedSaveBindsNothing() throws Exception {
        join(1, "laptop");
        join(2, "nas");
        String failing =
                "{\"acls\": [], \"tests\": [{\"src\": \"laptop\", \"accept\": [\"nas:22\"]}]}";
        assertThrows(InvalidPolicy.class, () -> tailnet.setPolicy(OWNER, failing, null, ""));
        assertEquals(Map.of(), tailnet.snapshot().world().bindings());
    }

    @Test
    void aWaitingNameIsTakenByAnAdministratorsRenameNotByADevices() throws Exception {
        tailnet.setPolicy(OWNER, POLICY, null, "");
        join(1, "laptop");
        Node other = join(2, "other");
        tailnet.updateNode(new NodeUpdate(other.id(), null, null, 0, host("nas"), 0));
        assertEquals(0, rules(other), "it calls itself so");
        tailnet.renameNode(OWNER, other.id(), "nas");
        assertEquals(1, rules(other));
        Node second = join(3, "second");
        tailnet.bindDeviceName(OWNER, "nas", second.id());
        assertEquals(0, rules(other));
        assertEquals(1, rules(second));
        assertThrows(Refused.class, () -> tailnet.bindDeviceName(OWNER, "printer", second.id()));
    }

    private List<String> names() {
        return DeviceName.of(tailnet.snapshot()).stream()
                .map(n -> n.name() + " " + n.state().text() + (n.bearer() == null ? "" : " wanted"))
                .toList();
    }

    @Test
    void tellsWhatEveryNameMeans() throws Exception {
        tailnet.setPolicy(OWNER, POLICY, null, "");
        assertEquals(List.of("laptop pending", "nas pending"), names());
        join(1, "laptop");
        Node nas = join(2, "nas");
        assertEquals(List.of("laptop bound", "nas bound"), names());
        tailnet.renameNode(OWNER, nas.id(), "old");
        assertEquals(List.of("laptop bound", "nas renamed"), names());
        Node thief = join(3, "nas");
        assertEquals(List.of("laptop bound", "nas renamed wanted"), names());
        tailnet.removeNode(OWNER, nas.id());
        assertEquals(List.of("laptop bound", "nas gone wanted"), names());
        assertEquals(0, rules(thief));
        tailnet.bindDeviceName(OWNER, "NAS.hearth.internal", thief.id());
        assertEquals(List.of("laptop bound", "nas bound"), names());
        assertEquals(1, rules(thief));
        AuditEntry row = tailnet.audit(Long.MAX_VALUE, 1).getFirst();
        assertEquals("ACL", row.property());
        assertEquals("a removed device", row.oldValue());
        assertEquals("nas", row.newValue());
        assertEquals("the policy's device name \"nas\" means it", row.details());
        int rows = tailnet.audit(Long.MAX_VALUE, 100).size();
        tailnet.bindDeviceName(OWNER, "nas", thief.id());
        assertEquals(rows, tailnet.audit(Long.MAX_VALUE, 100).size(), "nothing changed");
        Actor auditor = new Actor("", Role.AUDITOR, "socket", "", "");
        assertThrows(Refused.class, () -> tailnet.bindDeviceName(auditor, "nas", thief.id()));
        assertThrows(Refused.class, () -> tailnet.bindDeviceName(OWNER, "nas", 99));
    }

    @Test
    void whatAWaitingNameTakesStandsInTheAuditLog() throws Exception {
        tailnet.setPolicy(OWNER, POLICY, null, "");
        join(2, "nas");
        assertTrue(
                tailnet.audit(Long.MAX_VALUE, 10).stream()
                        .anyMatch(
                                e ->
                                        e.targetName().equals("nas")
                                                && e.details().contains("device name \"nas\"")));
    }

    @Test
    void aSaveGivesAWaitingNameToNobodyWhoTookItItself() throws Exception {
        tailnet.setPolicy(OWNER, POLICY, null, "");
        Node other = join(2, "other");
        tailnet.updateNode(new NodeUpdate(other.id(), null, null, 0, host("nas"), 0));
        assertEquals(List.of("laptop pending", "nas pending wanted"), names());
        tailnet.setPolicy(OWNER, POLICY + "\n", null, "");
        assertEquals(0, rules(other));
    }

    @Test
    void isTriedAsItWouldBeSaved() throws Exception {
        Node laptop = join(1, "laptop");
        Node nas = join(2, "nas");
        String tested =
                """
                {"acls": [{"action": "accept", "src": ["laptop"], "dst": ["nas:22"]}],
                 "tests": [{"src": "laptop", "accept": ["nas:22"], "deny": ["nas:80"]}]}
                """;
        var tried = tailnet.tryPolicy(tested);
        assertEquals(1, tried.packetFilter(nas.id()).size());
        assertEquals(Map.of("laptop", laptop.id(), "nas", nas.id()), tried.world().bindings());
        assertEquals(Map.of(), tailnet.snapshot().world().bindings());
        String onlyTested =
                """
                {"acls": [], "tests": [{"src": "laptop", "deny": ["nas:22"]}]}
                """;
        tailnet.setPolicy(OWNER, onlyTested, null, "");
    }
}
