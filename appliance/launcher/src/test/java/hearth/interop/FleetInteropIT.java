package hearth.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import hearth.testkit.netns.NetLab;
import hearth.testkit.netns.Peers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A hundred simulated nodes join at once, through Tailscale's own protocol library. Part of the
 * full set ({@code .ci/run full}) alone.
 */
final class FleetInteropIT {
    private static final int NODES = 100;
    private static final int FULL_SET_KILLS = 50;

    @TempDir Path dir;

    @Test
    void aHundredNodesMesh() {
        assumeTrue(
                Integer.getInteger("hearth.kills", 10) >= FULL_SET_KILLS,
                "the fleet is part of the full set: .ci/run full");
        assumeTrue(
                Files.isExecutable(Peers.root().resolve("fleet")),
                "no fleet simulator in " + Peers.root() + ": .ci/peers builds it from ../shared");
        try (var lab = new NetLab(dir)) {
            lab.link("rt", "10.79.1.1/24", "srv", "10.79.1.2/24");
            lab.route("srv", "10.79.1.1");
            lab.route("rt", "10.79.1.2");
            var appliance = new ApplianceHost(lab.host("srv"), "--tun=off").start();
            var result =
                    lab.host("rt")
                            .run(
                                    Duration.ofMinutes(3),
                                    Peers.root().resolve("fleet").toString(),
                                    "-url",
                                    "http://10.79.1.2",
                                    "-key",
                                    appliance.key("--reusable"),
                                    "-n",
                                    String.valueOf(NODES),
                                    "-peers",
                                    String.valueOf(NODES),
                                    "-pid",
                                    String.valueOf(appliance.pid()));
            System.out.println("fleet: " + result.out());
            JsonNode got = JsonMapper.shared().readTree(result.must());
            assertEquals(NODES, got.path("n").asInt(), result.out());
            assertEquals(0, got.path("failed").asInt(-1), result.out());
            assertEquals(0, got.path("repolls").asInt(-1), result.out());
        }
    }
}
