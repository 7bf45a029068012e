package hearth.app;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.cli.HearthCli;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Every word of the command line against a running appliance, as scripts use them. */
final class CommandWordsTest {
    @TempDir static Path dir;
    private static Path socket;
    private static Appliance appliance;

    private record Ran(int status, String out, String err) {
        JsonNode json() {
            assertEquals(0, status, err);
            return JsonMapper.shared().readTree(out);
        }

        String text() {
            assertEquals(0, status, err);
            return out;
        }
    }

    @BeforeAll
    static void start() throws IOException, SettingsReader.InvalidSettings {
        socket = dir.resolve("run/h.sock");
        Map<SettingKey, String> flags = new EnumMap<>(SettingKey.class);
        flags.put(SettingKey.STATE_DIR, dir.resolve("state").toString());
        flags.put(SettingKey.SOCKET, socket.toString());
        flags.put(SettingKey.LISTEN, "127.0.0.1");
        flags.put(SettingKey.HTTPS_PORT, "0");
        flags.put(SettingKey.HTTP_PORT, "0");
        flags.put(SettingKey.STUN_PORT, Integer.toString(twoFreeUdpPorts()));
        flags.put(SettingKey.WIREGUARD_PORT, "0");
        flags.put(SettingKey.TUN, "off");
        appliance = Appliance.start(new SettingsReader(false, Map.of()).read(null, flags));
    }

    @AfterAll
    static void stop() {
        if (appliance != null) {
            appliance.close();
        }
    }

    /** The lower of two neighbours that nobody listens on. */
    private static int twoFreeUdpPorts() throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        for (int tries = 0; ; tries++) {
            try (var low = new DatagramSocket(0, loopback);
                    var _ = new DatagramSocket(low.getLocalPort() + 1, loopback)) {
                return low.getLocalPort();
            } catch (IOException | IllegalArgumentException e) {
                if (tries == 20) {
                    throw e;
                }
            }
        }
    }

    private static Ran hearth(String... words) {
        var line = HearthCli.commandLine(Map.of("HEARTH_SOCKET", socket.toString()));
        var out = new StringWriter();
        var err = new StringWriter();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        int status = line.execute(words);
        return new Ran(status, out.toString(), err.toString());
    }

    private static Ran typing(String input, String... words) {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
        try {
            return hearth(words);
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void aKeyIsShownOnceAndRevokedById() {
        JsonNode key =
                hearth(
                                "keys",
                                "create",
                                "--reusable",
                                "--ephemeral",
                                "--preauthorized",
                                "--tag",
                                "tag:a",
                                "--tag",
                                "tag:b",
                                "--expiry",
                                "24h",
                                "--json")
                        .json();
        String id = key.path("id").asString();
        assertTrue(key.path("key").asString().startsWith("tskey-auth-"), key::toString);
        JsonNode listed = hearth("keys", "list", "--json").json();
        assertTrue(listed.isArray() && listed.toString().contains(id), listed::toString);
        assertTrue(!listed.toString().contains(key.path("key").asString()), "the secret is gone");
        hearth("keys", "revoke", id).text();
        Ran again = hearth("keys", "revoke", "none");
        assertEquals(1, again.status());
        assertTrue(again.err().contains("none"), again::err);
    }

    @Test
    void devicesAreNamedExpiredAndKept() {
        JsonNode nodes = hearth("nodes", "list", "--json").json();
        assertEquals("hearth.hearth.internal", nodes.path(0).path("name").asString());
        String id = nodes.path(0).path("nodeId").asString();
        assertEquals(
                id, hearth("nodes", "show", "hearth", "--json").json().path("nodeId").asString());
        hearth("nodes", "rename", id, "box").text();
        assertTrue(hearth("nodes", "list").text().contains("box "));
        hearth("nodes", "rename", "box", "hearth").text();
        Ran removed = hearth("nodes", "remove", "hearth");
        assertEquals(1, removed.status(), "the appliance's own node stays");
        Ran unknown = hearth("nodes", "expire", "nobody");
        assertEquals(1, unknown.status());
        assertTrue(unknown.err().contains("nobody"), unknown::err);
    }

    /** Other accounts than the owner's and its group's are refused by the system itself. */
    @Test
    void theSocketIsForOwnerAndGroupAndTheAccountIsAudited() throws IOException {
        assertEquals("rw-rw----", mode(socket));
        assertEquals("rwxr-x---", mode(dir.resolve("run")));
        hearth("keys", "create").text();
        String account = System.getProperty("user.name");
        JsonNode rows = hearth("audit", "--json").json();
        assertTrue(rows.toString().contains("\"displayName\":\"" + account + "\""), rows::toString);
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    @Test
    void routesAreArrays() {
        JsonNode routes = hearth("routes", "list", "--json").json();
        assertTrue(routes.isArray());
        assertAll(
                () -> assertTrue(routes.path(0).has("nodeId")),
                () -> assertTrue(routes.path(0).has("advertisedRoutes")),
                () -> assertTrue(routes.path(0).has("enabledRoutes")));
        hearth("routes", "approve", "hearth", "0.0.0.0/0").text();
        assertTrue(hearth("routes", "list").text().contains("0.0.0.0/0"));
        assertEquals(
                List.of("0.0.0.0/0", "10.9.0.0/16", "::/0"),
                enabled(hearth("routes", "approve", "hearth", "10.9.8.7/16", "--json").json()));
        assertEquals(
                List.of("10.9.0.0/16"),
                enabled(hearth("routes", "unapprove", "hearth", "::/0", "--json").json()));
        assertEquals(
                List.of(),
                enabled(hearth("routes", "unapprove", "hearth", "10.9.1.1/16", "--json").json()));
        assertEquals(1, hearth("routes", "unapprove", "hearth", "ten").status());
        assertEquals(1, hearth("routes", "approve", "hearth", "300.1.1.1/8").status());
    }

    private static List<String> enabled(JsonNode routes) {
        return routes.path("enabledRoutes").valueStream().map(JsonNode::asString).toList();
    }

    @Test
    void peopleGetPasswordsFromStandardInput() {
        hearth("users", "create", "guest").text();
        assertTrue(hearth("status").text().contains("not set up yet"));
        typing(
                        "a long enough phrase\n",
                        "users",
                        "create",
                        "ana",
                        "--role",
                        "admin",
                        "--password-stdin")
                .text();
        assertTrue(hearth("users", "list").text().contains("ana@hearth.internal"));
        assertTrue(!hearth("status").text().contains("not set up yet"), "an admin can sign in");
        typing("another long phrase\n", "users", "set-password", "ana@hearth.internal").text();
        typing("a third long phrase\n", "users", "set-password", "ana", "--password-stdin").text();
        Ran none = typing("", "users", "set-password", "ana@hearth.internal");
        assertEquals(1, none.status());
        assertTrue(none.err().contains("no password"), none::err);
        assertTrue(hearth("audit").text().contains("ana@hearth.internal"));
    }

    @Test
    void peopleGetRolesAreSuspendedAndRemoved() {
        hearth("users", "create", "kim").text();
        JsonNode kim = hearth("users", "role", "kim", "it-admin", "--json").json();
        assertEquals("it-admin", kim.path("role").asString());
        assertEquals(1, hearth("users", "role", "kim", "king").status());
        kim = hearth("users", "suspend", "kim@hearth.internal", "--json").json();
        assertEquals("suspended", kim.path("status").asString());
        kim = hearth("users", "restore", "kim", "--json").json();
        assertEquals("idle", kim.path("status").asString());
        hearth("users", "remove", "kim").text();
        assertTrue(!hearth("users", "list").text().contains("kim@"));
        Ran gone = hearth("users", "remove", "kim");
        assertEquals(1, gone.status());
        assertTrue(gone.err().contains("no user \"kim\""), gone::err);
        assertEquals(1, hearth("users", "suspend", "owner").status(), "the only owner");
        assertEquals(1, hearth("users", "remove", "tagged-devices").status());
    }

    @Test
    void devicesAreTaggedAndMoved() {
        JsonNode box = hearth("nodes", "tag", "hearth", "tag:hearth", "tag:nas", "--json").json();
        assertEquals("[\"tag:hearth\",\"tag:nas\"]", box.path("tags").toString());
        assertEquals(
                "[\"tag:hearth\"]",
                hearth("nodes", "tag", "hearth", "tag:hearth", "--json")
                        .json()
                        .path("tags")
                        .toString());
        assertEquals(1, hearth("nodes", "tag", "hearth", "nas").status());
        assertEquals(2, hearth("nodes", "tag", "hearth").status());
        Ran moved = hearth("nodes", "move", "hearth", "owner");
        assertEquals(1, moved.status());
        assertTrue(moved.err().contains("this appliance"), moved::err);
    }

    @Test
    void waitingLoginsAreAnsweredById() {
        assertTrue(hearth("logins", "list", "--json").json().isArray());
        assertEquals(1, hearth("logins", "approve", "none").status());
        assertEquals(1, hearth("logins", "refuse", "none").status());
    }

    @Test
    void dnsChangesOnlyWhatIsNamed() {
        hearth("dns", "set", "--nameserver", "9.9.9.9", "--split", "corp.example=10.0.0.1").text();
        String shown = hearth("dns", "set", "--override-local", "on").text();
        assertTrue(shown.contains("9.9.9.9") && shown.contains("corp.example"), shown);
        assertEquals(2, hearth("dns", "set", "--magic-dns", "maybe").status());
        assertEquals(1, hearth("dns", "set", "--nameserver", "nine").status());
        hearth("dns", "set", "--override-local", "off", "--nameserver=", "--split", "corp.example=")
                .text();
        assertEquals(0, hearth("dns", "show", "--json").json().path("nameservers").size());
    }

    @Test
    void thePolicyComesBackAsItWasSaved() throws IOException {
        String text =
                "// mine\n{\"acls\": [{\"action\": \"accept\", \"src\": [\"*\"], \"dst\": [\"*:*\"]}]}\n";
        Path file = Files.writeString(dir.resolve("policy.hujson"), text);
        hearth("policy", "set", file.toString()).text();
        assertEquals(text, hearth("policy", "get").text());
        Path bad = Files.writeString(dir.resolve("bad.hujson"), "{\"acls\": 5}");
        assertEquals(1, hearth("policy", "set", bad.toString()).status());
        assertEquals(text, hearth("policy", "get").text());
        hearth("policy", "set", file.toString(), "--comment", "für später").text();
        JsonNode newest = hearth("policy", "history", "--json").json().path(0);
        assertEquals("für später", newest.path("comment").asString());
        assertEquals("[]", newest.path("changes").toString(), "the same text");
    }

    private static String policy(String name, String text) throws IOException {
        return Files.writeString(dir.resolve(name), text).toString();
    }

    private static void refuses(String lines, String... words) {
        Ran ran = hearth(words);
        assertEquals(1, ran.status(), ran::out);
        assertEquals(lines, ran.err().strip());
        assertEquals("", ran.out());
    }

    @Test
    void whatIsWrongWithAPolicyComesWithItsPlace() throws IOException {
        String before = hearth("policy", "get").text();
        String two =
                policy(
                        "two",
                        "{\"acls\": [\n{\"action\": \"zap\", \"src\": [\"group:x\"], \"dst\": [\"*:*\"]}]}");
        String problems =
                "2:12: action=\"zap\" is not supported, only accept and deny are\n"
                        + "2:27: src=group not found: \"group:x\"";
        refuses(problems, "policy", "check", two);
        refuses(problems, "policy", "set", two);
        refuses(problems, "policy", "test", two);
        refuses("hearth: " + two + " is not valid\n" + problems, "policy", "diff", two, two);
        String failing =
                policy(
                        "failing",
                        "{\"acls\": [], \"tests\": [\n{\"src\": \"*\", \"accept\": [\"hearth:22\"]}]}");
        String failed = "2:25: test of \"*\": address \"hearth:22\": want: Accept, got: Drop";
        refuses(failed, "policy", "set", failing);
        refuses(failed, "policy", "test", failing);
        String open = policy("open", "{\"acls\": [");
        refuses("1:11: parsing value: unexpected EOF", "policy", "check", open);
        refuses("1:11: parsing value: unexpected EOF", "policy", "format", open);
        String empty = policy("empty", " \n");
        for (String word : new String[] {"check", "set", "test", "format"}) {
            refuses("2:1: parsing value: unexpected EOF", "policy", word, empty);
        }
        Path latin = dir.resolve("latin");
        Files.write(latin, new byte[] {'{', '\n', '"', (byte) 0xfc, '"', '}'});
        refuses("2:2: not UTF-8", "policy", "set", latin.toString());
        refuses("hearth: cannot read " + dir, "policy", "check", dir.toString());
        refuses("hearth: cannot read nothing", "policy", "set", "nothing");
        refuses(
                "hearth: /dev/zero is larger than 4 MiB, the most that a policy may have",
                "policy",
                "check",
                "/dev/zero");
        assertEquals(
                problems,
                typing(Files.readString(Path.of(two)), "policy", "set", "-").err().strip());
        refuses("hearth: no policy version 4711", "policy", "rollback", "4711");
        assertEquals(before, hearth("policy", "get").text(), "nothing was saved");
        assertEquals(2, hearth("policy", "rollback", "x").status());
        assertEquals(2, hearth("policy", "explain", "--src", "a").status());
        assertEquals(2, hearth("policy", "zap").status());
    }

    @Test
    void aRefusalSaysWhyInWords() throws IOException {
        refuses(
                "hearth: cannot reach the appliance at /nowhere/sock: there is no such socket; is"
                        + " hearth serve running?",
                "--socket=/nowhere/sock",
                "status");
        String file = policy("plain", "no socket");
        refuses(
                "hearth: cannot reach the appliance at "
                        + file
                        + ": nobody listens there; is hearth serve running?",
                "--socket=" + file,
                "status");
        String nowhere = dir.resolve("none/backup").toString();
        refuses("hearth: " + nowhere + ": no such file or directory", "backup", nowhere);
        Ran word = hearth("keys", "zap");
        assertEquals(2, word.status());
        assertTrue(word.err().startsWith("hearth: unexpected \"zap\"\n"), word.err());
        Ran version = hearth("policy", "rollback", "x");
        assertTrue(version.err().contains("\"x\": expected a number"), version.err());
        assertEquals(2, hearth("dns", "set", "--split", "lan").status());
        assertTrue(hearth("nodes", "show", "hearth").text().matches("(?s).*expires +never.*"));
    }

    @Test
    void deviceNamesAreListedAndBound() throws IOException {
        String before = hearth("policy", "get").text();
        String named =
                "{\"acls\": [{\"action\": \"accept\", \"src\": [\"printer\"], \"dst\": [\"hearth:631\"]}]}";
        String diff =
                hearth("policy", "diff", policy("was", "{\"acls\": []}"), policy("is", named))
                        .text();
        assertEquals("", diff, "nobody is there yet");
        hearth("policy", "set", policy("named", named)).text();
        JsonNode names = hearth("policy", "names", "--json").json();
        assertEquals("bound", names.path(0).path("state").asString());
        assertEquals("printer", names.path(1).path("name").asString());
        assertEquals("pending", names.path(1).path("state").asString());
        refuses("hearth: the policy names no device \"tv\"", "policy", "bind", "tv", "hearth");
        assertEquals(1, hearth("policy", "bind", "printer", "nobody").status());
        assertEquals(2, hearth("policy", "bind", "printer").status());
        String table = hearth("policy", "bind", "printer", "hearth").text();
        assertTrue(table.contains("printer  renamed  hearth"), table);
        policy("before", before);
        hearth("policy", "set", dir.resolve("before").toString()).text();
        assertEquals("[]", hearth("policy", "names", "--json").json().toString());
    }

    @Test
    void expiryIsSwitchedForAllOrForOne() {
        hearth("set", "--key-expiry=off").text();
        hearth("set", "--key-expiry=on").text();
        hearth("set", "--key-expiry", "off", "--node", "hearth").text();
        assertEquals(2, hearth("set", "--key-expiry=perhaps").status());
        assertEquals(2, hearth("set").status());
        assertEquals(2, hearth("set", "--device-approval=on", "--node", "hearth").status());
        JsonNode settings =
                hearth("set", "--device-approval=on", "--key-duration=90d", "--json").json();
        assertTrue(settings.path("deviceApproval").asBoolean());
        assertEquals(90 * 24 * 3600, settings.path("keyDurationSeconds").asInt());
        settings = hearth("set", "--device-approval=off", "--json").json();
        assertEquals(90 * 24 * 3600, settings.path("keyDurationSeconds").asInt(), "it stays");
        hearth("set", "--key-duration=180d").text();
        assertEquals(1, hearth("set", "--key-duration=1s").status());
        assertEquals(2, hearth("set").status());
    }

    @Test
    void statusIsSpelledAsTailscales() {
        JsonNode status = hearth("status", "--json").json();
        assertEquals("Running", status.path("BackendState").asString());
        assertTrue(status.path("Self").path("TailscaleIPs").isArray());
        assertEquals("false", status.path("TUN").toString(), "it runs with --tun=off");
        String table = hearth("status").text();
        assertTrue(table.contains("Direct connections (peer-to-peer)"), table);
        assertTrue(table.contains("Relayed connections (DERP)"), table);
    }

    @Test
    void theFirstLinesNameTheAddressItListensOn() {
        var out = new StringWriter();
        appliance.announce(new PrintWriter(out, true));
        assertTrue(out.toString().contains("--login-server=http://127.0.0.1:"), out::toString);
    }

    @Test
    void aBackupIsForItsOwnerOnly() throws IOException {
        Path file = dir.resolve("backup.hearth");
        hearth("backup", file.toString()).text();
        assertEquals(
                "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        Path wrong = Files.writeString(dir.resolve("wrong.hearth"), "not a backup");
        assertEquals(1, hearth("restore", wrong.toString()).status());
    }

    @Test
    void everyCommandHasHelpAndNamesWhatItMisses() {
        for (String command : HearthCli.commandLine(Map.of()).getSubcommands().keySet()) {
            assertTrue(hearth(command, "--help").text().contains("Usage: hearth " + command));
        }
        assertEquals(2, hearth("nodes").status());
        assertEquals(2, hearth("nonsense").status());
        assertEquals(2, hearth("keys", "create", "--expiry", "5x").status());
    }
}
