package hearth.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import hearth.testkit.netns.NetLab;
import hearth.testkit.netns.Peers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A hundred simulated nodes join at once, right after a cold start, through Tailscale's own
 * protocol library. Part of the full set ({@code .ci/run full}) alone: the standstill of
 * docs/adr/0031 has been seen again since, once. When it comes, the threads are printed.
 */
final class FleetInteropIT {
    private static final int NODES = 100;
    private static final int FULL_SET_KILLS = 50;
    private static final Duration STANDSTILL = Duration.ofSeconds(30);

    /** So many may still wait with their carrier kept; without a rehearsal it is 24. */
    private static final int FEW = 6;

    @TempDir Path dir;

    @Test
    @Timeout(value = 150, unit = TimeUnit.SECONDS)
    void aHundredNodesMeshAfterAColdStart() throws Exception {
        assumeTrue(
                Integer.getInteger("hearth.kills", 10) >= FULL_SET_KILLS,
                "the fleet is part of the full set: .ci/run full");
        assumeTrue(
                Files.isExecutable(Peers.root().resolve("fleet")),
                "no fleet simulator in " + Peers.root() + ": .ci/peers builds it from ../shared");
        Path recording = dir.resolve("rush.jfr");
        try (var lab = new NetLab(dir)) {
            lab.behind("rt", "srv", "10.79.1.");
            lab.route("rt", "10.79.1.2");
            var appliance =
                    new ApplianceHost(lab.host("srv"), "--tun=off")
                            .javaOptions(
                                    "-XX:StartFlightRecording:filename="
                                            + recording
                                            + ",settings=none,jdk.VirtualThreadPinned#enabled=true,"
                                            + "jdk.VirtualThreadPinned#threshold=0ms")
                            .start();
            long pid = appliance.pid();
            var standstill =
                    CompletableFuture.runAsync(
                            () -> System.out.println(appliance.threads()),
                            CompletableFuture.delayedExecutor(
                                    STANDSTILL.toSeconds(), TimeUnit.SECONDS));
            var result =
                    lab.host("rt")
                            .run(
                                    Duration.ofSeconds(90),
                                    Peers.root().resolve("fleet").toString(),
                                    "-url",
                                    "http://10.79.1.2",
                                    "-key",
                                    appliance.key("--reusable"),
                                    "-n",
                                    String.valueOf(NODES),
                                    "-peers",
                                    String.valueOf(NODES),
                                    "-limit",
                                    "60s",
                                    "-settle",
                                    "1s",
                                    "-pid",
                                    String.valueOf(pid));
            standstill.cancel(false);
            System.out.println("fleet: " + result.out());
            JsonNode got = JsonMapper.shared().readTree(result.must());
            assertEquals(NODES, got.path("n").asInt(), result.out());
            assertEquals(0, got.path("failed").asInt(-1), result.out());
            assertEquals(NODES, got.path("meshed").asInt(), result.out());
            assertEquals(0, got.path("repolls").asInt(-1), result.out());
            appliance.stop();
        }
        List<String> kept = carriersKept(recording);
        System.out.println("waits that kept a carrier: " + kept);
        assertTrue(kept.size() <= FEW, kept::toString);
    }

    /** Waits of virtual threads, in class loading or initialisers, that kept their carrier. */
    private static List<String> carriersKept(Path recording) throws IOException {
        return RecordingFile.readAllEvents(recording).stream()
                .filter(e -> e.getEventType().getName().equals("jdk.VirtualThreadPinned"))
                .map(FleetInteropIT::where)
                .toList();
    }

    private static String where(RecordedEvent e) {
        var stack = e.getStackTrace();
        return e.getDuration().toNanos() / 1_000
                + " us "
                + e.getString("pinnedReason")
                + (stack == null
                        ? ""
                        : " in " + stack.getFrames().getFirst().getMethod().getName());
    }
}
