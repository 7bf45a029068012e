package hearth.tailnet;

import static hearth.tailnet.Clients.NO_WAIT;
import static hearth.tailnet.Clients.OWNER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.base.IpPrefix;
import hearth.base.Refused;
import hearth.control.ControlJson;
import hearth.control.Hostinfo;
import hearth.policy.InvalidPolicy;
import hearth.policy.PeerView;
import hearth.testkit.ManualClock;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The policy in the life of the tailnet: saves, tags, routes, who is concerned by what. */
final class PolicyTest {
    private static final IpPrefix LAN = IpPrefix.parse("10.7.0.0/16");

    private final Tailnet tailnet = MemoryJournal.tailnet(Clients.options(new ManualClock()));

    @AfterEach
    void close() throws IOException {
        tailnet.close();
    }

    private void save(String text) throws Refused, InvalidPolicy {
        tailnet.setPolicy(OWNER, text, null, "");
    }

    private Node joinFor(int i, String user) throws Refused {
        var o = new KeyOptions(user, List.of(), false, false, false, null, "");
        String k = tailnet.createKey(OWNER, o).secret();
        return Clients.accepted(tailnet.register(Clients.facts(i, i, k), NO_WAIT));
    }

    @Test
    void saveThatFailsItsOwnTestsIsRefusedAndNothingChanges() throws Exception {
        tailnet.createUser(OWNER, "ana", null, Role.MEMBER);
        joinFor(1, "ana");
        PolicyState before = tailnet.snapshot().policy();
        var e =
                assertThrows(
                        InvalidPolicy.class,
                        () ->
                                save(
                                        """
                                        {"acls": [],
                                         "tests": [{"src": "ana@hearth.internal",
                                                    "accept": ["ana@hearth.internal:22"]}]}
                                        """));
        assertTrue(!e.problems().isEmpty());
        assertSame(before, tailnet.snapshot().policy());
        assertEquals(List.of(), tailnet.policyHistory(10));
        assertThrows(InvalidPolicy.class, () -> tailnet.tryPolicy("{\"acls\": 5}"));
    }

    @Test
    void aDeviceGetsItsAddressFromThePoolOfThePolicy() throws Exception {
        tailnet.createUser(OWNER, "ana", null, Role.MEMBER);
        tailnet.createUser(OWNER, "bea", null, Role.MEMBER);
        Node early = joinFor(1, "ana");
        save(
                """
                {"groups": {"group:staff": ["ana@hearth.internal"]},
                 "nodeAttrs": [
                   {"target": ["100.64.0.0/10", "100.64.0.0"], "ipPool": ["100.84.0.0/31"]},
                   {"target": ["group:staff"], "ipPool": ["100.81.0.6/31", "100.82.0.0/32"]},
                   {"target": ["ana@hearth.internal"], "ipPool": ["100.83.0.0/32"]}]}
                """);
        assertEquals(early.v4(), Objects.requireNonNull(tailnet.snapshot().node(early.id())).v4());
        assertEquals("100.81.0.6", joinFor(2, "ana").v4().toString());
        assertEquals("100.64.0.2", joinFor(3, "bea").v4().toString());
        Node second = joinFor(4, "ana");
        assertEquals("100.81.0.7", second.v4().toString());
        assertEquals("fd7a:115c:a1e0::6451:7", second.v6().toString());
        assertEquals("100.82.0.0", joinFor(5, "ana").v4().toString());
        assertEquals("100.83.0.0", joinFor(6, "ana").v4().toString());
        var o = new KeyOptions("ana", List.of(), false, false, false, null, "");
        String key = tailnet.createKey(OWNER, o).secret();
        var full =
                assertInstanceOf(
                        RegisterOutcome.Failed.class,
                        tailnet.register(Clients.facts(7, 7, key), NO_WAIT));
        assertTrue(full.text().contains("100.83.0.0/32"), full.text());
    }

    @Test
    void aPolicyThatLeavesNoRelayIsRefused() throws Exception {
        var e =
                assertThrows(
                        InvalidPolicy.class,
                        () -> save("{\"derpMap\": {\"OmitDefaultRegions\": true}}"));
        assertEquals("no-relay", e.problems().getFirst().code());
    }

    @Test
    void onlyThoseWhomAChangeConcernsGetNewObjects() throws Exception {
        tailnet.createUser(OWNER, "ana", null, Role.MEMBER);
        tailnet.createUser(OWNER, "bea", null, Role.MEMBER);
        Node a = joinFor(1, "ana");
        Node b = joinFor(2, "bea");
        Node c = joinFor(3, "bea");
        String own =
                """
                {"acls": [
                  {"action": "accept", "src": ["ana@hearth.internal"],
                   "dst": ["ana@hearth.internal:%s"]},
                  {"action": "accept", "src": ["bea@hearth.internal"],
                   "dst": ["bea@hearth.internal:*"]}]}
                """;
        save(own.formatted("*"));
        var before = tailnet.snapshot().compiled();
        save(own.formatted("22"));
        var after = tailnet.snapshot().compiled();
        assertNotSame(before.packetFilter(a.id()), after.packetFilter(a.id()));
        assertSame(before.packetFilter(b.id()), after.packetFilter(b.id()));
        assertSame(before.peers(b.id()), after.peers(b.id()));
        tailnet.removeNode(OWNER, c.id());
        var then = tailnet.snapshot().compiled();
        assertSame(after.packetFilter(a.id()), then.packetFilter(a.id()));
        assertEquals(List.of(), then.peers(b.id()));
    }

    @Test
    void ownersOfATagMayGiveItOthersMayNot() throws Exception {
        tailnet.createUser(OWNER, "ana", null, Role.MEMBER);
        tailnet.createUser(OWNER, "bea", null, Role.MEMBER);
        save(
                """
                {"tagOwners": {"tag:web": ["ana@hearth.internal"]},
                 "acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}
                """);
        Node a = joinFor(1, "ana");
        Node b = joinFor(2, "bea");
        Node tagged =
                tailnet.updateNode(
                        new NodeUpdate(a.id(), null, null, 0, Clients.host("box1", "tag:web"), 0));
        assertEquals(List.of("tag:web"), tagged.tags());
        assertTrue(!tagged.expired() && tagged.keyExpiry() == null);
        assertTrue(
                tailnet.updateNode(
                                new NodeUpdate(
                                        b.id(), null, null, 0, Clients.host("box2", "tag:web"), 0))
                        .expired());
        List<String> told =
                tailnet.audit(Long.MAX_VALUE, 2).stream()
                        .map(e -> e.actorName() + " " + e.property() + " " + e.newValue())
                        .toList();
        assertEquals("ana@hearth.internal ACL_TAGS tag:web", told.getLast());
        assertTrue(
                told.getFirst().startsWith("bea@hearth.internal KEY_EXPIRY_TIME "), told::toString);
        var o = new KeyOptions("ana", List.of(), true, false, false, null, "");
        String k = tailnet.createKey(OWNER, o).secret();
        var asked = Clients.facts(5, 5, k, Clients.host("box5", "tag:web"));
        assertEquals(List.of("tag:web"), Clients.accepted(tailnet.register(asked)).tags());
        var bad = Clients.facts(6, 6, k, Clients.host("box6", "tag:db"));
        assertInstanceOf(RegisterOutcome.Failed.class, tailnet.register(bad));
    }

    @Test
    void autoApproversApproveRoutesWhenTheyAreOfferedAndWhenThePolicyComes() throws Exception {
        tailnet.createUser(OWNER, "ana", null, Role.MEMBER);
        Node a = offering(joinFor(1, "ana"));
        assertEquals(List.of(), a.enabledRoutes());
        save(
                """
                {"autoApprovers": {"routes": {"10.0.0.0/8": ["ana@hearth.internal"]},
                                   "exitNode": ["ana@hearth.internal"]},
                 "acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}
                """);
        assertEquals(List.of(LAN), now(a).enabledRoutes(), "offered before");
        Node b = offering(joinFor(2, "ana"));
        assertEquals(List.of(LAN), now(b).enabledRoutes(), "offered after");
        assertTrue(tailnet.snapshot().compiled().allowedIps(b.id()).size() >= 2);
        assertTrue(
                tailnet.audit(Long.MAX_VALUE, 50).stream()
                        .anyMatch(e -> e.property().equals("AUTO_APPROVED_ROUTES")));
    }

    private Node offering(Node n) throws Refused {
        var json = Clients.host("box").json();
        json.set("RoutableIPs", ControlJson.tree(List.of(LAN.toString())));
        return tailnet.updateNode(new NodeUpdate(n.id(), null, null, 0, Hostinfo.of(json), 0));
    }

    private Node now(Node n) {
        return Objects.requireNonNull(tailnet.snapshot().node(n.id()));
    }

    @Test
    void devicesOfASuspendedPersonAreInNobodysWorldUntilSheIsBack() throws Exception {
        tailnet.createUser(OWNER, "bea", null, Role.MEMBER);
        Node a = joinFor(1, "owner");
        Node b = joinFor(2, "bea");
        Node tagged = tailnet.setTags(OWNER, joinFor(3, "bea").id(), List.of("tag:web"));
        assertEquals(2, MapBuilder.visible(tailnet.snapshot(), a).size());
        tailnet.setSuspended(OWNER, "bea", true);
        Snapshot s = tailnet.snapshot();
        assertEquals(
                List.of(tagged.id()),
                MapBuilder.visible(s, a).stream().map(PeerView::id).toList(),
                "nobody's device stays");
        assertEquals(List.of(), MapBuilder.visible(s, b));
        assertEquals(List.of(), MapBuilder.filter(s, b));
        tailnet.setSuspended(OWNER, "bea", false);
        assertEquals(2, MapBuilder.visible(tailnet.snapshot(), a).size());
        assertEquals(2, MapBuilder.visible(tailnet.snapshot(), b).size());
    }

    @Test
    void unauthorizedNodesAreInNobodysWorld() throws Exception {
        Node a = joinFor(1, "owner");
        tailnet.setSettings(
                OWNER, new Settings(true, true, tailnet.snapshot().settings().keyDuration()));
        Node b = joinFor(2, "owner");
        assertEquals(List.of(), tailnet.snapshot().compiled().peers(a.id()));
        assertEquals(List.of(), tailnet.snapshot().compiled().peers(b.id()));
        tailnet.authorizeNode(OWNER, b.id(), true);
        assertEquals(1, tailnet.snapshot().compiled().peers(b.id()).size());
        assertEquals(1, tailnet.snapshot().compiled().peers(a.id()).size());
    }
}
