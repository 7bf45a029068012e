package hearth.tailnet;

import static hearth.tailnet.Clients.OWNER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.base.IpAddress;
import hearth.base.IpPrefix;
import hearth.base.Refused;
import hearth.control.ControlJson;
import hearth.control.Hostinfo;
import hearth.crypto.DiscoKey;
import hearth.policy.InvalidPolicy;
import hearth.policy.Policy;
import hearth.testkit.ManualClock;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Commands, presence and what time brings about. */
final class TailnetTest {
    private static final IpPrefix LAN = IpPrefix.parse("192.168.7.0/24");

    private final ManualClock clock = new ManualClock();
    private final Tailnet tailnet = MemoryJournal.tailnet(Clients.options(clock));

    @AfterEach
    void close() throws IOException {
        tailnet.close();
    }

    private Node join(int i) throws Refused {
        return Clients.join(tailnet, i, i);
    }

    private Node offer(Node n, String... routes) throws Refused {
        var json = Clients.host("box").json();
        json.set("RoutableIPs", ControlJson.tree(List.of(routes)));
        return tailnet.updateNode(new NodeUpdate(n.id(), null, null, 0, Hostinfo.of(json), 0));
    }

    @Test
    void nothingIsRoutedBeforeAPersonApprovesIt() throws Refused {
        Node n = offer(join(1), "192.168.7.0/24", "0.0.0.0/0", "::/0");
        assertEquals(List.of(), n.enabledRoutes());
        n = tailnet.approveRoutes(OWNER, n.id(), List.of(LAN));
        assertEquals(List.of(LAN), n.enabledRoutes());
        n = tailnet.approveRoutes(OWNER, n.id(), List.of(IpPrefix.ALL_V6));
        assertEquals(
                List.of(LAN, IpPrefix.ALL_V4, IpPrefix.ALL_V6),
                n.enabledRoutes(),
                "both halves of an exit together");
        n = tailnet.unapproveRoutes(OWNER, n.id(), List.of(IpPrefix.ALL_V4));
        assertEquals(List.of(LAN), n.enabledRoutes());
        n = offer(n);
        assertEquals(List.of(), n.enabledRoutes(), "approved, but not offered");
        assertEquals(List.of(LAN), n.approved());
    }

    @Test
    void routesInTheTailnetAreRefused() throws Refused {
        Node n = join(1);
        assertThrows(
                Refused.class,
                () ->
                        tailnet.approveRoutes(
                                OWNER, n.id(), List.of(IpPrefix.parse("100.64.0.0/16"))));
    }

    @Test
    void applianceNodeStays() throws Refused {
        var facts =
                new ApplianceNode(
                        "hearth",
                        Clients.machine(99),
                        Clients.key(99),
                        new DiscoKey(new byte[32]),
                        Hostinfo.EMPTY,
                        List.of(LAN),
                        113);
        Node n = tailnet.ensureApplianceNode(facts);
        assertEquals(n, tailnet.ensureApplianceNode(facts));
        assertEquals(List.of("tag:hearth"), n.tags());
        assertNull(n.keyExpiry());
        assertEquals(List.of(), n.enabledRoutes());
        assertThrows(Refused.class, () -> tailnet.removeNode(OWNER, n.id()));
        assertThrows(Refused.class, () -> tailnet.expireNode(OWNER, n.id()));
        clock.advance(Duration.ofDays(1000));
        tailnet.tick();
        assertFalse(tailnet.snapshot().nodes().getFirst().expired());
    }

    @Test
    void offlineIsToldAfterTenSeconds() throws Refused {
        Node n = join(1);
        var first = tailnet.connected(n.id());
        var second = tailnet.connected(n.id());
        assertTrue(tailnet.online(n.id()));
        first.close();
        first.close();
        clock.advance(Duration.ofMinutes(1));
        tailnet.tick();
        assertTrue(tailnet.online(n.id()), "the second stream is open");
        second.close();
        clock.advance(Duration.ofSeconds(9));
        tailnet.tick();
        assertTrue(tailnet.online(n.id()));
        var third = tailnet.connected(n.id());
        clock.advance(Duration.ofSeconds(9));
        tailnet.tick();
        assertTrue(tailnet.online(n.id()), "a reconnect hides the gap");
        third.close();
        var left = clock.instant();
        clock.advance(Duration.ofSeconds(10));
        tailnet.tick();
        assertFalse(tailnet.online(n.id()));
        assertEquals(left, tailnet.lastSeen(n.id()));
    }

    @Test
    void ephemeralNodeGoesHalfAnHourAfterItsLastStream() throws Refused {
        Node n = joinEphemeral();
        var stream = tailnet.connected(n.id());
        pass(Duration.ofHours(5));
        assertNotNull(tailnet.snapshot().node(n.id()));
        stream.close();
        pass(Duration.ofMinutes(29));
        var back = tailnet.connected(n.id());
        pass(Duration.ofHours(1));
        assertNotNull(tailnet.snapshot().node(n.id()), "it came back in time");
        back.close();
        pass(Duration.ofMinutes(29));
        assertNotNull(tailnet.snapshot().node(n.id()));
        pass(Duration.ofMinutes(1));
        assertNull(tailnet.snapshot().node(n.id()));
    }

    private Node joinEphemeral() throws Refused {
        String k =
                tailnet.createKey(
                                OWNER, new KeyOptions(null, List.of(), true, true, false, null, ""))
                        .secret();
        return Clients.accepted(tailnet.register(Clients.facts(1, 1, k)));
    }

    private void pass(Duration time) {
        for (long m = 0; m < time.toMinutes(); m++) {
            clock.advance(Duration.ofMinutes(1));
            tailnet.tick();
        }
    }

    /** As a machine without a clock of its own does, once it has asked for the time. */
    @Test
    void aClockThatIsSetForwardTakesNoEphemeralNode() throws Refused {
        Node n = joinEphemeral();
        tailnet.connected(n.id()).close();
        pass(Duration.ofMinutes(20));
        clock.advance(Duration.ofHours(3));
        tailnet.tick();
        pass(Duration.ofMinutes(29));
        assertNotNull(tailnet.snapshot().node(n.id()));
        pass(Duration.ofMinutes(1));
        assertNull(tailnet.snapshot().node(n.id()));
    }

    @Test
    void aClockThatIsSetBackHidesNoAbsence() throws Refused {
        Node n = join(1);
        tailnet.connected(n.id()).close();
        clock.advance(Duration.ofHours(-2));
        tailnet.tick();
        assertTrue(tailnet.online(n.id()));
        clock.advance(Duration.ofSeconds(10));
        tailnet.tick();
        assertFalse(tailnet.online(n.id()));
    }

    @Test
    void removedNodesAddressRestsForThirtyDays() throws Refused {
        Node n = join(1);
        tailnet.removeNode(OWNER, n.id());
        assertEquals(n.v4(), tailnet.snapshot().parts.freed().get(n.v4()) == null ? null : n.v4());
        Node next = join(2);
        assertFalse(next.v4().equals(n.v4()));
    }

    @Test
    void updateKeepsWhatIsNotTold() throws Refused {
        Node n = join(1);
        var disco = new DiscoKey(new byte[32]);
        var e = new InetSocketAddress("192.0.2.9", 41641);
        tailnet.updateNode(new NodeUpdate(n.id(), disco, List.of(e, e), 900, null, 0));
        Node same =
                tailnet.updateNode(new NodeUpdate(n.id(), null, null, 0, Clients.host("box1"), 0));
        assertEquals(disco, same.disco());
        assertEquals(List.of(e), same.endpoints());
        assertEquals(900, same.homeDerp());
    }

    @Test
    void unownedTagInAMapRequestEndsTheKey() throws Refused {
        Node n = join(1);
        Node after =
                tailnet.updateNode(
                        new NodeUpdate(
                                n.id(), null, null, 0, Clients.host("box1", "tag:other"), 0));
        assertTrue(after.expired());
        assertEquals(List.of(), after.tags());
    }

    @Test
    void subscribersSeeEveryChangeInOrderAndUnchangedNodesAreTheSame() throws Refused {
        List<Snapshot> seen = new ArrayList<>();
        tailnet.subscribe(
                (before, after) -> {
                    if (!seen.isEmpty()) {
                        assertSame(seen.getLast(), before);
                    }
                    seen.add(after);
                });
        Node a = join(1);
        Node b = join(2);
        tailnet.renameNode(OWNER, b.id(), "second");
        assertSame(tailnet.snapshot(), seen.getLast());
        assertSame(a, tailnet.snapshot().node(a.id()));
        int count = seen.size();
        tailnet.renameNode(OWNER, b.id(), "second");
        assertEquals(count, seen.size(), "no change, no word");
    }

    @Test
    void compiledPolicyKnowsTheNodesOfItsSnapshot() throws Refused {
        Node a = join(1);
        Node b = join(2);
        assertEquals(1, tailnet.snapshot().compiled().peers(a.id()).size());
        var before = tailnet.snapshot().compiled();
        tailnet.updateNode(new NodeUpdate(a.id(), null, List.of(), 7, null, 0));
        assertSame(before, tailnet.snapshot().compiled(), "endpoints concern no policy");
        tailnet.removeNode(OWNER, b.id());
        assertEquals(List.of(), tailnet.snapshot().compiled().peers(a.id()));
    }

    @Test
    void policyIsSavedByteForByteWithIfMatch() throws Exception {
        String etag = tailnet.snapshot().policy().etag();
        PolicyState saved = tailnet.setPolicy(OWNER, Policy.DEFAULT_TEXT, etag, "why");
        assertEquals(1, saved.saved().version());
        var stale =
                assertThrows(
                        Refused.class,
                        () -> tailnet.setPolicy(OWNER, Policy.DEFAULT_TEXT, "0".repeat(64), ""));
        assertEquals(Refused.Code.PRECONDITION_FAILED, stale.code());
        assertThrows(InvalidPolicy.class, () -> tailnet.setPolicy(OWNER, "{", null, ""));
        assertEquals(2, tailnet.rollBackPolicy(OWNER, 1).saved().version());
        assertEquals(2, tailnet.policyHistory(10).size());
        assertEquals("owner@hearth.internal", tailnet.policyHistory(1).getFirst().author());
    }

    @Test
    void rolesLimitWhatAnActorMayDo() throws Exception {
        Node n = join(1);
        tailnet.createUser(OWNER, "net", null, Role.NETWORK_ADMIN);
        tailnet.createUser(OWNER, "aud", null, Role.AUDITOR);
        var net = new Actor("net@hearth.internal", Role.NETWORK_ADMIN, "api");
        var aud = new Actor("aud@hearth.internal", Role.AUDITOR, "api");
        assertForbidden(() -> tailnet.removeNode(net, n.id()));
        assertForbidden(() -> tailnet.setRole(net, "aud", Role.ADMIN));
        assertForbidden(() -> tailnet.createKey(aud, KeyOptions.oneOff()));
        assertForbidden(() -> tailnet.setDns(aud, DnsSettings.DEFAULT));
        assertForbidden(() -> tailnet.setPolicy(aud, Policy.DEFAULT_TEXT, null, ""));
        tailnet.setPolicy(net, Policy.DEFAULT_TEXT, null, "");
        assertThrows(
                Refused.class,
                () -> tailnet.createKey(net, KeyOptions.oneOff().withTags("tag:unknown")));
        assertThrows(
                Refused.class,
                () -> tailnet.setRole(OWNER, "owner", Role.MEMBER),
                "somebody stays owner");
    }

    @Test
    void pageThatIsOlderThanAChangeOfRoleHasNoMoreRights() throws Exception {
        tailnet.createUser(OWNER, "ana", null, Role.ADMIN);
        var ana = new Actor("ana@hearth.internal", Role.ADMIN, "console");
        tailnet.createKey(ana, KeyOptions.oneOff());
        tailnet.setRole(OWNER, "ana", Role.AUDITOR);
        assertForbidden(() -> tailnet.createKey(ana, KeyOptions.oneOff()));
        tailnet.setRole(OWNER, "ana", Role.OWNER);
        assertForbidden(() -> tailnet.setRole(ana, "owner", Role.MEMBER));
        tailnet.setSuspended(OWNER, "ana", true);
        assertForbidden(() -> tailnet.setDns(ana, DnsSettings.DEFAULT));
    }

    private interface Doing {
        void run() throws Exception;
    }

    private static void assertForbidden(Doing doing) {
        var r = assertThrows(Refused.class, doing::run);
        assertEquals(Refused.Code.FORBIDDEN, r.code());
    }

    @Test
    void dnsSettingsAreChecked() throws Refused {
        var good =
                new DnsSettings(
                        true,
                        List.of("1.1.1.1", "https://dns.example/dns-query"),
                        Map.of("Corp.Example.", List.of("10.0.0.1")),
                        true,
                        List.of());
        assertTrue(tailnet.setDns(OWNER, good).splitDomains().containsKey("corp.example"));
        for (String bad : List.of("dns.example", "1.2.3", "", "http://x")) {
            var dns = new DnsSettings(true, List.of(bad), Map.of(), false, List.of());
            assertThrows(Refused.class, () -> tailnet.setDns(OWNER, dns), bad);
        }
        var override = new DnsSettings(true, List.of(), Map.of(), true, List.of());
        assertThrows(Refused.class, () -> tailnet.setDns(OWNER, override));
    }

    @Test
    void singleUseEntryOfAShelfHasOneWinnerAmong64() throws Exception {
        Shelf shelf = tailnet.shelf("setup");
        shelf.put("token", "hash");
        List<Callable<Boolean>> tasks = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            tasks.add(() -> took(shelf));
        }
        int winners = 0;
        try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Boolean> f : pool.invokeAll(tasks)) {
                winners += f.get() ? 1 : 0;
            }
        }
        assertEquals(1, winners);
        assertNull(shelf.get("token"));
        assertEquals(Map.of(), shelf.all());
    }

    private static boolean took(Shelf shelf) {
        try {
            shelf.update(
                    "token",
                    new Shelf.Note(OWNER, "CREATE", "TAILNET", "", "set up"),
                    was -> {
                        if (was == null) {
                            throw Refused.conflict("used");
                        }
                        return absent();
                    });
            return true;
        } catch (Refused _) {
            return false;
        }
    }

    private static @Nullable String absent() {
        return null;
    }

    @Test
    void devicesWriteOneLineIntoTheAuditLog() throws Refused {
        Node n = Clients.join(tailnet, 1, 1);
        IpAddress from = IpAddress.parse("192.0.2.9");
        tailnet.toldByNode(n.key(), "DISCONNECT_NODE", "a\nreason" + "x".repeat(300), from);
        AuditEntry row = tailnet.audit(Long.MAX_VALUE, 1).getFirst();
        assertEquals("DISCONNECT_NODE", row.action());
        assertEquals(n.stableId(), row.targetId());
        assertEquals("192.0.2.9", row.address());
        assertTrue(row.details().startsWith("a reasonx"), row.details());
        assertEquals(200, row.details().length());
        assertThrows(Refused.class, () -> tailnet.toldByNode(n.key(), "drop table", "", from));
        assertThrows(
                Refused.class,
                () -> tailnet.toldByNode(Clients.key(99), "DISCONNECT_NODE", "", from));
    }

    @Test
    void everyChangeHasOneAuditRow() throws Exception {
        long before = tailnet.audit(Long.MAX_VALUE, 1000).size();
        Node n = join(1); // the key, the node, the login
        tailnet.renameNode(OWNER, n.id(), "other");
        tailnet.expireNode(OWNER, n.id());
        tailnet.setKeyExpiry(OWNER, n.id(), false);
        tailnet.removeNode(OWNER, n.id());
        List<AuditEntry> log = tailnet.audit(Long.MAX_VALUE, 1000);
        assertEquals(before + 7, log.size());
        assertEquals("DELETE", log.getFirst().action());
        assertEquals("root", log.getFirst().account());
        assertThrows(Refused.class, () -> tailnet.removeNode(OWNER, n.id()));
        assertEquals(before + 7, tailnet.audit(Long.MAX_VALUE, 1000).size());
    }
}
