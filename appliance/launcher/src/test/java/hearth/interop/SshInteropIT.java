package hearth.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import hearth.app.Browser;
import hearth.testkit.netns.Command;
import hearth.testkit.netns.Peers;
import hearth.testkit.netns.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * SSH between official clients of both versions as the policy says it: accepted, refused by user
 * and by source, checked on a page, revoked while open, recorded by a third device.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class SshInteropIT {
    private static final Duration LONG = Duration.ofSeconds(40);
    private static final Pattern PAGE = Pattern.compile("https://hearth\\.test/ssh/[\\w-]+");
    private static final String TAGS = "\"tagOwners\": {\"tag:server\": [], \"tag:recorder\": []}";
    private static final String OPEN =
            "\"acls\": [{\"action\": \"accept\", \"src\": [\"*\"], \"dst\": [\"*:*\"]}]";
    private static final List<String> SERVERS = List.of("newsrv", "oldsrv");

    private StarLab star;
    private int sessions;

    @BeforeAll
    void start(@TempDir Path dir) throws Exception {
        star = new StarLab(dir, "10.81", List.of("laptop", "phone", "newsrv", "oldsrv", "tape"));
        star.user("ana", "member");
        star.user("leo", "member");
        star.client("laptop", Peers.NEWEST);
        star.client("phone", Peers.OLDEST);
        star.client("newsrv", Peers.NEWEST);
        star.client("oldsrv", Peers.OLDEST);
        star.join("laptop", star.appliance.key("--user=ana"));
        star.join("phone", star.appliance.key("--user=leo"));
        String servers = star.appliance.key("--reusable", "--tag=tag:server");
        star.join("newsrv", servers, "--ssh");
        star.join("oldsrv", servers);
        star.client("oldsrv").cli("set", "--ssh").must();
        star.client("tape", Peers.NEWEST);
    }

    @AfterAll
    void end() {
        star.close();
    }

    private void rules(String... rules) {
        star.policy("{%s, %s, \"ssh\": [%s]}".formatted(TAGS, OPEN, String.join(",\n", rules)));
    }

    private static String rule(String action, String source, String users, String more) {
        return """
        {"action": "%s", "src": ["%s@hearth.internal"], "dst": ["tag:server"], "users": [%s]%s}"""
                .formatted(action, source, users, more);
    }

    /** The words of an ordinary OpenSSH client. */
    private String[] words(String user, String server, String command) {
        return new String[] {
            "ssh",
            "-o",
            "StrictHostKeyChecking=no",
            "-o",
            "UserKnownHostsFile=/dev/null",
            "-o",
            "BatchMode=yes",
            "-o",
            "ConnectTimeout=10",
            user + "@" + star.address(server),
            command
        };
    }

    private Command.Result ssh(String from, String user, String server) {
        return star.lab.host(from).run(LONG, words(user, server, "id -un"));
    }

    private void lets(String from, String user, String server) {
        Waiting.until(
                user + " from " + from + " to " + server,
                LONG,
                () -> ssh(from, user, server).out().strip().equals(user));
    }

    private void refuses(String from, String user, String server) {
        Command.Result r = ssh(from, user, server);
        assertEquals("", r.out(), user + " from " + from + " entered " + server);
        assertFalse(r.ok());
    }

    @Test
    @Order(1)
    void acceptLetsTheNamedAccountsOfTheNamedPersonInAndNobodyElse() {
        rules(rule("accept", "ana", "\"root\", \"ops\"", ""));
        for (String server : SERVERS) {
            lets("laptop", "root", server);
            lets("laptop", "ops", server);
            refuses("laptop", "nobody", server);
            refuses("phone", "root", server);
            refuses("phone", "ops", server);
        }
        Command.Result own =
                star.client("laptop")
                        .cli(LONG, "ssh", "root@" + star.address("newsrv"), "id", "-un");
        assertEquals("root", own.out().strip(), own.err());
    }

    @Test
    @Order(2)
    void nonrootLeavesRootOut() {
        rules(rule("accept", "leo", "\"autogroup:nonroot\"", ""));
        for (String server : SERVERS) {
            lets("phone", "ops", server);
            refuses("phone", "root", server);
            refuses("laptop", "ops", server);
        }
    }

    @Test
    @Order(3)
    void aDenyAboveAnAcceptDecides() {
        rules(
                rule("deny", "leo", "\"root\"", ""),
                rule("accept", "leo", "\"root\", \"ops\"", ""),
                rule("accept", "ana", "\"root\"", ""));
        for (String server : SERVERS) {
            lets("laptop", "root", server);
            lets("phone", "ops", server);
            refuses("phone", "root", server);
        }
    }

    @Test
    @Order(4)
    void anOpenSessionEndsWithItsRule() throws Exception {
        rules(rule("accept", "ana", "\"root\"", ""));
        lets("laptop", "root", "newsrv");
        Process open =
                star.lab
                        .host("laptop")
                        .start("open", Map.of(), words("root", "newsrv", "echo in; sleep 100"));
        Waiting.until("in", LONG, () -> star.lab.host("laptop").log("open").contains("in\n"));
        rules(rule("accept", "leo", "\"root\"", ""));
        Waiting.until("ended", Duration.ofSeconds(5), () -> !open.isAlive());
        assertTrue(star.lab.host("laptop").log("open").contains("revoked"));
    }

    /** A session that waits for its person: its page and its output. */
    private final class Waits {
        private final String log;
        private final String from;
        final Process process;
        final String page;

        Waits(String from, String user, String server) {
            this.from = from;
            this.log = "session" + ++sessions;
            process =
                    star.lab
                            .host(from)
                            .start(log, Map.of(), words(user, server, "echo it is $(id -un)"));
            Waiting.until(from + " shows a page", LONG, () -> PAGE.matcher(output()).find());
            Matcher m = PAGE.matcher(output());
            assertTrue(m.find());
            page = m.group();
        }

        String output() {
            return star.lab.host(from).log(log);
        }

        boolean in() {
            return output().contains("it is ");
        }

        void mustEnd() {
            Waiting.until("end of " + log, LONG, () -> !process.isAlive());
        }
    }

    @Test
    @Order(5)
    void checkHoldsTheSessionUntilItsPersonConfirmsAndRemembersIt() {
        rules(rule("check", "ana", "\"root\"", ""));
        for (String server : SERVERS) {
            refusesByPolicy("phone", "root", server);
            var first = new Waits("laptop", "root", server);
            Command.Result seen = star.visit("laptop", first.page, "ana");
            assertTrue(seen.must().contains("laptop wants to enter " + server), seen.out());
            assertFalse(first.in(), "looking lets nobody in");
            assertFalse(star.visit("phone", first.page, "leo", "confirm").ok(), "not leo's");
            assertTrue(first.process.isAlive());
            star.visit("laptop", first.page, "ana", "confirm").must();
            first.mustEnd();
            assertTrue(first.in(), first.output());
            assertTrue(ssh("laptop", "root", server).out().contains("root"), "asked again");
        }
        String audit = star.appliance.cli("audit").must();
        assertTrue(audit.contains("SSH session as root from laptop of ana"), audit);
    }

    private void refusesByPolicy(String from, String user, String server) {
        Waiting.until("rules have come to " + server, LONG, () -> !ssh(from, user, server).ok());
    }

    @Test
    @Order(6)
    void thePageWorksInABrowser(@TempDir Path dir) {
        assumeTrue(Browser.installed(), "needs chromium and chromium-driver");
        rules(rule("check", "leo", "\"root\"", ""));
        refusesByPolicy("laptop", "root", "newsrv");
        var one = new Waits("phone", "root", "newsrv");
        try (var browser = new Browser(star.lab.host("hearth"), dir, true)) {
            browser.open(one.page);
            browser.type("login", "leo");
            browser.type("password", StarLab.PASSWORD);
            browser.click("button[type=submit]");
            browser.says("phone wants to enter newsrv");
            browser.click("#ssh-confirm");
            browser.says("phone may enter newsrv as root");
            assertEquals(List.of(), browser.complaints());
        }
        one.mustEnd();
        assertTrue(one.in(), one.output());
    }

    @Test
    @Order(7)
    void alwaysAsksForEverySession() {
        rules(rule("check", "ana", "\"root\", \"ops\"", ", \"checkPeriod\": \"always\""));
        for (int i = 0; i < 2; i++) {
            var one = new Waits("laptop", "ops", "newsrv");
            star.visit("laptop", one.page, "ana", "confirm").must();
            one.mustEnd();
            assertTrue(one.in(), one.output());
        }
    }

    @Test
    @Order(8)
    void aRefusedSessionEndsAndSoDoesOneWhoseRuleIsGone() {
        var one = new Waits("laptop", "root", "oldsrv");
        star.visit("laptop", one.page, "ana", "refuse").must();
        one.mustEnd();
        assertFalse(one.in());
        assertTrue(one.output().contains("not confirmed"), one.output());
        var two = new Waits("laptop", "root", "newsrv");
        rules(rule("check", "leo", "\"root\"", ", \"checkPeriod\": \"1m\""));
        Command.Result late = star.visit("laptop", two.page, "ana", "confirm");
        assertFalse(late.ok() && late.out().contains("may enter"), late.out());
        two.process.destroy();
        two.mustEnd();
        assertFalse(two.in());
    }

    @Test
    @Order(9)
    void aWaitingSessionSurvivesARestartOfTheServerWithANewPage() {
        rules(rule("check", "ana", "\"root\"", ", \"checkPeriod\": \"always\""));
        var one = new Waits("laptop", "root", "newsrv");
        star.appliance.kill();
        star.appliance.start();
        Waiting.until(
                "a new page",
                Duration.ofSeconds(90),
                () -> PAGE.matcher(one.output()).results().count() > 1);
        String page = PAGE.matcher(one.output()).results().toList().getLast().group();
        star.visit("laptop", page, "ana", "confirm").must();
        one.mustEnd();
        assertTrue(one.in(), one.output());
    }

    private static String recorded(String action, boolean enforce) {
        return rule(
                action,
                "ana",
                "\"root\"",
                ", \"recorder\": [\"tag:recorder\"], \"enforceRecorder\": " + enforce);
    }

    private void refusesWith(String server, String text) {
        Waiting.until(
                server + " says " + text,
                LONG,
                () -> {
                    Command.Result r = ssh("laptop", "root", server);
                    boolean entered = r.out().contains("root\n"); // what the command says
                    return !entered && !r.ok() && (r.out() + r.err()).contains(text);
                });
    }

    private Process recorder(Path tape) {
        return star.lab
                .host("tape")
                .start(
                        "sink",
                        Map.of(),
                        "python3",
                        star.script("recorder.py").toString(),
                        tape.toString());
    }

    /** The recorder joins after the policy; clients send it what they show. */
    @Test
    @Order(10)
    void sessionsAreRecordedAndWithoutARecorderRefused(@TempDir Path dir) throws Exception {
        rules(recorded("accept", true));
        SERVERS.forEach(s -> refusesWith(s, "this network has no recorder"));
        rules(recorded("accept", false));
        SERVERS.forEach(s -> lets("laptop", "root", s));
        rules(recorded("accept", true));
        star.join("tape", star.appliance.key("--tag=tag:recorder"));
        SERVERS.forEach(s -> refusesWith(s, "no recorder can be reached"));
        Path tape = dir.resolve("tape");
        Process sink = recorder(tape);
        SERVERS.forEach(s -> lets("laptop", "root", s));
        Waiting.until("both are on tape", LONG, () -> sessionsOn(tape) >= SERVERS.size());
        String cast = Files.readString(tape);
        assertTrue(cast.contains("\"version\":2"), cast);
        assertTrue(cast.contains("\"srcNodeUser\":\"ana@hearth.internal\""), cast);
        assertTrue(cast.contains("\"o\",\"root\\n\""), cast);
        for (String server : SERVERS) {
            String log = "recorded" + server;
            lets("laptop", "root", server);
            Process open =
                    star.lab.host("laptop").start(log, Map.of(), words("root", server, TALK));
            Waiting.until("in", LONG, () -> star.lab.host("laptop").log(log).contains("in\n"));
            sink.destroyForcibly().waitFor();
            Waiting.until("ended on " + server, LONG, () -> !open.isAlive());
            assertTrue(star.lab.host("laptop").log(log).contains("the recorder is gone"));
            sink = recorder(tape);
        }
        int before = sessionsOn(tape);
        String always = recorded("check", true).replace("}", ", \"checkPeriod\": \"always\"}");
        rules(always, rule("accept", "leo", "\"root\"", ""));
        lets("phone", "root", "newsrv"); // the rules have come
        var checked = new Waits("laptop", "root", "newsrv");
        star.visit("laptop", checked.page, "ana", "confirm").must();
        checked.mustEnd();
        assertTrue(checked.in(), checked.output());
        Waiting.until("a checked one, too", LONG, () -> sessionsOn(tape) > before);
        sink.destroy();
    }

    /** A client learns that the recorder is gone when there is something to record. */
    private static final String TALK = "while echo in; do sleep 0.3; done";

    private static int sessionsOn(Path tape) {
        try {
            return Files.exists(tape)
                    ? Files.readString(tape).split("connectionID", -1).length - 1
                    : 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
