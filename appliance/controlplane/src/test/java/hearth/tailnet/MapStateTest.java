package hearth.tailnet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.base.IpPrefix;
import hearth.base.Refused;
import hearth.control.ControlJson;
import hearth.control.Hostinfo;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What frames say, and what they leave out, against a client that forgives nothing. */
final class MapStateTest extends WatchedTailnet {
    @Test
    void theRelaysOfThePolicyAreSentOnce() throws Exception {
        open(me.id());
        String relays =
                """
                {"derpMap": {"Regions": {"910": {"RegionID": 910, "RegionCode": "fra", "Nodes": [
                  {"Name": "a", "RegionID": 910, "HostName": "fra.example", "STUNPort": -1}]}}}}
                """;
        tailnet.setPolicy(Clients.OWNER, relays, null, "");
        assertEquals(List.of("DERPMap"), fields(delta()));
        assertEquals(
                List.of("900", "910"), fields(String.valueOf(client.last.at("/DERPMap/Regions"))));
        tailnet.setPolicy(Clients.OWNER, "// the same\n" + relays, null, "");
        assertEquals("", delta());
        tailnet.setPolicy(Clients.OWNER, "{}", null, "");
        assertEquals(List.of("DERPMap"), fields(delta()));
    }

    @Test
    void anAddressThatThePolicyHidesIsToldNobody() throws Exception {
        open(me.id());
        String hide =
                """
                {"nodeAttrs": [{"target": ["%s"], "attr": ["disable-ipv4"]}]}
                """
                        .formatted(other.v4());
        tailnet.setPolicy(Clients.OWNER, hide, null, "");
        assertEquals(List.of("PeersChanged"), fields(delta()));
        List<String> six = List.of(other.v6() + "/128");
        assertEquals(six, texts(client.peer(other.id()).get("Addresses")));
        assertEquals(six, texts(client.peer(other.id()).get("AllowedIPs")));
        assertEquals(
                six,
                Objects.requireNonNull(builder.local(tailnet.snapshot(), other.id()))
                        .self()
                        .addresses()
                        .stream()
                        .map(Object::toString)
                        .toList());
        tailnet.setPolicy(Clients.OWNER, "{\"disableIPv4\": true}", null, "");
        assertEquals(List.of("Node"), fields(delta()));
        assertEquals(List.of(me.v6() + "/128"), texts(client.last.get("Node").get("Addresses")));
        tailnet.setPolicy(Clients.OWNER, "{}", null, "");
        assertEquals(List.of("Node", "PeersChanged"), fields(delta()));
        assertEquals(2, client.peer(other.id()).get("Addresses").size());
    }

    @Test
    void firstFrameIsComplete() {
        open(me.id());
        assertEquals(
                List.of(
                        "Node",
                        "DERPMap",
                        "Peers",
                        "DNSConfig",
                        "Domain",
                        "PacketFilters",
                        "UserProfiles",
                        "ControlTime",
                        "Debug",
                        "ClientVersion"),
                List.copyOf(client.last.propertyNames()));
        JsonNode self = client.last.get("Node");
        assertEquals("box1.hearth.internal.", self.get("Name").asString());
        assertTrue(self.get("MachineAuthorized").asBoolean());
        assertEquals(2, self.get("Addresses").size());
        assertTrue(self.get("CapMap").has("cache-network-maps"));
        assertTrue(client.last.at("/Debug/DisableLogTail").asBoolean());
        assertEquals(List.of(other.id()), List.copyOf(client.peers.keySet()));
        JsonNode peer = client.peer(other.id());
        assertEquals(peer.get("Addresses"), peer.get("AllowedIPs"));
        assertTrue(peer.get("Addresses").get(0).asString().endsWith("/32"));
        assertTrue(peer.get("Addresses").get(1).asString().endsWith("/128"));
    }

    @Test
    void nothingNewSaysNothing() {
        open(me.id());
        assertEquals("", delta());
    }

    @Test
    void ownFactsAreNotEchoed() throws Refused {
        open(me.id());
        update(me, disco(1), 900, "192.0.2.7");
        assertEquals("", delta());
    }

    @Test
    void movedEndpointIsASmallPatch() throws Refused {
        update(other, disco(2), 900, "192.0.2.8");
        open(me.id());
        update(other, disco(2), 900, "203.0.113.77");
        String frame = delta();
        assertEquals(
                "{\"PeersChangedPatch\":[{\"NodeID\":"
                        + other.id()
                        + ",\"Endpoints\":[\"203.0.113.77:41641\"]}]}",
                frame);
    }

    @Test
    void endpointsThatGoAreAnEmptyList() throws Refused {
        update(other, disco(2), 900, "192.0.2.8");
        open(me.id());
        update(other, disco(2), 900);
        assertTrue(delta().contains("\"Endpoints\":[]"));
        assertFalse(client.peer(other.id()).has("Endpoints"));
    }

    @Test
    void discoKeyAndRelayArePatched() throws Refused {
        open(me.id());
        update(other, disco(9), 900);
        assertEquals(List.of("PeersChangedPatch"), fields(delta()));
        assertEquals(900, client.peer(other.id()).get("HomeDERP").asInt());
        assertEquals(disco(9).toString(), client.peer(other.id()).get("DiscoKey").asString());
    }

    @Test
    void presenceTellsWhenToo() throws Refused {
        open(me.id());
        clock.advance(Duration.ofSeconds(5));
        var connection = tailnet.connected(other.id());
        String frame = delta();
        assertEquals(List.of("PeersChangedPatch"), fields(frame));
        assertTrue(client.peer(other.id()).get("Online").asBoolean());
        assertTrue(client.peer(other.id()).has("LastSeen"));
        connection.close();
        clock.advance(Duration.ofSeconds(9));
        tailnet.tick();
        assertEquals("", delta()); // a flap is nobody's business
        clock.advance(Duration.ofSeconds(2));
        tailnet.tick();
        delta();
        assertFalse(client.peer(other.id()).get("Online").asBoolean());
    }

    @Test
    void discoKeyOfANodeThatWentAwayIsSentWhole() throws Refused {
        var connection = tailnet.connected(other.id());
        open(me.id());
        connection.close();
        clock.advance(Duration.ofSeconds(11));
        tailnet.tick();
        update(other, disco(3), 0);
        assertEquals(List.of("PeersChanged"), fields(delta()));
        assertFalse(client.peer(other.id()).get("Online").asBoolean());
    }

    @Test
    void lateAndLastPeers() throws Refused {
        open(me.id());
        Node third = Clients.join(tailnet, 3, 3);
        assertEquals(List.of("PeersChanged"), fields(delta()));
        tailnet.removeNode(Clients.OWNER, other.id());
        tailnet.removeNode(Clients.OWNER, third.id());
        assertEquals("{\"PeersRemoved\":[" + other.id() + ", " + third.id() + "]}", delta());
        assertTrue(client.peers.isEmpty());
    }

    @Test
    void renameAndNewAddressAreSentWhole() throws Refused {
        open(me.id());
        tailnet.renameNode(Clients.OWNER, other.id(), "shed");
        assertEquals(List.of("PeersChanged"), fields(delta()));
        assertEquals("shed.hearth.internal.", client.peer(other.id()).get("Name").asString());
    }

    @Test
    void rotatedKeyIsSentWhole() throws Refused {
        open(me.id());
        Clients.join(tailnet, 2, 22);
        assertEquals(List.of("PeersChanged"), fields(delta()));
        assertEquals(Clients.key(22).toString(), client.peer(other.id()).get("Key").asString());
    }

    @Test
    void lateUserComesWithItsProfile() throws Refused {
        open(me.id());
        tailnet.createUser(Clients.OWNER, "ana", "Ana", Role.MEMBER);
        tailnet.moveToUser(Clients.OWNER, other.id(), "ana");
        assertEquals(List.of("PeersChanged", "UserProfiles", "Domain"), fields(delta()));
    }

    @Test
    void profileOfAUserWithoutPeersIsToldAgain() throws Refused {
        tailnet.createUser(Clients.OWNER, "ana", "Ana", Role.MEMBER);
        tailnet.moveToUser(Clients.OWNER, other.id(), "ana");
        open(me.id());
        tailnet.authorizeNode(Clients.OWNER, other.id(), false);
        assertEquals(List.of("PeersRemoved"), fields(delta()));
        tailnet.authorizeNode(Clients.OWNER, other.id(), true);
        assertEquals(List.of("PeersChanged", "UserProfiles", "Domain"), fields(delta()));
    }

    @Test
    void expiredPeerIsMarkedAndHasNoPath() throws Refused {
        update(other, disco(2), 900, "192.0.2.8");
        open(me.id());
        tailnet.expireNode(Clients.OWNER, other.id());
        delta();
        JsonNode p = client.peer(other.id());
        assertTrue(p.get("Expired").asBoolean());
        assertFalse(p.has("Endpoints"));
        assertFalse(p.has("HomeDERP"));
        tailnet.setKeyExpiry(Clients.OWNER, other.id(), false);
        delta();
        assertFalse(client.peer(other.id()).has("Expired"));
        assertTrue(client.peer(other.id()).has("Endpoints"));
    }

    @Test
    void expiredNodeLosesItsPeersAndGetsThemBack() throws Refused {
        open(me.id());
        tailnet.expireNode(Clients.OWNER, me.id());
        delta();
        assertTrue(client.peers.isEmpty());
        assertEquals("[]", String.valueOf(client.filter));
        assertNotNull(client.self);
        assertTrue(client.self.has("KeyExpiry"));
        tailnet.setKeyExpiry(Clients.OWNER, me.id(), false);
        delta();
        assertFalse(client.self.has("KeyExpiry"));
        assertEquals(List.of(other.id()), List.copyOf(client.peers.keySet()));
        assertTrue(client.filter != null && client.filter.size() > 0);
    }

    @Test
    void waitingDeviceSeesNobodyAndIsSeenByNobody() throws Refused {
        tailnet.setSettings(Clients.OWNER, new Settings(true, true, Duration.ofDays(180)));
        open(me.id());
        Node waiting = Clients.join(tailnet, 4, 4);
        assertFalse(waiting.authorized());
        delta();
        assertFalse(client.peers.containsKey(waiting.id()));
        open(waiting.id());
        assertTrue(client.peers.isEmpty());
        assertFalse(client.last.get("Node").has("MachineAuthorized"));
        tailnet.authorizeNode(Clients.OWNER, waiting.id(), true);
        delta();
        assertEquals(2, client.peers.size());
        assertTrue(client.last.get("Node").get("MachineAuthorized").asBoolean());
    }

    @Test
    void anotherRelayMapIsSentOnce() {
        open(me.id());
        derp = relays("Hearth two");
        assertEquals(List.of("DERPMap"), fields(delta()));
        derp = relays("Hearth two"); // equal, not identical
        assertEquals("", delta());
    }

    @Test
    void nameserversMapToOneSwitch() throws Refused {
        open(me.id());
        assertNotNull(client.dns);
        assertTrue(client.dns.get("Proxied").asBoolean());
        assertEquals("[\"hearth.internal\"]", client.dns.get("Domains").toString());
        var split =
                new DnsSettings(
                        true,
                        List.of("192.0.2.53"),
                        Map.of("corp.example", List.of("192.0.2.54"), "none.example", List.of()),
                        false,
                        List.of("example"));
        tailnet.setDns(Clients.OWNER, split);
        assertEquals(List.of("DNSConfig"), fields(delta()));
        assertFalse(client.dns.has("Resolvers"));
        assertEquals("192.0.2.53", client.dns.at("/FallbackResolvers/0/Addr").asString());
        assertEquals("[]", client.dns.get("Routes").get("none.example").toString());
        tailnet.setDns(
                Clients.OWNER,
                new DnsSettings(true, List.of("192.0.2.53"), Map.of(), true, List.of()));
        delta();
        assertEquals("192.0.2.53", client.dns.at("/Resolvers/0/Addr").asString());
        assertFalse(client.dns.has("FallbackResolvers"));
    }

    @Test
    void exitNodeHasBothDefaultsAndIsSuggested() throws Refused {
        tailnet.updateNode(
                new NodeUpdate(other.id(), null, null, 0, offering("0.0.0.0/0", "::/0"), 0));
        open(me.id());
        assertFalse(client.peer(other.id()).has("CapMap"));
        tailnet.approveRoutes(Clients.OWNER, other.id(), List.of(IpPrefix.ALL_V4, IpPrefix.ALL_V6));
        delta();
        JsonNode p = client.peer(other.id());
        assertEquals(4, p.get("AllowedIPs").size());
        assertTrue(p.get("CapMap").has("suggest-exit-node"));
        assertFalse(p.has("PrimaryRoutes"));
    }

    /** Else a client sends its questions to a DNS server that is not there. */
    @Test
    void theApplianceIsAnExitNodeWithoutDnsServer() throws Refused {
        Node appliance =
                tailnet.ensureApplianceNode(
                        new ApplianceNode(
                                "hearth",
                                Clients.machine(99),
                                Clients.key(99),
                                disco(99),
                                Hostinfo.EMPTY,
                                List.of(IpPrefix.ALL_V4, IpPrefix.ALL_V6),
                                113));
        offers(other, 113);
        open(me.id());
        assertEquals(25, client.peer(appliance.id()).get("Cap").asInt());
        assertEquals(113, client.peer(other.id()).get("Cap").asInt());
    }

    @Test
    void aSuspendedPersonsDeviceLosesItsPeersAndSaysWhy() throws Refused {
        tailnet.createUser(Clients.OWNER, "bea", null, Role.MEMBER);
        var ofBea = new KeyOptions("bea", List.of(), false, false, false, null, "");
        String key = tailnet.createKey(Clients.OWNER, ofBea).secret();
        Node hers = Clients.accepted(tailnet.register(Clients.facts(7, 7, key)));
        open(hers.id());
        assertTrue(client.peers.containsKey(me.id()));
        tailnet.setSuspended(Clients.OWNER, "bea", true);
        String told = delta();
        assertTrue(client.peers.isEmpty(), told);
        assertTrue(told.contains("bea@hearth.internal is suspended"), told);
        tailnet.setSuspended(Clients.OWNER, "bea", false);
        told = delta();
        assertTrue(client.peers.containsKey(me.id()), told);
        assertTrue(client.health.isEmpty(), told);
        open(me.id());
        assertTrue(client.peers.containsKey(hers.id()));
        tailnet.setSuspended(Clients.OWNER, "bea", true);
        told = delta();
        assertFalse(client.peers.containsKey(hers.id()), told);
    }

    @Test
    void subnetRouteComesAndGoes() throws Refused {
        IpPrefix lan = IpPrefix.parse("192.168.7.0/24");
        tailnet.updateNode(new NodeUpdate(other.id(), null, null, 0, offering(lan.toString()), 0));
        var connection = tailnet.connected(other.id());
        open(me.id());
        tailnet.approveRoutes(Clients.OWNER, other.id(), List.of(lan));
        delta();
        JsonNode p = client.peer(other.id());
        assertEquals(lan.toString(), p.get("AllowedIPs").get(2).asString());
        assertEquals(lan.toString(), p.get("PrimaryRoutes").get(0).asString());
        tailnet.unapproveRoutes(Clients.OWNER, other.id(), List.of(lan));
        delta();
        assertEquals(2, client.peer(other.id()).get("AllowedIPs").size());
        connection.close();
    }

    @Test
    void peersSeeOnlyWhatTheyNeedOfAHost() throws Refused {
        var json = Clients.host("box2").json();
        json.put("OSVersion", "secret").put("BackendLogID", "secret");
        json.set("sshHostKeys", ControlJson.tree(List.of("ssh-ed25519 AAAA")));
        json.set(
                "Services",
                ControlJson.tree(
                        List.of(
                                Map.of("Proto", "peerapi4", "Port", 1234),
                                Map.of("Proto", "tcp", "Port", 22))));
        tailnet.updateNode(new NodeUpdate(other.id(), null, null, 0, Hostinfo.of(json), 0));
        open(me.id());
        String host = client.peer(other.id()).get("Hostinfo").toString();
        assertFalse(host.contains("secret"));
        assertFalse(host.contains("tcp"));
        assertTrue(host.contains("peerapi4"));
        assertTrue(host.contains("ssh-ed25519 AAAA"));
    }

    @Test
    void tombstoneHasWhatAClientNeedsToComeBack() {
        var out = new MapBuffer();
        builder.tombstone(out, tailnet.snapshot(), Clients.key(77));
        client.apply(out.toString());
        assertNotNull(client.self);
        assertEquals(Clients.key(77).toString(), client.self.get("Key").asString());
        assertTrue(client.self.get("KeyExpiry").asString().startsWith("2020-"));
        assertTrue(client.self.get("MachineAuthorized").asBoolean());
        assertTrue(client.derpMap != null && client.derpMap.has("Regions"));
    }

    @Test
    void goneNodeHasNoMap() throws Refused {
        open(me.id());
        tailnet.removeNode(Clients.OWNER, me.id());
        assertEquals("", delta());
        assertFalse(
                new MapState(builder, me.id())
                        .full(new MapBuffer(), tailnet.snapshot(), clock.instant()));
    }

    @Test
    void localNodeGetsTheSameWorld() throws Refused {
        update(other, disco(2), 900, "192.0.2.8");
        var map = builder.local(tailnet.snapshot(), me.id());
        assertNotNull(map);
        assertEquals(1, map.peers().size());
        assertEquals(other.id(), map.peers().getFirst().id());
        assertEquals(900, map.peers().getFirst().homeDerp());
        assertEquals(me.addresses(), map.self().allowedIps());
        assertFalse(map.packetFilter().isEmpty());
    }
}
