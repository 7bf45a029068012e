package hearth.interop;

import static hearth.interop.ControlLab.awaitState;
import static hearth.interop.ControlLab.health;
import static hearth.interop.ControlLab.status;
import static hearth.interop.HomeLab.await;
import static hearth.interop.HomeLab.pings;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.testkit.netns.Peers;
import hearth.testkit.netns.TailscaleClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What official clients of both versions make of their maps, by the numbers of
 * docs/protocol/cases.md: peers, presence, names, both families, a symmetric NAT.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class MapCasesInteropIT {
    private static final String URL = "http://" + ControlLab.SERVER;
    private static final String GLOBAL = "10.82.1.1"; // name servers on the router
    private static final String CORP = "10.82.2.1";
    private static final Duration QUICK = Duration.ofSeconds(5);
    private static final String ALL =
            "{\"acls\": [{\"action\": \"accept\", \"src\": [\"*\"], \"dst\": [\"*:*\"]}]}";

    private Path dir;
    private ControlLab lab;
    private ApplianceHost appliance;
    private TailscaleClient newer;
    private TailscaleClient older;
    private String key;

    @BeforeAll
    void start(@TempDir Path temporary) throws Exception {
        dir = temporary;
        lab = new ControlLab(dir);
        appliance = lab.appliance;
        newer = lab.newer;
        older = lab.older;
        key = lab.key("\"reusable\":true");
        newer.up(URL, key).must();
        older.up(URL, key).must();
    }

    @AfterAll
    void end() {
        lab.close();
    }

    private void policy(String text) throws Exception {
        Path file = Files.writeString(dir.resolve("policy.json"), text);
        appliance.cli("policy", "set", file.toString()).must();
    }

    private static Set<String> peers(TailscaleClient c) {
        var names = new TreeSet<String>();
        status(c)
                .path("Peer")
                .forEach(
                        p ->
                                names.add(
                                        p.path("DNSName")
                                                .asString()
                                                .replace(".hearth.internal.", "")));
        return names;
    }

    private static JsonNode peer(TailscaleClient c, String name) {
        for (JsonNode p : status(c).path("Peer")) {
            if (p.path("DNSName").asString().startsWith(name + ".")) {
                return p;
            }
        }
        return JsonMapper.shared().missingNode();
    }

    private static JsonNode netMap(TailscaleClient c) {
        return JsonMapper.shared().readTree(c.cli("debug", "netmap").must());
    }

    @Test
    @Order(37)
    void case37theFirstMapIsWhole() {
        for (TailscaleClient c : lab.clients()) {
            String other = c.equals(newer) ? "older" : "newer";
            await("its peers", 10, () -> peers(c).equals(Set.of("hearth", other)));
            JsonNode map = netMap(c);
            for (String part : List.of("SelfNode", "DERPMap", "DNS", "PacketFilter", "Peers")) {
                assertFalse(map.path(part).isMissingNode(), part);
            }
            assertEquals("hearth.internal", map.path("Domain").asString());
            assertEquals(List.of(), health(c), c.version());
        }
    }

    @Test
    @Order(43)
    void case43and54peersComeAndGo() throws Exception {
        appliance.cli("users", "create", "mia").must();
        lab.lab.behind("rt", "third", "10.82.4.");
        lab.lab.name(ControlLab.SERVER, HomeLab.NAME);
        TailscaleClient third = lab.client("third", Peers.NEWEST);
        third.up(URL, lab.key("", "\"user\":\"mia\"")).must();
        for (TailscaleClient c : lab.clients()) {
            await("the third peer", 10, () -> peers(c).contains("third"));
            assertTrue(status(c).path("User").toString().contains("mia@hearth.internal"));
            await("ping", 10, () -> pings(c, third.ip4()));
        }
        lab.device("third", "/name", "{\"name\":\"other\"}");
        for (TailscaleClient c : lab.clients()) {
            await("its other name", 5, () -> peers(c).contains("other"));
            assertFalse(peers(c).contains("third"));
        }
        String id = lab.device("third").path("nodeId").asString();
        appliance.api("DELETE", "/api/v2/device/" + id, "");
        for (TailscaleClient c : lab.clients()) {
            await("it to go", 5, () -> !peers(c).contains("other"));
        }
        third.stop();
    }

    @Test
    @Order(44)
    void case44and45and52peersByPolicy() throws Exception {
        policy("{\"acls\": []}");
        for (TailscaleClient c : lab.clients()) {
            await("nobody", 10, () -> peers(c).isEmpty());
        }
        policy(
                """
                {"acls": [{"action": "accept", "src": ["newer"], "dst": ["older:22"]}],
                 "hosts": {"newer": "%s", "older": "%s"}}
                """
                        .formatted(newer.ip4(), older.ip4()));
        for (TailscaleClient c : lab.clients()) {
            await("one peer", 10, () -> peers(c).size() == 1);
        }
        assertFalse(pings(older, newer.ip4()), "nothing may enter");
        policy(ALL);
        for (TailscaleClient c : lab.clients()) {
            String ip = c.equals(newer) ? older.ip4() : newer.ip4();
            await("ping", 10, () -> pings(c, ip));
        }
    }

    @Test
    @Order(46)
    void case46aMovedEndpoint() {
        older.host().run("ip", "address", "add", "10.82.3.77/24", "dev", "e3b").must();
        await(
                "the other address",
                15,
                () ->
                        peer(newer, "older").path("Addrs").toString().contains("10.82.3.77:")
                                || netMap(newer).toString().contains("10.82.3.77:"));
    }

    @Test
    @Order(48)
    void case48absenceIsToldLateAndPresenceAtOnce() {
        Instant before = Instant.now().minusSeconds(5);
        older.stop();
        for (int i = 0; i < 5; i++) {
            assertTrue(peer(newer, "older").path("Online").asBoolean(false), "flap is seen");
        }
        older.start();
        awaitState(older, "Running");
        assertTrue(peer(newer, "older").path("Online").asBoolean(false), "flap is seen");
        older.stop();
        Duration gone =
                await("absence", 20, () -> !peer(newer, "older").path("Online").asBoolean(true));
        assertTrue(gone.toSeconds() >= 8, "absence was told after " + gone);
        Instant seen = Instant.parse(peer(newer, "older").path("LastSeen").asString());
        assertTrue(seen.isAfter(before), "last seen " + seen);
        older.start();
        await("presence", 10, () -> peer(newer, "older").path("Online").asBoolean(false));
    }

    private String asked(TailscaleClient c, String name) {
        return c.inside(QUICK, "getent", "ahostsv4", name).out();
    }

    private static String resolv(TailscaleClient c) {
        return c.inside(QUICK, "cat", "/etc/resolv.conf").out();
    }

    @Test
    @Order(50)
    void case50nameServersAndTheSwitches() {
        NameServer.start(lab.lab.host("rt"), GLOBAL, CORP);
        appliance
                .cli(
                        "dns",
                        "set",
                        "--nameserver=" + GLOBAL,
                        "--split=corp.example=" + CORP,
                        "--search=corp.example",
                        "--override-local=on")
                .must();
        for (TailscaleClient c : lab.clients()) {
            await("all names by ours", 10, () -> asked(c, "www.example").contains(GLOBAL));
            assertTrue(asked(c, "www.corp.example").contains(CORP), "a split domain");
            String said = c.cli("dns", "status").must();
            assertTrue(said.contains("- " + GLOBAL), said);
            assertTrue(said.replaceAll(" +", " ").contains("- corp.example -> " + CORP), said);
            assertTrue(said.contains("- hearth.internal"), said);
            assertTrue(resolv(c).contains("search hearth.internal corp.example"), resolv(c));
        }
        appliance.cli("dns", "set", "--override-local=off").must();
        for (TailscaleClient c : lab.clients()) {
            await("other names by its own", 10, () -> !asked(c, "www.example").contains(GLOBAL));
            assertTrue(asked(c, "www.corp.example").contains(CORP), "a split domain");
            assertTrue(c.cli("dns", "status").must().contains("no resolvers configured"));
        }
        appliance.cli("dns", "set", "--magic-dns=off", "--split=corp.example=", "--search").must();
        for (TailscaleClient c : lab.clients()) {
            await("no names", 10, () -> asked(c, "hearth.hearth.internal").isEmpty());
            assertTrue(c.cli("dns", "status").must().contains("disabled tailnet-wide"));
            assertFalse(resolv(c).contains("hearth.internal"), resolv(c));
        }
        appliance.cli("dns", "set", "--magic-dns=on", "--nameserver").must();
    }

    @Test
    @Order(51)
    void case51namesBothWays() {
        for (TailscaleClient c : lab.clients()) {
            TailscaleClient other = c.equals(newer) ? older : newer;
            String name = c.equals(newer) ? "older" : "newer";
            String full = name + ".hearth.internal";
            await("its name", 10, () -> asked(c, name).contains(other.ip4()));
            assertTrue(asked(c, full).contains(other.ip4()));
            for (String ip : other.cli("ip").must().strip().split("\n", -1)) {
                if (ip.indexOf(':') >= 0 && c.equals(older)) {
                    continue; // 1.80 knows names of IPv4 addresses only
                }
                String back = c.inside(QUICK, "getent", "hosts", ip).out();
                assertTrue(back.contains(full), c.version() + " " + ip + ": " + back);
            }
        }
    }

    @Test
    @Order(56)
    void case56removedWhileConnected() {
        for (TailscaleClient c : lab.clients()) {
            String name = c.equals(newer) ? "newer" : "older";
            TailscaleClient other = c.equals(newer) ? older : newer;
            String id = lab.device(name).path("nodeId").asString();
            appliance.api("DELETE", "/api/v2/device/" + id, "");
            awaitState(c, "NeedsLogin");
            await("it to go", 10, () -> !peers(other).contains(name));
            c.up(URL, key).must();
            await("it to come", 10, () -> peers(other).contains(name));
        }
    }

    @Test
    @Order(38) // before the name servers of case 50, which clients miss when they are gone
    void case59routesThatWaitAreShown() {
        for (TailscaleClient c : lab.clients()) {
            String name = c.equals(newer) ? "newer" : "older";
            c.host().run("sysctl", "-qw", "net.ipv4.ip_forward=1").must();
            assertEquals(List.of(), health(c), c.version());
            c.cli("set", "--advertise-routes=192.168.88.0/24").must();
            await("the word of it", 10, () -> shows(c, "This device offers 192.168.88.0/24."));
            assertTrue(c.cli("status").must().contains("once an administrator approves it"));
            assertEquals(
                    c.equals(newer), // 1.80 knows no links
                    shows(c, "See its routes: https://" + HomeLab.NAME + "/admin/machines/"));
            appliance.cli("routes", "approve", name, "192.168.88.0/24").must();
            await("nothing to say", 10, () -> health(c).isEmpty());
            c.cli("set", "--advertise-exit-node").must();
            await("the word of it", 10, () -> shows(c, "This device offers to be an exit node."));
            c.cli("set", "--advertise-routes=", "--advertise-exit-node=false").must();
            await("nothing to say", 10, () -> health(c).isEmpty());
            appliance.cli("routes", "unapprove", name, "192.168.88.0/24").must();
            assertEquals(List.of(), health(c), c.version());
        }
    }

    @Test
    @Order(39)
    void case59anExitNodeThatIsWithdrawnIsShown() {
        older.cli("set", "--advertise-exit-node").must();
        await("the offer", 10, () -> !health(older).isEmpty());
        appliance.cli("routes", "approve", "older", "0.0.0.0/0").must();
        await("the exit", 10, () -> newer.cli("exit-node", "list").out().contains("older"));
        newer.cli("set", "--exit-node=older").must();
        assertEquals(List.of(), health(newer));
        appliance.cli("routes", "unapprove", "older", "0.0.0.0/0").must();
        await("the word of it", 10, () -> shows(newer, "Exit node is not available: The exit"));
        newer.cli("set", "--exit-node=").must();
        await("nothing to say", 10, () -> health(newer).isEmpty());
        older.cli("set", "--advertise-exit-node=false").must();
        await("nothing to say", 10, () -> health(older).isEmpty());
    }

    private static boolean shows(TailscaleClient c, String text) {
        return health(c).toString().contains(text);
    }

    @Test
    @Order(72)
    void case72clientsPingWhomWeName() {
        await(
                "a measured pair",
                20,
                () -> {
                    String direct = appliance.cli("status", "--probe").must();
                    direct = direct.substring(direct.indexOf("Direct connections"));
                    direct = direct.substring(0, direct.indexOf("Relayed connections"));
                    return direct.contains("newer")
                            && direct.contains("older")
                            && direct.contains(" ms");
                });
    }

    @Test
    @Order(100)
    void oneFamilyEachTheyTalkByTheRelay() throws Exception {
        var names = lab.lab;
        names.link("rt", "fd82:6::1/64", "six", "fd82:6::2/64");
        names.link("rt", "10.82.5.1/24", "four", "10.82.5.2/24");
        names.route("six", "fd82:6::1");
        names.route("four", "10.82.5.1");
        names.name(ControlLab.SERVER, HomeLab.NAME);
        Files.writeString(
                Path.of("/etc/netns", names.host("six").namespace(), "hosts"),
                "::1 localhost\n" + ControlLab.SERVER_V6 + " " + HomeLab.NAME + "\n");
        for (String version : Peers.VERSIONS) {
            TailscaleClient six = lab.client("six", version);
            TailscaleClient four = lab.client("four", version);
            six.up("http://[" + ControlLab.SERVER_V6 + "]", key).must();
            four.up("https://" + HomeLab.NAME, key).must();
            String check = six.cli("netcheck").must();
            assertTrue(check.contains("UDP: true"), check);
            assertTrue(check.contains("IPv6: yes"), check);
            assertTrue(check.contains("Nearest DERP: Hearth"), check);
            await("ping", 20, () -> pings(six, four.ip4()));
            await("ping back", 20, () -> pings(four, six.ip4()));
            assertEquals("hearth", peer(six, "four").path("Relay").asString());
            assertEquals("", peer(six, "four").path("CurAddr").asString());
            assertEquals(List.of(), health(six));
            assertEquals(List.of(), health(four));
            for (TailscaleClient c : List.of(six, four)) {
                String id = lab.device(c.equals(six) ? "six" : "four").path("nodeId").asString();
                c.stop();
                appliance.api("DELETE", "/api/v2/device/" + id, "");
            }
        }
    }

    @Test
    @Order(101)
    void aSymmetricNatShows() {
        for (TailscaleClient c : lab.clients()) {
            assertTrue(c.cli("netcheck").must().contains("MappingVariesByDestIP: false"));
        }
        lab.lab
                .host("rt")
                .shell(
                        "nft 'table ip masq { chain p { type nat hook postrouting priority srcnat;"
                                + " ip saddr { 10.82.2.0/24, 10.82.3.0/24 } oifname \"e1a\""
                                + " masquerade fully-random; }; }'")
                .must();
        for (TailscaleClient c : lab.clients()) {
            String check = c.cli("netcheck").must();
            assertTrue(check.contains("MappingVariesByDestIP: true"), check);
            assertTrue(check.contains("IPv4: yes, 10.82.1.1:"), check);
        }
        lab.lab.host("rt").shell("nft delete table ip masq").must();
    }
}
