package hearth.interop;

import static hearth.interop.ControlLab.awaitState;
import static hearth.interop.ControlLab.state;
import static hearth.interop.ControlLab.status;
import static hearth.interop.HomeLab.await;
import static hearth.interop.HomeLab.pings;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.testkit.netns.Command;
import hearth.testkit.netns.TailscaleClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * How official clients of both versions come in, stay in and leave: the cases of
 * docs/protocol/cases.md by number. Each begins with what it needs and leaves the rest as it is.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class ControlCasesInteropIT {
    private static final String URL = "http://" + ControlLab.SERVER;

    private static final String TAG_POLICY =
            """
            {"tagOwners": {"tag:mine": ["owner@hearth.internal"]},
             "acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}
            """;

    private Path dir;
    private ControlLab lab;
    private ApplianceHost appliance;
    private String reusable;
    private String ofMia;

    @BeforeAll
    void start(@TempDir Path temporary) throws Exception {
        dir = temporary;
        lab = new ControlLab(dir);
        appliance = lab.appliance;
        appliance.cli("users", "create", "mia").must();
        reusable = lab.key("\"reusable\":true");
        ofMia = lab.key("\"reusable\":true", "\"user\":\"mia\"");
    }

    @AfterAll
    void end() {
        lab.close();
    }

    /** A client that nobody knows, with a host name that nobody has. */
    private String fresh(TailscaleClient c, String name) {
        c.startAnew();
        return name + "-" + c.host().dir().getFileName();
    }

    private Command.Result up(TailscaleClient c, String hostname, String key, String... more) {
        String[] words = words(hostname, more);
        String[] all = Arrays.copyOf(words, words.length + 2);
        all[words.length] = "--auth-key=" + key;
        all[words.length + 1] = "--timeout=30s";
        return c.cli(all);
    }

    private static String[] words(String hostname, String... more) {
        List<String> all = new ArrayList<>(List.of("up", "--reset", "--login-server=" + URL));
        if (Arrays.stream(more).noneMatch(w -> w.startsWith("--hostname="))) {
            all.add("--hostname=" + hostname);
        }
        all.addAll(List.of(more));
        return all.toArray(new String[0]);
    }

    private static Process login(TailscaleClient c, String hostname, String log) {
        return c.cliInBackground(log, words(hostname));
    }

    private static void ends(Process p, TailscaleClient c, String log) throws Exception {
        assertTrue(p.waitFor(20, TimeUnit.SECONDS), () -> "waits: " + c.host().log(log));
        assertEquals(0, p.exitValue(), () -> c.host().log(log));
    }

    /** The client's program ends with {@code text}; its first words may be of an earlier try. */
    private void assertRefused(TailscaleClient c, String hostname, String key, String text) {
        var last = new StringBuilder();
        await(
                "the refusal: " + text,
                10,
                () -> {
                    Command.Result r = up(c, hostname, key);
                    assertNotEquals(0, r.status(), r.out());
                    last.setLength(0);
                    last.append(r.out()).append(r.err());
                    return last.indexOf(text) >= 0;
                });
    }

    @Test
    @Order(16)
    void case16loginByHand() throws Exception {
        for (TailscaleClient c : lab.clients()) {
            String name = fresh(c, "c16");
            Process up = login(c, name, "login16");
            String id = lab.waitingLogin(name);
            await("its link", 10, () -> c.host().log("login16").contains("/join/" + id));
            lab.approve(id);
            ends(up, c, "login16");
            assertEquals("Running", state(c));
        }
    }

    @Test
    @Order(17)
    void case17followUpAcrossARestart() throws Exception {
        Map<TailscaleClient, Process> ups = new LinkedHashMap<>();
        List<String> before = new ArrayList<>();
        for (TailscaleClient c : lab.clients()) {
            String name = fresh(c, "c17");
            ups.put(c, login(c, name, "login17"));
            before.add(lab.waitingLogin(name));
        }
        appliance.stop();
        appliance.start();
        for (var up : ups.entrySet()) {
            TailscaleClient c = up.getKey();
            String id = lab.waitingLogin("c17-" + c.host().dir().getFileName());
            assertFalse(before.contains(id), "the old link lives on");
            await("the new link", 15, () -> c.host().log("login17").contains("/join/" + id));
            lab.approve(id);
            ends(up.getValue(), c, "login17");
        }
    }

    @Test
    @Order(18)
    void case18twoTerminalsAtOnce() throws Exception {
        for (TailscaleClient c : lab.clients()) {
            String name = fresh(c, "c18");
            Process one = login(c, name, "login18a");
            lab.waitingLogin(name);
            Process two = login(c, name, "login18b");
            await("its link", 10, () -> c.host().log("login18b").contains("/join/"));
            lab.approve(lab.waitingLogin(name));
            ends(one, c, "login18a");
            ends(two, c, "login18b");
            assertEquals(1, lab.devices(name));
        }
    }

    @Test
    @Order(19)
    void case19keysThatAreGoodAndKeysThatAreNot() throws Exception {
        JsonNode revoked = appliance.json("keys", "create");
        appliance.cli("keys", "revoke", revoked.path("id").asString()).must();
        String expired = lab.key("", "\"expirySeconds\":1");
        Thread.sleep(1_100); // it has no other end than time
        for (TailscaleClient c : lab.clients()) {
            String name = fresh(c, "c19");
            assertRefused(c, name, "tskey-auth-wrong", "no such auth key");
            assertRefused(c, name, revoked.path("key").asString(), "was revoked");
            assertRefused(c, name, expired, "has expired");
            String once = lab.key("");
            up(c, name, once).must();
            fresh(c, "c19");
            assertRefused(c, name, once, "was already used");
            // the client may first print the refusal before this, see docs/protocol/cases.md
            await("in by a good key", 10, () -> up(c, name, reusable).ok());
        }
    }

    @Test
    @Order(20)
    void case20ephemeralGoesAtLogout() {
        String key = lab.key("\"ephemeral\":true,\"reusable\":true");
        for (TailscaleClient c : lab.clients()) {
            String name = fresh(c, "c20");
            up(c, name, key).must();
            assertTrue(lab.device(name).path("isEphemeral").asBoolean(false));
            c.stop(); // a restart is no farewell
            c.start();
            awaitState(c, "Running");
            assertEquals(1, lab.devices(name));
            c.cli("logout").must();
            assertEquals(0, lab.devices(name));
        }
    }

    @Test
    @Order(21)
    void case21taggedKey() {
        String key = lab.key("\"tags\":[\"tag:door\"],\"reusable\":true");
        for (TailscaleClient c : lab.clients()) {
            String name = fresh(c, "c21");
            up(c, name, key).must();
            JsonNode d = lab.device(name);
            assertEquals("tag:door", d.path("tags").path(0).asString());
            assertTrue(d.path("keyExpiryDisabled").asBoolean());
            await("its tag", 10, () -> self(c).path("Tags").toString().contains("tag:door"));
            assertTrue(self(c).path("KeyExpiry").isMissingNode());
        }
    }

    @Test
    @Order(22)
    void case22advertisedTags() throws Exception {
        Path policy = Files.writeString(dir.resolve("tags.json"), TAG_POLICY);
        appliance.cli("policy", "set", policy.toString()).must();
        for (TailscaleClient c : lab.clients()) {
            String name = fresh(c, "c22");
            Command.Result r = up(c, name, ofMia, "--advertise-tags=tag:foreign");
            assertNotEquals(0, r.status());
            assertTrue(r.err().contains("requested tags [tag:foreign] are invalid"), r.err());
            fresh(c, "c22");
            up(c, name, reusable, "--advertise-tags=tag:mine").must();
            assertEquals("tag:mine", lab.device(name).path("tags").path(0).asString());
        }
    }

    @Test
    @Order(23)
    void case23restartKeepsExpiry() {
        for (TailscaleClient c : lab.clients()) {
            String name = fresh(c, "c23");
            up(c, name, reusable).must();
            String expires = lab.device(name).path("expires").asString();
            restart(c);
            assertEquals(expires, lab.device(name).path("expires").asString());
            lab.device(name, "/key", "{\"keyExpiryDisabled\":true}");
            restart(c);
            assertTrue(lab.device(name).path("keyExpiryDisabled").asBoolean());
            await("no expiry", 10, () -> self(c).path("KeyExpiry").isMissingNode());
        }
    }

    private static void restart(TailscaleClient c) {
        c.stop();
        c.start();
        awaitState(c, "Running");
    }

    @Test
    @Order(24)
    void case24and25containerWithAUsedKey() {
        for (TailscaleClient c : lab.clients()) {
            String name = fresh(c, "c24");
            String once = lab.key("");
            up(c, name, once).must();
            String ip = c.ip4();
            restart(c);
            up(c, name, once).must(); // its state was kept
            assertEquals(ip, c.ip4());
            c.startAnew(); // its state was lost
            assertRefused(c, name, once, "was already used");
            assertEquals(1, lab.devices(name));
        }
    }

    @Test
    @Order(26)
    void case26logoutThenUp() {
        String tagged = lab.key("\"tags\":[\"tag:door\"],\"reusable\":true");
        for (TailscaleClient c : lab.clients()) {
            String name = fresh(c, "c26");
            up(c, name, reusable).must();
            String id = lab.device(name).path("nodeId").asString();
            String ip = c.ip4();
            c.cli("logout").must();
            awaitState(c, "NeedsLogin");
            up(c, name, reusable).must();
            assertEquals(id, lab.device(name).path("nodeId").asString());
            assertEquals(ip, c.ip4());
            c.cli("logout").must();
            up(c, name, ofMia).must();
            assertNotEquals(ip, c.ip4());
            assertEquals(2, lab.devices(name));
            c.cli("logout").must();
            up(c, name, tagged).must();
            assertEquals(3, lab.devices(name));
        }
    }

    @Test
    @Order(27)
    void case27forcedReauthKeepsTheNode() {
        Map<TailscaleClient, String> names = new LinkedHashMap<>();
        for (TailscaleClient c : lab.clients()) {
            String name = fresh(c, "c27");
            names.put(c, name);
            up(c, name, reusable).must();
        }
        for (var entry : names.entrySet()) {
            TailscaleClient c = entry.getKey();
            String name = entry.getValue();
            TailscaleClient other = c.equals(lab.newer) ? lab.older : lab.newer;
            String ip = c.ip4();
            await("ping", 20, () -> pings(other, ip));
            JsonNode was = lab.device(name);
            up(c, name, reusable, "--force-reauth").must();
            JsonNode is = lab.device(name);
            assertNotEquals(was.path("nodeKey"), is.path("nodeKey"));
            for (String kept : List.of("nodeId", "addresses", "name", "created")) {
                assertEquals(was.path(kept), is.path(kept), kept);
            }
            await("ping again", 20, () -> pings(other, ip));
            assertEquals(
                    "hearth", peer(other, ip).path("Relay").asString(), "its home is forgotten");
        }
    }

    private static JsonNode peer(TailscaleClient c, String ip) {
        for (JsonNode p : status(c).path("Peer")) {
            if (p.path("TailscaleIPs").toString().contains("\"" + ip + "\"")) {
                return p;
            }
        }
        throw new AssertionError("no peer " + ip);
    }

    @Test
    @Order(28)
    void case28and29expiryAndTheWaysBack() {
        for (TailscaleClient c : lab.clients()) {
            String name = fresh(c, "c28");
            up(c, name, reusable).must();
            String ip = c.ip4();
            lab.device(name, "/expire", "");
            awaitState(c, "NeedsLogin");
            lab.device(name, "/key", "{\"keyExpiryDisabled\":true}");
            awaitState(c, "Running"); // nobody logged in
            lab.device(name, "/expire", "");
            awaitState(c, "NeedsLogin");
            up(c, name, reusable).must();
            assertEquals(ip, c.ip4());
            assertEquals(1, lab.devices(name));
        }
    }

    @Test
    @Order(30)
    void case30twoAccountsOnOneMachine() {
        for (TailscaleClient c : lab.clients()) {
            String name = fresh(c, "c30");
            up(c, name, reusable).must();
            String first = c.ip4();
            c.cli("login", "--login-server=" + URL, "--auth-key=" + ofMia, "--hostname=" + name)
                    .must();
            String second = c.ip4();
            assertNotEquals(first, second);
            c.cli("switch", "owner@hearth.internal").must();
            await("the first again", 15, () -> c.ip4().equals(first));
            awaitState(c, "Running");
            c.cli("switch", "mia@hearth.internal").must();
            await("the second again", 15, () -> c.ip4().equals(second));
            assertEquals(2, lab.devices(name));
        }
    }

    @Test
    @Order(31)
    void case31approvalIsWaitedFor() {
        appliance.api("POST", "/api/hearth/settings", "{\"deviceApproval\":true}");
        try {
            for (TailscaleClient c : lab.clients()) {
                String name = fresh(c, "c31");
                c.cliInBackground("login31", words(name, "--auth-key=" + reusable));
                awaitState(c, "NeedsMachineAuth");
                assertEquals(0, status(c).path("Peer").size(), "it sees others");
                lab.device(name, "/authorized", "{\"authorized\":true}");
                awaitState(c, "Running");
                lab.device(name, "/authorized", "{\"authorized\":false}");
                awaitState(c, "NeedsMachineAuth");
                up(c, name, lab.key("\"preauthorized\":true")).must();
                awaitState(c, "Running");
                String pre = fresh(c, "c31pre");
                up(c, pre, lab.key("\"preauthorized\":true")).must();
            }
        } finally {
            appliance.api("POST", "/api/hearth/settings", "{\"deviceApproval\":false}");
        }
    }

    @Test
    @Order(32)
    void case32tooManyRefusals() {
        TailscaleClient c = lab.newer;
        String name = fresh(c, "c32");
        await(
                "to be told to wait",
                60,
                () -> {
                    assertNotEquals(0, up(c, name, "tskey-auth-wrong").status());
                    return c.host().log("tailscaled").contains("too many refused logins");
                });
        String other = fresh(lab.older, "c32");
        up(lab.older, other, reusable).must(); // others are not held up
    }

    @Test
    @Order(34)
    void case34oneNameForTwo() {
        String box = "--hostname=Two-Boxes";
        fresh(lab.newer, "");
        up(lab.newer, "", reusable, box).must();
        fresh(lab.older, "");
        up(lab.older, "", reusable, box).must();
        await("one name", 10, () -> dnsName(lab.newer).equals("two-boxes"));
        await("the other", 10, () -> dnsName(lab.older).equals("two-boxes-1"));
        lab.newer.cli("set", "--hostname=three-boxes").must();
        await("another name", 10, () -> dnsName(lab.newer).equals("three-boxes"));
        lab.older.cli("set", "--hostname=three-boxes").must();
        await("and its number", 10, () -> dnsName(lab.older).equals("three-boxes-1"));
    }

    @Test
    @Order(35)
    void aTaggedDeviceIsAPersonsAgainByALogin() {
        for (TailscaleClient c : lab.clients()) {
            String name = fresh(c, "c35");
            up(c, name, reusable).must();
            String ip = c.ip4();
            lab.device(name, "/tags", "{\"tags\":[\"tag:door\"]}");
            await("its tag", 10, () -> self(c).path("Tags").toString().contains("tag:door"));
            up(c, name, reusable, "--force-reauth").must();
            await("no tag", 10, () -> self(c).path("Tags").isMissingNode());
            assertEquals(ip, c.ip4());
            assertEquals(1, lab.devices(name));
            assertEquals("owner@hearth.internal", lab.device(name).path("user").asString());
        }
    }

    @Test
    @Order(36)
    void aSuspendedPersonsDeviceReachesNobodyAndSaysWhy() {
        for (TailscaleClient c : lab.clients()) {
            TailscaleClient other = c.equals(lab.newer) ? lab.older : lab.newer;
            String name = fresh(c, "c36");
            up(c, name, ofMia).must();
            up(other, fresh(other, "c36"), reusable).must();
            String ip = other.ip4();
            await("ping", 20, () -> pings(c, ip));
            appliance.cli("users", "suspend", "mia").must();
            try {
                await("it is cut off", 10, () -> !pings(c, ip));
                String why = "mia@hearth.internal is suspended";
                await("it says why", 10, () -> c.cli("status").out().contains(why));
                assertTrue(appliance.cli("nodes", "list").must().contains("owner suspended"));
            } finally {
                appliance.cli("users", "restore", "mia").must();
            }
            await("ping again", 20, () -> pings(c, ip));
        }
    }

    private static String dnsName(TailscaleClient c) {
        return self(c).path("DNSName").asString().replace(".hearth.internal.", "");
    }

    private static JsonNode self(TailscaleClient c) {
        return status(c).path("Self");
    }
}
