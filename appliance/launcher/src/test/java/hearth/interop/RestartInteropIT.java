package hearth.interop;

import static hearth.interop.HomeLab.await;
import static hearth.interop.HomeLab.awaitPath;
import static hearth.interop.HomeLab.blockUdp;
import static hearth.interop.HomeLab.pings;
import static hearth.interop.HomeLab.pingsQuickly;
import static hearth.interop.HomeLab.unblock;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.testkit.netns.Host;
import hearth.testkit.netns.TailscaleClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
 * Official clients of both versions while the appliance dies and comes back, on the same machine
 * and on another one: what flows between them goes on, and nobody logs in again.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class RestartInteropIT {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Duration SETTLED = Duration.ofSeconds(10);

    // longer than the client's longest pause between tries to reach its relay again
    private static final Duration RELAY_BACK = Duration.ofSeconds(15);

    private Path dir;
    private HomeLab home;
    private ApplianceHost appliance;
    private TailscaleClient newer;
    private TailscaleClient older;

    /** What a client says of itself that a restart must not change. */
    private record Standing(String state, String login, String addresses, String self, String ill) {
        static Standing of(TailscaleClient client) {
            JsonNode s = JSON.readTree(client.statusJson());
            JsonNode self = s.path("Self");
            return new Standing(
                    s.path("BackendState").asString(),
                    s.path("AuthURL").asString(""),
                    s.path("TailscaleIPs").toString(),
                    self.path("ID").asString() + " " + self.path("PublicKey").asString(),
                    s.path("Health").isEmpty() ? "" : s.path("Health").toString());
        }
    }

    @BeforeAll
    void start(@TempDir Path temporary) throws Exception {
        dir = temporary;
        home = new HomeLab(dir, "10.81.");
        home.lab.link("rt", "10.81.9.1/24", "srv2", home.server + "/24"); // to take over
        home.start();
        home.join();
        appliance = home.appliance;
        newer = home.newer;
        older = home.older;
        await("ping", 20, () -> pings(newer, older.ip4()));
    }

    @AfterAll
    void end() {
        home.close();
    }

    @Test
    @Order(1)
    void aDirectFlowGoesOnWithoutABreakWhileTheApplianceIsKilled() throws Exception {
        awaitPath(newer, older.ip4(), "via 10.81.3.2:41641", 20);
        List<Standing> before = standing();
        Process stream = stream(20);
        Thread.sleep(3_000);
        appliance.kill();
        Thread.sleep(1_000);
        appliance.start();
        Thread.sleep(SETTLED);
        assertEquals(before, standing());
        assertOnline();
        List<Long> intervals = intervals(20, stream);
        System.out.println("killed while direct, bytes a second: " + intervals);
        assertEquals(List.of(), intervals.stream().filter(b -> b == 0).toList());
    }

    /**
     * What the relay owes is seen by pings: they pass once the clients have come back to it. When
     * the flow goes on is up to the sender's kernel, which doubles the pause before its next try
     * with each one that is lost; from then on it must not stop again.
     */
    @Test
    @Order(2)
    void aRelayedFlowIsTakenUpAgainWithTheRelay() throws Exception {
        blockUdp(newer, "10.81.3.2", "");
        awaitPath(newer, older.ip4(), "via DERP(hearth)", 20);
        Process stream = stream(40);
        Thread.sleep(3_000);
        String path = newer.cli("status").must();
        assertTrue(path.contains("relay \"hearth\", tx"), path);
        appliance.kill();
        long killed = System.nanoTime();
        appliance.start();
        long up = System.nanoTime();
        Duration back = await("packets by the relay", 30, () -> pingsQuickly(newer, older.ip4()));
        List<Long> intervals = intervals(40, stream); // fails when the TCP connection was lost
        int empty = (int) intervals.stream().filter(b -> b == 0).count();
        System.out.println(
                "killed while relayed, up again after "
                        + (up - killed) / 1_000_000
                        + " ms, a ping "
                        + back.toMillis()
                        + " ms later, "
                        + empty
                        + " s empty, bytes a second: "
                        + intervals);
        unblock(newer);
        assertTrue(back.compareTo(RELAY_BACK) <= 0, () -> "packets pass after " + back);
        long away = (up - killed) / 1_000_000_000 + back.toSeconds();
        assertTrue(empty <= 2 * away + 5, intervals::toString);
        assertTrue(intervals.getLast() > 0, intervals::toString);
        assertOnline();
    }

    @Test
    @Order(3)
    void aBackupGoesOnOnAnotherMachine() throws Exception {
        List<Standing> before = standing();
        Path file = dir.resolve("backup.zip");
        appliance.cli("backup", file.toString()).must();
        appliance.kill();
        var other = home.appliance("srv2");
        other.cli("restore", file.toString(), "--state-dir=" + other.stateDir()).must();
        // the other machine takes the address over
        Host rt = home.lab.host("rt");
        rt.shell("ip a flush dev e1a; ip a flush dev e4a; ip a add 10.81.1.1/24 dev e4a").must();
        home.lab.route("srv2", "10.81.1.1");
        appliance = other.start();
        Thread.sleep(SETTLED);
        assertEquals(before, standing());
        assertOnline();
        await("ping", 5, () -> pings(newer, older.ip4()) && pings(older, newer.ip4()));
        await("the appliance's own node", 10, () -> pings(newer, "100.64.0.1"));
    }

    private List<Standing> standing() {
        return List.of(Standing.of(newer), Standing.of(older));
    }

    private void assertOnline() {
        assertEquals(
                List.of("true", "true"),
                appliance.json("status").path("Peer").findValuesAsString("Online"));
        for (TailscaleClient c : home.clients()) {
            JsonNode s = JSON.readTree(c.statusJson());
            for (JsonNode peer : s.path("Peer")) {
                assertTrue(
                        peer.path("Online").asBoolean(),
                        () -> c.version() + " sees offline: " + peer);
            }
        }
    }

    /** A TCP flow from one client to the other, at a pace that leaves the cores free. */
    private Process stream(int seconds) {
        older.host().start("iperf3", Map.of(), "iperf3", "-s", "-1");
        await("iperf3 listens", 5, () -> older.host().shell("ss -ltn | grep -q :5201").ok());
        return newer.host()
                .start(
                        "stream" + seconds,
                        Map.of(),
                        "iperf3",
                        "-J",
                        "-c",
                        older.ip4(),
                        "-t",
                        String.valueOf(seconds),
                        "-b",
                        "20M");
    }

    /** Bytes of each second of {@link #stream}, which must have come to its end. */
    private List<Long> intervals(int seconds, Process stream) throws InterruptedException {
        int status = stream.waitFor();
        String report = newer.host().log("stream" + seconds);
        assertEquals(0, status, report);
        List<Long> bytes = new ArrayList<>();
        for (JsonNode i : JSON.readTree(report).path("intervals")) {
            bytes.add(i.path("sum").path("bytes").asLong());
        }
        assertTrue(bytes.size() >= seconds, report);
        return bytes;
    }
}
