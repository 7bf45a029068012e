package hearth.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import hearth.testkit.netns.Host;
import hearth.testkit.netns.NetLab;
import hearth.testkit.netns.Peers;
import hearth.testkit.netns.TailscaleClient;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The console in a real Chromium, with official clients: first run, joining, removing. */
final class ConsoleInteropIT {
    private static final Path HEARTH = Path.of("target/hearth/bin/hearth").toAbsolutePath();
    private static final String ADDRESS = "192.168.71.1";
    private static final String PAGES = "https://" + ADDRESS;
    private static final String PASSWORD = "four quiet green words";
    private static final Duration SECOND = Duration.ofSeconds(1);

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path dir;

    /** The appliance, a router that it is itself, and two hosts behind links of their own. */
    private final class Town implements AutoCloseable {
        final NetLab lab = new NetLab(dir);
        final Host box = lab.host("hearth");
        final TailscaleClient a;
        final TailscaleClient b;
        private Process appliance;

        Town() {
            lab.behind("hearth", "a", "192.168.71.");
            lab.behind("hearth", "b", "192.168.72.");
            lab.forward("hearth");
            appliance = serve();
            Waiting.until(
                    "Hearth is up",
                    Duration.ofSeconds(60),
                    () -> box.log("hearth").contains("Setup token"));
            a = new TailscaleClient(lab.host("a"), Peers.NEWEST, null).start();
            b = new TailscaleClient(lab.host("b"), Peers.OLDEST, null).start();
        }

        private Process serve() {
            return box.start(
                    "hearth",
                    Map.of(),
                    HEARTH.toString(),
                    "serve",
                    "--state-dir=" + dir.resolve("state"),
                    "--socket=" + dir.resolve("hearth.sock"),
                    "--server-url=http://" + ADDRESS,
                    "--tun=off");
        }

        String setupToken() {
            Matcher m = Pattern.compile("Setup token: +([0-9A-Z-]+)").matcher(box.log("hearth"));
            assertTrue(m.find(), box.log("hearth"));
            return m.group(1);
        }

        /** Starts a login without waiting for its end; the page that it asks a person to open. */
        String asks(TailscaleClient client, String name) {
            client.host()
                    .start(
                            "up",
                            Map.of(),
                            Peers.program(client.version() + "/tailscale").toString(),
                            "--socket=" + socket(client),
                            "up",
                            "--login-server=http://" + ADDRESS,
                            "--hostname=" + name,
                            "--timeout=90s");
            Pattern page = Pattern.compile("https?://\\S+/join/\\S+");
            Waiting.until(
                    name + " asks for a page",
                    Duration.ofSeconds(30),
                    () -> page.matcher(client.host().log("up")).find());
            Matcher m = page.matcher(client.host().log("up"));
            assertTrue(m.find());
            return m.group();
        }

        private String socket(TailscaleClient client) {
            try (var files = Files.walk(client.host().dir(), 3)) {
                return files.filter(f -> f.getFileName().toString().equals("s"))
                        .findFirst()
                        .orElseThrow()
                        .toString();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            a.stop();
            b.stop();
            lab.close();
        }
    }

    @Test
    void aPersonSetsUpLetsDevicesInAndTakesOneOut() {
        assumeTrue(NetLab.possible(), "needs root");
        assumeTrue(Browser.installed(), "needs chromium and chromium-driver");
        try (var town = new Town();
                var browser = new Browser(town.box, dir, true)) {
            try {
                firstRun(town, browser);
                joinByPage(town, browser);
                joinByList(town, browser);
                saysWhenNobodyServes(town, browser);
                pingEachOther(town);
                removeInTwoClicks(town, browser);
                withoutScript(town);
                List<String> complaints =
                        browser.complaints().stream().filter(c -> !expected(c)).toList();
                assertEquals(List.of(), complaints);
            } catch (AssertionError | RuntimeException e) {
                browser.picture(Path.of("target/console-failure.png"));
                System.err.println(town.box.log("hearth"));
                throw e;
            }
        }
    }

    /** Chromium reports every answer from 400 on; these are meant. */
    private static boolean expected(String complaint) {
        return complaint.contains("status of 422")
                || complaint.contains("password field")
                || complaint.contains("/admin/events - Failed to load resource");
    }

    private static void firstRun(Town town, Browser browser) {
        browser.open("http://" + ADDRESS + "/");
        browser.says("Setup token");
        assertEquals(PAGES + "/setup", browser.driver.getCurrentUrl(), "never without TLS");
        setUp(browser, "AAAA-AAAA-AAAA");
        browser.says("That is not the setup token");
        setUp(browser, town.setupToken());
        browser.says("Bring a device in");
        assertTrue(browser.text().contains("tailscale up --login-server=http://" + ADDRESS));
    }

    private static void setUp(Browser browser, String token) {
        browser.type("token", token);
        browser.type("name", "Ana");
        browser.type("login", "ana");
        browser.type("password", PASSWORD);
        browser.type("password2", PASSWORD);
        browser.click("button[type=submit]");
    }

    /** The page that the client printed, with the code, and the yes on it. */
    private static void joinByPage(Town town, Browser browser) {
        String page = town.asks(town.a, "alder");
        browser.open(page);
        browser.says("Whose is it?");
        assertTrue(browser.text().contains("alder"));
        browser.click("#join-approve");
        browser.says("alder is in");
        Waiting.until("alder is up", Duration.ofSeconds(20), () -> up(town.a));
    }

    /** The list alone, never reloaded: who asks stands there, and who is in. */
    private static void joinByList(Town town, Browser browser) {
        browser.open(PAGES + "/admin/machines");
        browser.says("alder");
        String page = town.asks(town.b, "birch");
        assertTrue(page.startsWith(PAGES + "/join/"), page);
        Duration asked = browser.says("birch (Linux) wants to join");
        assertTrue(asked.compareTo(SECOND) < 0, "shown after " + asked);
        browser.click("[id^=login-][id$=-yes]");
        browser.says("birch is in");
        Duration shown = browser.says("3 machines");
        assertTrue(shown.compareTo(SECOND) < 0, "shown after " + shown);
        Waiting.until("birch is up", Duration.ofSeconds(20), () -> up(town.b));
        browser.find("a.name[href^='/admin/machines/']");
        assertTrue(browser.text().contains("birch"));
    }

    /** An open page stays, says that it is cut off, and lives on with the next process. */
    private static void saysWhenNobodyServes(Town town, Browser browser) {
        browser.open(PAGES + "/admin/machines");
        browser.says("3 machines, 3 online");
        town.appliance.destroy();
        browser.says("Not connected to Hearth since");
        assertTrue(browser.text().contains("3 machines, 3 online"));
        town.appliance = town.serve();
        Waiting.until(
                "the page is connected again",
                Duration.ofSeconds(60),
                () -> !browser.text().contains("Not connected"));
        browser.says("3 machines, 3 online");
    }

    private static void pingEachOther(Town town) {
        String birch = town.b.ip4();
        Waiting.until(
                "alder reaches birch",
                Duration.ofSeconds(30),
                () -> town.a.host().run("ping", "-c", "1", "-W", "1", birch).ok());
    }

    private static void removeInTwoClicks(Town town, Browser browser) {
        String birch = town.b.ip4();
        browser.open(PAGES + "/admin/machines");
        browser.click("a[aria-label='Remove birch']");
        browser.says("Remove birch?");
        assertTrue(town.a.host().run("ping", "-c", "1", "-W", "1", birch).ok());
        browser.click("#confirm-yes");
        Duration cut =
                Waiting.until(
                        "birch is cut off",
                        Duration.ofSeconds(10),
                        () -> !town.a.host().run("ping", "-c", "1", "-W", "1", birch).ok());
        System.out.println("removed device cut off at its peer after " + cut.toMillis() + " ms");
        browser.says("birch is removed");
        browser.open(PAGES + "/admin/logs");
        browser.says("removed machine birch");
    }

    /** The same without a line of script. */
    private void withoutScript(Town town) {
        try (var plain = new Browser(town.box, dir, false)) {
            plain.open(PAGES + "/admin/machines");
            plain.says("Sign in");
            plain.type("login", "ana");
            plain.type("password", PASSWORD);
            plain.click("button[type=submit]");
            plain.says("alder");
            plain.click("a[href^='/admin/machines/'].name");
            plain.type("name", "elder");
            plain.click("#rename-save");
            plain.says("It is called elder now");
            plain.click("#remove");
            plain.says("Remove elder?");
            plain.click("#confirm-yes");
            plain.says("elder is removed");
            assertFalse(plain.text().contains("100.64.0.2"));
        }
    }

    private static boolean up(TailscaleClient client) {
        return client.statusJson().contains("\"BackendState\": \"Running\"");
    }
}
