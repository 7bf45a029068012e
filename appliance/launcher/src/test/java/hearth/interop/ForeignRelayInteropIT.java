package hearth.interop;

import static hearth.interop.HomeLab.await;
import static hearth.interop.HomeLab.awaitPath;
import static hearth.interop.HomeLab.blockUdp;
import static hearth.interop.HomeLab.pings;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.testkit.netns.Host;
import hearth.testkit.netns.Peers;
import hearth.testkit.netns.TailscaleClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/**
 * An official client whose home is Tailscale's own relay program and that has no UDP to the
 * appliance: the appliance's node goes there to reach it, and the other way round.
 */
final class ForeignRelayInteropIT {
    private static final String FAR = "10.86.9.2";
    private static final String LAN_HOST = "192.168.86.2";
    private static final String NODE = "100.64.0.1";
    private static final Pattern PIN = Pattern.compile("sha256-raw:[0-9a-f]{64}");

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path dir;

    @Test
    void peerWhoseHomeIsElsewhereIsReachedThere() throws Exception {
        try (var home = new HomeLab(dir, "10.86.")) {
            home.lab.behind("rt", "far", "10.86.9.");
            home.lab.link("srv", "192.168.86.1/24", "lan", LAN_HOST + "/24");
            Host far = home.lab.host("far");
            String pin = startRelay(far);
            ApplianceHost appliance = home.appliance.start();
            Path policy = dir.resolve("policy.json");
            Files.writeString(
                    policy,
                    """
                    {"acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}],
                     "derpMap": {"OmitDefaultRegions": true, "Regions": {"910": {
                       "RegionID": 910, "RegionCode": "far", "RegionName": "Far", "Nodes": [
                         {"Name": "910a", "RegionID": 910, "HostName": "%s", "IPv4": "%s",
                          "CertName": "%s"}]}}}}
                    """
                            .formatted(FAR, FAR, pin));
            appliance.cli("policy", "set", policy.toString()).must();
            appliance.cli("routes", "approve", "hearth", "192.168.86.0/24").must();
            TailscaleClient newer = home.newer.start();
            blockUdp(newer, home.server, "41641");
            newer.up("http://" + home.server, appliance.key(), "--accept-routes").must();
            await(
                    "home is far",
                    30,
                    () ->
                            JsonMapper.shared()
                                    .readTree(newer.statusJson())
                                    .path("Self")
                                    .path("Relay")
                                    .asString()
                                    .equals("far"));
            String client = newer.ip4();

            // the first packet is the appliance's: the client is nowhere but at its home
            Host srv = appliance.host();
            await(
                    "ping from the appliance",
                    20,
                    () -> srv.run(Duration.ofSeconds(5), "ping", "-c1", "-W2", client).ok());
            assertEquals(2, connections(far));
            String status = appliance.cli("status").must();
            assertTrue(status.contains("far"), status);
            awaitPath(newer, NODE, "via DERP(", 10);
            await("LAN", 10, () -> pings(newer, LAN_HOST));
            home.lab.host("lan").start("iperf3", Map.of(), "iperf3", "-s", "-1");
            await(
                    "iperf3 listens",
                    5,
                    () -> home.lab.host("lan").shell("ss -ltn | grep -q :5201").ok());
            newer.host()
                    .run(Duration.ofSeconds(20), "iperf3", "-c", LAN_HOST, "-t", "3", "-b", "2M")
                    .must();
        }
    }

    /** derper with a certificate of its own making; gives the pin that it tells. */
    private static String startRelay(Host far) {
        far.start(
                "derper",
                Map.of(),
                Peers.program("derper/derper").toString(),
                "-a=:443",
                "-http-port=-1",
                "-hostname=" + FAR,
                "-certmode=manual",
                "-certdir=" + far.dir(),
                "-c=" + far.dir().resolve("derper.json"));
        await("derper tells its certificate", 20, () -> PIN.matcher(far.log("derper")).find());
        Matcher m = PIN.matcher(far.log("derper"));
        assertTrue(m.find());
        return m.group();
    }

    private static int connections(Host far) {
        String vars = far.run("curl", "-sk", "-m", "5", "https://127.0.0.1/debug/vars").must();
        return JsonMapper.shared()
                .readTree(vars)
                .path("derp")
                .path("gauge_current_connections")
                .asInt();
    }
}
