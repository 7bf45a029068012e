package hearth.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import hearth.app.Browser;
import hearth.testkit.netns.Peers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two policies as people write them, saved in the page, with official clients of the names and tags
 * that stand in them: every flow between every two devices, measured at the peer.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class ExamplePoliciesInteropIT {
    private static final String CLINIC = read("clinic");
    private static final String OVERSEER = read("overseer");

    private static String read(String name) {
        try (var in =
                ExamplePoliciesInteropIT.class.getResourceAsStream(
                        "/policies/" + name + ".hujson")) {
            return new String(Objects.requireNonNull(in, name).readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A device; {@code key}: the flags of the key that it joins with. */
    private record Device(String name, List<String> key) {
        Device(String name, String... key) {
            this(name, List.of(key));
        }
    }

    private static final List<Device> DEVICES =
            List.of(
                    new Device("ctmprod", "--tag=tag:billing"),
                    new Device("overseer", "--tag=tag:nas"),
                    new Device("phone", "--tag=tag:mobile", "--tag=tag:appserver"),
                    new Device("workbench", "--user=dev"),
                    new Device("desk", "--user=ana"),
                    new Device("tv", "--user=leo"));

    private static final List<String> NAMES = DEVICES.stream().map(Device::name).toList();
    private static final List<String> TCP =
            List.of("22", "80", "443", "3000", "5432", "6379", "8080");
    private static final List<String> UDP = List.of("80", "5432");

    private StarLab star;
    private Browser browser;

    @BeforeAll
    void start(@TempDir Path dir) throws Exception {
        assumeTrue(Browser.installed(), "needs chromium and chromium-driver");
        star = new StarLab(dir, "10.83", NAMES);
        for (String login : List.of("ana", "bo", "dev", "leo")) {
            star.user(login, "member");
        }
        for (int i = 0; i < NAMES.size(); i++) {
            star.client(NAMES.get(i), i % 2 == 0 ? Peers.NEWEST : Peers.OLDEST);
        }
        for (Device d : DEVICES) {
            star.join(d.name(), star.appliance.key(d.key().toArray(new String[0])));
            star.answers(d.name(), String.join(",", TCP), String.join(",", UDP));
        }
        browser = new Browser(star.lab.host("hearth"), dir, true);
        browser.open("https://hearth.test/admin/access");
        browser.type("login", "boss");
        browser.type("password", StarLab.PASSWORD);
        browser.click("button[type=submit]");
        browser.says("Check and preview");
    }

    @AfterAll
    void end() {
        browser.close();
        star.close();
    }

    private void saveInThePage(String text, String expectedInPreview) {
        browser.open("https://hearth.test/admin/access");
        browser.type("policy", text);
        browser.click("#policy-check");
        browser.says("What a save would do");
        assertTrue(browser.text().contains(expectedInPreview), browser.text());
        browser.click("#policy-save");
        browser.says("and in force");
        assertEquals(text, star.appliance.cli("policy", "get").must());
        assertEquals(List.of(), browser.complaints());
    }

    /**
     * Tries every port from every device at every other one.
     *
     * @param open {@code from>to:port}, or {@code from>to:*} for all of them; UDP follows TCP
     */
    private void onlyThese(Set<String> open) {
        for (String from : NAMES) {
            List<String> flows = new ArrayList<>();
            for (String to : NAMES) {
                if (from.equals(to)) {
                    continue;
                }
                boolean all = open.contains(from + ">" + to + ":*");
                for (String port : TCP) {
                    boolean may = all || open.contains(from + ">" + to + ":" + port);
                    flows.add((may ? "+" : "-") + "tcp:" + to + ":" + port);
                    if (UDP.contains(port)) {
                        flows.add((may ? "+" : "-") + "udp:" + to + ":" + port);
                    }
                }
            }
            star.flows(from, flows.toArray(new String[0]));
        }
    }

    @Test
    @Order(1)
    void theClinic() {
        saveInThePage(CLINIC, "loses");
        onlyThese(Set.of("desk>ctmprod:*", "desk>overseer:*", "workbench>phone:*"));
    }

    @Test
    @Order(2)
    void theOverseer() {
        saveInThePage(OVERSEER, "gains");
        List<String> open =
                new ArrayList<>(
                        List.of(
                                "ctmprod>overseer:5432",
                                "ctmprod>overseer:6379",
                                "desk>overseer:22",
                                "desk>ctmprod:*",
                                "workbench>overseer:22",
                                "workbench>ctmprod:*"));
        for (String to : NAMES) {
            for (String port : List.of("80", "443", "3000")) {
                open.add("phone>" + to + ":" + port);
            }
        }
        onlyThese(Set.copyOf(open));
    }

    @Test
    @Order(3)
    void aNameFollowsItsDeviceUntilAPersonBindsItAnew() {
        star.appliance.cli("nodes", "rename", "overseer", "store").must();
        star.appliance.cli("nodes", "rename", "tv", "overseer").must();
        star.flows("ctmprod", "+tcp:overseer:5432", "-tcp:overseer:8080", "-tcp:tv:5432");
        browser.open("https://hearth.test/admin/access");
        browser.says("Another device bears the name without its access");
        browser.click("button[name=rename]");
        browser.says("What a save would do");
        assertTrue(browser.text().contains("Nobody gains and nobody loses"), browser.text());
        browser.click("#policy-save");
        browser.says("and in force");
        assertEquals(
                OVERSEER.replace("\"overseer", "\"store"),
                star.appliance.cli("policy", "get").must());
        browser.open("https://hearth.test/admin/access/names/ctmprod");
        browser.find("#node").sendKeys("overseer");
        browser.click("#bind-check");
        browser.says("If it means overseer");
        assertTrue(browser.text().contains("gains"), browser.text());
        browser.click("#bind-save");
        browser.says("means overseer from now on");
        star.flows("tv", "+tcp:overseer:5432");
        star.flows("ctmprod", "-tcp:overseer:5432");
        assertEquals(List.of(), browser.complaints());
        String names = star.appliance.cli("policy", "bind", "ctmprod", "ctmprod").must();
        assertTrue(names.lines().anyMatch(l -> l.matches("ctmprod +bound .*")), names);
        star.flows("ctmprod", "+tcp:overseer:5432");
        star.flows("tv", "-tcp:overseer:5432");
    }
}
