package hearth.tailnet;

import static hearth.tailnet.Clients.NO_WAIT;
import static hearth.tailnet.Clients.OWNER;
import static hearth.tailnet.Clients.accepted;
import static hearth.tailnet.Clients.facts;
import static hearth.tailnet.Clients.host;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import hearth.base.Refused;
import hearth.policy.InvalidPolicy;
import hearth.testkit.ManualClock;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A device name of a policy means the node that was bound, whoever bears the name now. */
final class PolicyNamesTest {
    private static final String POLICY =
            """
            {"acls": [{"action": "accept", "src": ["laptop"], "dst": ["nas:22"]}]}
            """;

    private final Tailnet tailnet = Tailnet.inMemory(Clients.options(new ManualClock()));

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
    void isForgottenWithItsName() throws Exception {
        join(1, "laptop");
        Node nas = join(2, "nas");
        tailnet.setPolicy(OWNER, POLICY, null, "");
        tailnet.removeNode(OWNER, nas.id());
        Node next = join(3, "nas");
        assertEquals(0, rules(next));
        tailnet.setPolicy(OWNER, "{\"acls\": []}", null, "");
        assertEquals(Map.of(), tailnet.snapshot().world().bindings());
        tailnet.setPolicy(OWNER, POLICY, null, "");
        assertEquals(1, rules(next));
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
}
