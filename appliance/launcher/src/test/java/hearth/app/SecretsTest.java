package hearth.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.cli.HearthCli;
import hearth.crypto.SecretKey;
import hearth.ts2021.ControlCaller;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * One run of the whole appliance with every one of its own log records written down: set up and
 * signed in to by browser, devices let in and refused, keys and passwords made by command, a
 * backup. Then everything that was to stay secret is looked for where it must not be.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(90)
final class SecretsTest {
    private static final String PASSWORD = "four quiet green words";
    private static final String NEXT_PASSWORD = "five rather quiet green words";
    private static final String TYPED_WRONG = "four quiet green swords";
    private static final Pattern FORM_TOKEN = Pattern.compile("name=\"_csrf\" value=\"([^\"]+)\"");
    private static final Pattern AUTH_KEY = Pattern.compile("tskey-auth-[A-Za-z0-9-]+");
    private static final Pattern JOIN_LINK = Pattern.compile("/join/([A-Za-z0-9_-]{8,})");

    @TempDir static Path dir;
    private final Map<String, String> secrets = new LinkedHashMap<>(); // secret to what it is
    private final StringWriter records = new StringWriter();
    private final ByteArrayOutputStream standardOutputs = new ByteArrayOutputStream();
    private final List<String> modes = new ArrayList<>();
    private String open = ""; // what metrics and audit log tell

    private final class Written extends Handler {
        @Override
        public void publish(LogRecord r) {
            records.write(r.getLoggerName() + " " + new SimpleFormatter().format(r));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    @BeforeAll
    void run() throws Exception {
        Logger root = Logger.getLogger("");
        Logger ours = Logger.getLogger("hearth");
        Level before = ours.getLevel();
        PrintStream out = System.out;
        PrintStream err = System.err;
        var written = new Written();
        var both = new PrintStream(standardOutputs, true, StandardCharsets.UTF_8);
        root.addHandler(written);
        ours.setLevel(Level.ALL);
        System.setOut(both);
        System.setErr(both);
        try (var box = new RunningAppliance(dir)) {
            use(box);
            modesOf(dir.resolve("state"));
        } finally {
            System.setOut(out);
            System.setErr(err);
            ours.setLevel(before);
            root.removeHandler(written);
        }
        modesOf(dir.resolve("state"));
    }

    private void use(RunningAppliance box) throws Exception {
        String setupToken =
                hearth("status", "--json").replaceAll("(?s).*\"SetupToken\" ?: ?\"", "");
        secret("setup token", setupToken.substring(0, setupToken.indexOf('"')));
        byBrowser(box);
        byCommand();
        byDevices(box);
        keys();
        open = hearth("audit") + box.metrics() + hearth("nodes", "list", "--json");
    }

    private void byBrowser(RunningAppliance box) throws Exception {
        var page = new Page(box.https);
        String token = secrets.keySet().iterator().next();
        secret("a wrong password", TYPED_WRONG);
        secret("a password", PASSWORD);
        secret("a new password", NEXT_PASSWORD);
        page.post("/setup", setup("AAAA-BBBB-CCCC", PASSWORD));
        page.post("/setup", setup(token, PASSWORD));
        String first = page.cookie();
        secret("a session", first);
        signIn(page, TYPED_WRONG);
        signIn(page, PASSWORD);
        secret("another session", page.cookie());
        String account = page.get("/admin/account");
        var m = FORM_TOKEN.matcher(account);
        assertTrue(m.find(), account);
        String form = m.group(1);
        secret("a token of forms", form);
        String created = page.post("/admin/keys", "_csrf=" + form + "&expiry=1h");
        var key = AUTH_KEY.matcher(created);
        assertTrue(key.find(), created);
        secret("a key made in the page", key.group());
        String changed =
                page.post(
                        "/admin/account/password",
                        "_csrf="
                                + form
                                + "&password-now="
                                + plus(PASSWORD)
                                + "&password="
                                + plus(NEXT_PASSWORD)
                                + "&password2="
                                + plus(NEXT_PASSWORD));
        assertFalse(changed.contains("<html"), "sent on, not refused: " + changed);
        page.post(
                "/admin/account/password",
                "_csrf=" + form + "&password-now=%zz" + plus(TYPED_WRONG));
        page.get("/admin/nothing?token=" + form);
    }

    private static String setup(String token, String password) {
        return "_csrf=&token="
                + token
                + "&name=Ana&login=ana&password="
                + plus(password)
                + "&password2="
                + plus(password);
    }

    private static void signIn(Page page, String password) throws Exception {
        page.post("/login", "_csrf=&login=ana&password=" + plus(password));
    }

    private static String plus(String words) {
        return words.replace(' ', '+');
    }

    private void byCommand() throws IOException {
        for (String flag : List.of("--reusable", "--ephemeral")) {
            var key = AUTH_KEY.matcher(hearth("keys", "create", flag, "--json"));
            assertTrue(key.find());
            secret("a key made by command", key.group());
        }
        secret("a password typed", "six words of leo are here");
        typing("six words of leo are here\n", "users", "create", "leo", "--password-stdin");
        secret("too short", "x6Qv");
        typing("x6Qv\n", "users", "set-password", "leo");
        hearth("backup", dir.resolve("box.backup").toString());
    }

    private void byDevices(RunningAppliance box) throws Exception {
        List<String> known =
                secrets.keySet().stream().filter(s -> s.startsWith("tskey-auth-")).toList();
        try (SecretKey machine = SecretKey.generate(box.random);
                SecretKey node = SecretKey.generate(box.random);
                SecretKey other = SecretKey.generate(box.random);
                ControlCaller caller = box.caller(machine)) {
            keep("a machine key", machine);
            keep("a node key", node);
            String good = known.getLast();
            assertEquals(200, RunningAppliance.register(caller, node, good).status());
            caller.post("/machine/map", RunningAppliance.mapRequest(node, false));
            String wrong = known.getFirst() + "x";
            secret("a key that is wrong", wrong);
            RunningAppliance.register(caller, other, wrong);
            String broken = "{\"Version\":113,\"Auth\":{\"AuthKey\":\"" + good + "\",}";
            caller.post("/machine/register", RunningAppliance.ascii(broken));
            String wrongType = "{\"Version\":{\"Auth\":\"" + good + "\"},\"NodeKey\":\"" + good;
            caller.post("/machine/register", RunningAppliance.ascii(wrongType + "\"}"));
            var answer = caller.post("/machine/register", withoutKey(other)).body();
            var link = JOIN_LINK.matcher(answer);
            assertTrue(link.find(), answer);
            secret("a link to join", link.group(1));
        }
    }

    private static byte[] withoutKey(SecretKey node) {
        return RunningAppliance.ascii(
                "{\"Version\":113,\"NodeKey\":\""
                        + node.nodeKey()
                        + "\",\"Hostinfo\":{\"Hostname\":\"waiting\",\"OS\":\"linux\"}}");
    }

    private void keys() throws IOException {
        try (Stream<Path> files = Files.list(dir.resolve("state/keys"))) {
            for (Path f : files.toList()) {
                String hex = Files.readString(f).strip();
                secret(f.getFileName().toString(), hex);
                byte[] bytes = HexFormat.of().parseHex(hex);
                secret(f.getFileName() + " as base64", Base64.getEncoder().encodeToString(bytes));
                secret(f.getFileName() + " as a list", Arrays.toString(bytes));
            }
        }
        Files.readString(dir.resolve("state/tls/key.pem"))
                .lines()
                .filter(l -> !l.startsWith("-"))
                .forEach(l -> secret("the certificate's key", l));
    }

    private void keep(String what, SecretKey key) {
        secret(what, HexFormat.of().formatHex(key.secretBytes()));
    }

    private void secret(String what, String secret) {
        assertTrue(secret.length() >= 4, what + ": " + secret);
        secrets.put(secret, what);
    }

    private static String hearth(String... words) {
        var line = HearthCli.commandLine(Map.of("HEARTH_SOCKET", dir.resolve("h.sock").toString()));
        var out = new StringWriter();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(out, true));
        line.execute(words);
        return out.toString();
    }

    private static void typing(String input, String... words) {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
        try {
            hearth(words);
        } finally {
            System.setIn(before);
        }
    }

    private void modesOf(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path p : all.toList()) {
                String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(p));
                modes.add(mode + " " + folder.relativize(p));
            }
        }
    }

    private List<String> secretsIn(String text) {
        List<String> found = new ArrayList<>();
        secrets.forEach(
                (secret, what) -> {
                    int at = text.indexOf(secret);
                    if (at >= 0) {
                        int begin = text.lastIndexOf('\n', at) + 1;
                        int end = text.indexOf('\n', at);
                        found.add(what + ": " + text.substring(begin, end < 0 ? at : end));
                    }
                });
        return found;
    }

    @Test
    void noSecretIsInTheLog() {
        String log = records.toString();
        assertTrue(log.contains("up join=") && log.contains("FINE: "), log);
        assertTrue(secrets.size() > 30, secrets.values()::toString);
        assertEquals(List.of(), secretsIn(log));
        assertEquals(List.of(), secretsIn(standardOutputs.toString(StandardCharsets.UTF_8)));
    }

    @Test
    void noSecretIsInMetricsAuditLogOrListOfDevices() {
        assertTrue(open.contains("hearth_ts2021_") && open.contains("ana"), open);
        assertEquals(List.of(), secretsIn(open));
    }

    @Test
    void theStateDirectoryIsForItsOwnerAlone() {
        for (String name :
                List.of(" handshake.time", " keys/node.key", " tls/key.pem", " hearth.db")) {
            assertTrue(modes.stream().anyMatch(m -> m.endsWith(name)), modes::toString);
        }
        assertEquals(
                List.of(),
                modes.stream()
                        .filter(m -> !m.startsWith("rw------- ") && !m.startsWith("rwx------ "))
                        .toList());
    }
}
