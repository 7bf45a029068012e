package hearth.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.interop.NoiseProgram.Answer;
import hearth.testkit.netns.Host;
import hearth.testkit.netns.NetLab;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * What official clients do not do on demand, asked word for word through Tailscale's own protocol
 * library, by the numbers of docs/protocol/cases.md.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ProtocolCasesInteropIT {
    private static final String SERVER = "10.83.1.2";
    private static final String URL = "http://" + SERVER;
    private static final int VERSION = 142;

    private NetLab lab;
    private Host from;
    private ApplianceHost appliance;
    private Path program;
    private String key;
    private int machines;

    @BeforeAll
    void start(@TempDir Path dir) throws Exception {
        program = NoiseProgram.build(Files.createDirectories(dir.resolve("go")));
        lab = new NetLab(dir);
        lab.behind("rt", "srv", "10.83.1.");
        from = lab.host("rt");
        appliance = new ApplianceHost(lab.host("srv"), "--tun=off").start();
        key = appliance.key("--reusable");
    }

    @AfterAll
    void end() {
        if (lab != null) {
            lab.close();
        }
    }

    private NoiseProgram connect(String... flags) throws Exception {
        return new NoiseProgram(program, from, URL, ++machines, flags);
    }

    private static String nodeKey(int number) {
        return "nodekey:" + NoiseProgram.key(0x4000 + number);
    }

    private String register(int node, String more) {
        return register(VERSION, node, "\"Auth\":{\"AuthKey\":\"" + key + "\"}" + more);
    }

    private static String register(int version, int node, String members) {
        return "{\"Version\":"
                + version
                + ",\"NodeKey\":\""
                + nodeKey(node)
                + "\","
                + members
                + "}";
    }

    private static String map(int node, String members) {
        return "{\"Version\":"
                + VERSION
                + ",\"Compress\":\"zstd\",\"KeepAlive\":true,\"NodeKey\":\""
                + nodeKey(node)
                + "\","
                + members
                + "}";
    }

    private static String stream(int node) {
        return map(node, "\"Stream\":true");
    }

    private static String host(String name) {
        return ",\"Hostinfo\":{\"Hostname\":\"" + name + "\",\"OS\":\"linux\"}";
    }

    private static void accepted(Answer a) {
        assertEquals(200, a.status(), a.body());
        assertEquals("", a.json().path("Error").asString(""), a.body());
        assertTrue(a.json().path("MachineAuthorized").asBoolean(false), a.body());
    }

    @Test
    void case1theKeyIsTheSameForEveryVersion() {
        String key = from.run("curl", "-fsS", URL + "/key").must();
        assertTrue(key.contains("\"publicKey\":\"mkey:"), key);
        assertEquals(key, from.run("curl", "-fsS", URL + "/key?v=113").must());
    }

    @Test
    void case4webSocketIsTheSameWayIn() throws Exception {
        try (var c = connect("-ws")) {
            accepted(c.post("/machine/register", register(40, host("browser"))));
            String poll = c.begin("POST", "/machine/map", stream(40));
            assertEquals(
                    "browser.hearth.internal.", c.frame(poll).path("Node").path("Name").asString());
            assertTrue(c.end(c.begin("GET", "/machine/whoami", "")).body().startsWith("mkey:"));
        }
    }

    @Test
    void case10and15fiftyRequestsBesideAPoll() throws Exception {
        try (var c = connect()) {
            accepted(c.post("/machine/register", register(100, host("many"))));
            String poll = c.begin("POST", "/machine/map", stream(100));
            c.frame(poll);
            List<String> asked = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                asked.add(c.begin("GET", "/machine/none-" + i, "{\"a\":1}"));
            }
            for (String a : asked) {
                assertEquals(404, c.end(a).status());
            }
            assertTrue(c.quiet(poll, Duration.ofMillis(200)));
        }
    }

    @Test
    void aClientNewerThanWeKnowComesInAndOneThatIsTooOldIsTold() throws Exception {
        try (var c = connect("-version=999")) {
            String members = "\"Auth\":{\"AuthKey\":\"" + key + "\"},\"NewField\":{\"x\":[1]}";
            accepted(c.post("/machine/register", register(999, 41, members + host("newest"))));
            String poll = c.begin("POST", "/machine/map", stream(41).replace(":142,", ":999,"));
            assertTrue(c.frame(poll).has("Node"));
        }
        try (var c = connect("-version=89")) {
            String members = "\"Auth\":{\"AuthKey\":\"" + key + "\"}";
            Answer a = c.post("/machine/register", register(89, 42, members));
            assertEquals(200, a.status());
            assertTrue(a.json().path("Error").asString().contains("too old"), a.body());
            Answer m = c.post("/machine/map", stream(42).replace(":142,", ":89,"));
            assertEquals(400, m.status());
            assertTrue(m.body().contains("too old"), m.body());
        }
    }

    @Test
    void case33hostinfoMayBeMissing() throws Exception {
        String[] all = {"", ",\"Hostinfo\":null", ",\"Hostinfo\":{}", host("")};
        for (int i = 0; i < all.length; i++) {
            try (var c = connect()) {
                accepted(c.post("/machine/register", register(330 + i, all[i])));
                String poll = c.begin("POST", "/machine/map", stream(330 + i));
                String name = c.frame(poll).path("Node").path("Name").asString();
                assertTrue(name.startsWith("node"), name);
                Answer a = c.post("/machine/map", map(330 + i, "\"OmitPeers\":true" + all[i]));
                assertEquals(200, a.status());
            }
        }
    }

    @Test
    void aStrangeHostinfoBreaksNobodysMap() throws Exception {
        String strange =
                """
                ,"Hostinfo":{"Hostname":"strange\\u0000","OS":5,"ShareeNode":"x","sshHostKeys":7,
                "Location":{"Latitude":1e999,"Priority":"x"},"RoutableIPs":[1,"x"],
                "Services":[{"Proto":"peerapi4","Port":99999}],"NetInfo":{"PreferredDERP":-7}}
                """;
        try (var c = connect();
                var other = connect()) {
            accepted(other.post("/machine/register", register(341, host("reader"))));
            accepted(c.post("/machine/register", register(340, strange)));
            String watch = other.begin("POST", "/machine/map", stream(341));
            JsonNode whole = other.frame(watch);
            assertTrue(whole.toString().contains("\"strange.hearth.internal.\""), whole.toString());
            Answer lite = c.post("/machine/map", map(340, "\"OmitPeers\":true" + host("next")));
            assertEquals(200, lite.status());
            assertTrue(other.frame(watch).toString().contains("\"next.hearth.internal.\""));
            lite = c.post("/machine/map", map(340, "\"OmitPeers\":true" + strange));
            assertEquals(200, lite.status());
            assertTrue(other.frame(watch).toString().contains("\"strange.hearth.internal.\""));
        }
    }

    @Test
    void smallQuestionsGetTheAnswersThatClientsTakeForDone() throws Exception {
        try (var c = connect()) {
            accepted(c.post("/machine/register", register(520, host("asker"))));
            String own = "{\"Version\":142,\"NodeKey\":\"" + nodeKey(520) + "\"";
            String attribute = own + ",\"Update\":{\"custom:a\":1}}";
            assertEquals(
                    200, c.end(c.begin("PATCH", "/machine/set-device-attr", attribute)).status());
            String health = own + ",\"Subsys\":\"router\",\"Error\":\"\"}";
            assertEquals(204, c.post("/machine/update-health", health).status());
            Answer feature = c.post("/machine/feature/query", own + ",\"Feature\":\"funnel\"}");
            assertFalse(feature.json().path("Complete").asBoolean(true), feature.body());
            assertFalse(feature.json().path("ShouldWait").asBoolean(true), feature.body());
            for (String path : List.of("set-dns", "id-token", "webclient/init/1/to/2")) {
                assertEquals(501, c.post("/machine/" + path, own + "}").status(), path);
            }
            assertEquals(501, c.post("/machine/webclient/wait/1/to/2/3", "").status());
            for (String path : List.of("init/begin", "bootstrap", "sync/offer", "disable")) {
                Answer a = c.end(c.begin("GET", "/machine/tka/" + path, own + "}"));
                assertEquals(501, a.status(), path);
            }
        }
    }

    @Test
    void case35aKeyOfAnotherMachineIsOfNoUse() throws Exception {
        try (var owner = connect();
                var thief = connect()) {
            accepted(owner.post("/machine/register", register(350, host("owner"))));
            Answer a = thief.post("/machine/register", register(350, host("thief")));
            assertTrue(
                    a.json().path("Error").asString().contains("cannot be used by this machine"),
                    a.body());
            Answer m = thief.post("/machine/map", stream(350));
            assertEquals(404, m.status());
            assertEquals(404, thief.post("/machine/map", map(350, "\"OmitPeers\":true")).status());
        }
    }

    @Test
    void case36registersAtOnceMakeOneNode() throws Exception {
        try (var c = connect()) {
            List<String> asked = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                asked.add(c.begin("POST", "/machine/register", register(360, host("twin"))));
            }
            for (String a : asked) {
                accepted(c.end(a));
            }
            int n = 0;
            for (JsonNode d : appliance.devices()) {
                n += d.path("hostname").asString().equals("twin") ? 1 : 0;
            }
            assertEquals(1, n);
        }
    }

    @Test
    void case38and39aSecondPollReplacesTheFirst() throws Exception {
        try (var c = connect()) {
            accepted(c.post("/machine/register", register(390, host("twice"))));
            String first = c.begin("POST", "/machine/map", stream(390));
            assertTrue(c.frame(first).has("Node"), "a delta before the whole map");
            String second = c.begin("POST", "/machine/map", stream(390));
            assertTrue(c.frame(second).has("Node"), "a delta before the whole map");
            assertEquals("EOF", c.end(first).body());
            assertTrue(c.quiet(second, Duration.ofMillis(300)), "the second ended too");
        }
    }

    @Test
    void case40to42updatesAndSingleMaps() throws Exception {
        try (var c = connect();
                var other = connect()) {
            accepted(c.post("/machine/register", register(400, host("mover"))));
            accepted(other.post("/machine/register", register(401, host("watcher"))));
            String disco = ",\"DiscoKey\":\"discokey:" + NoiseProgram.key(0x5001) + "\"";
            String poll = c.begin("POST", "/machine/map", stream(400));
            c.frame(poll);
            Answer lite =
                    c.post(
                            "/machine/map",
                            map(
                                    400,
                                    "\"OmitPeers\":true,\"Endpoints\":[\"192.0.2.40:41641\"]"
                                            + disco
                                            + host("mover")));
            assertEquals(200, lite.status());
            assertEquals("EOF", lite.body(), "an update is answered with nothing");
            Set<String> seen = new HashSet<>();
            String watch = other.begin("POST", "/machine/map", stream(401));
            other.frame(watch).path("Peers").forEach(p -> seen.add(p.path("Name").asString()));
            assertTrue(seen.contains("mover.hearth.internal."), seen.toString());
            assertFalse(seen.contains("watcher.hearth.internal."), "itself among its peers");
            // a stream's own facts are not taken for news
            String stale =
                    c.begin(
                            "POST",
                            "/machine/map",
                            map(
                                    400,
                                    "\"Stream\":true,\"Endpoints\":[\"192.0.2.99:1\"]"
                                            + host("stale")));
            assertEquals(
                    "mover.hearth.internal.", c.frame(stale).path("Node").path("Name").asString());
            String once = other.begin("POST", "/machine/map", map(401, "\"Stream\":false"));
            String whole = other.frame(once).toString();
            assertTrue(whole.contains("192.0.2.40:41641"), whole);
            assertFalse(whole.contains("192.0.2.99"), whole);
            assertEquals("EOF", other.end(once).body(), "one map, then the end");
        }
    }

    @Test
    void devicesWriteIntoTheAuditLog() throws Exception {
        try (var c = connect()) {
            accepted(c.post("/machine/register", register(500, host("teller"))));
            String entry =
                    "{\"Version\":142,\"NodeKey\":\""
                            + nodeKey(500)
                            + "\",\"Action\":\"DISCONNECT_NODE\",\"Details\":\"going home\"}";
            assertEquals(200, c.post("/machine/audit-log", entry).status());
            assertTrue(appliance.json("audit").toString().contains("going home"));
            int last = 200;
            for (int i = 0; i < 40 && last == 200; i++) {
                last = c.post("/machine/audit-log", entry).status();
            }
            assertEquals(429, last, "a device may fill the log");
        }
        try (var c = connect()) {
            assertNotEquals(
                    200,
                    c.post(
                                    "/machine/audit-log",
                                    "{\"NodeKey\":\"" + nodeKey(500) + "\",\"Action\":\"X\"}")
                            .status());
        }
    }
}
