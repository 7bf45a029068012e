package hearth.interop;

import static hearth.interop.HomeLab.await;
import static hearth.interop.HomeLab.awaitPath;
import static hearth.interop.HomeLab.blockUdp;
import static hearth.interop.HomeLab.pings;
import static hearth.interop.HomeLab.pingsQuickly;
import static hearth.interop.HomeLab.unblock;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.testkit.netns.TailscaleClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Official clients of both versions, the appliance and a LAN behind it, all behind one router: they
 * join, talk by name and address, fall to the relay and come back, reach the LAN, leave by it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class TwoClientsInteropIT {
    private static final String LAN = "192.168.77.0/24";
    private static final String LAN_HOST = "192.168.77.2";
    private static final String[] IPERF = {
        "iperf3", "-c", LAN_HOST, "-t", "1", "--connect-timeout", "2000"
    };

    @TempDir static Path dir;
    private HomeLab home;
    private ApplianceHost appliance;
    private TailscaleClient newer;
    private TailscaleClient older;

    @BeforeAll
    void start() throws Exception {
        home = new HomeLab(dir, "10.77.");
        home.lab.behind("srv", "lan", "192.168.77.");
        home.start();
        appliance = home.appliance;
        newer = home.newer;
        older = home.older;
    }

    @AfterAll
    void end() {
        home.close();
    }

    @Test
    @Order(1)
    void bothJoinByKeyAndAreListed() {
        home.join();
        var names = appliance.json("nodes", "list").findValuesAsString("name");
        assertTrue(names.contains("newer.hearth.internal"), names.toString());
        assertTrue(names.contains("older.hearth.internal"), names.toString());
        assertTrue(appliance.json("status").path("TUN").asBoolean(), "it is a router");
    }

    @Test
    @Order(2)
    void theyPingEachOtherByAddressAndName() {
        ping(newer, older.ip4());
        ping(older, newer.ip4());
        await(
                "MagicDNS",
                10,
                () ->
                        newer.inside(Duration.ofSeconds(5), "ping", "-c1", "-W2", "older").ok()
                                && older.inside(
                                                Duration.ofSeconds(5),
                                                "ping",
                                                "-c1",
                                                "-W2",
                                                "newer")
                                        .ok());
        assertEquals(
                "303",
                newer.inside(
                                Duration.ofSeconds(5),
                                "curl",
                                "-sko",
                                "/dev/null",
                                "-w%{http_code}",
                                "https://hearth/")
                        .out(),
                "the page answers to the appliance's own name");
    }

    @Test
    @Order(3)
    void withUdpBlockedTheyUseTheRelayAndComeBack() {
        String address = older.ip4();
        awaitPath(newer, address, "via 10.77.3.2:41641", 20);
        blockUdp(newer, "10.77.3.2", "");
        Duration toRelay = await("traffic by relay", 20, () -> pingsQuickly(newer, address));
        assertTrue(toRelay.compareTo(Duration.ofSeconds(7)) < 0, "relayed after " + toRelay);
        await(
                "status says relay",
                5,
                () -> newer.cli("status").must().contains("relay \"hearth\""));
        await("our status says relay", 5, () -> relayedPairs().contains("newer"));
        unblock(newer);
        awaitPath(newer, address, "via 10.77.3.2:41641", 10);
    }

    private String relayedPairs() {
        String status = appliance.cli("status").must();
        return status.substring(status.indexOf("Relayed connections (DERP)"));
    }

    @Test
    @Order(4)
    void theLanHostIsReachedByTheApprovedRouteOnly() {
        newer.cli("set", "--accept-routes").must();
        older.cli("set", "--accept-routes").must();
        assertFalse(pings(newer, LAN_HOST), "reached before anybody approved the route");
        appliance.cli("routes", "approve", "hearth", LAN).must();
        ping(newer, LAN_HOST);
        ping(older, LAN_HOST);
        home.lab.host("lan").start("iperf3", Map.of(), "iperf3", "-s");
        await("TCP to the LAN", 20, () -> iperf(newer));
        await("TCP from the LAN", 20, () -> iperf(newer, "-R"));
    }

    @Test
    @Order(5)
    void aRelayOnlyClientReachesTheLan() {
        blockUdp(newer, "10.77.0.0/16", "41641");
        await("LAN by relay", 20, () -> pings(newer, LAN_HOST));
        await("TCP by relay", 20, () -> iperf(newer));
        await(
                "status says relay",
                10,
                () -> {
                    pings(newer, LAN_HOST);
                    return relayedPairs().contains("hearth");
                });
        unblock(newer);
    }

    @Test
    @Order(6)
    void theApplianceIsAnExitNode() {
        older.cli("set", "--accept-routes=false").must();
        await("no way to the LAN", 10, () -> !pings(older, LAN_HOST));
        appliance.cli("routes", "approve", "hearth", "0.0.0.0/0", "::/0").must();
        await("exit node chosen", 10, () -> older.cli("set", "--exit-node=hearth").ok());
        ping(older, LAN_HOST);
        older.cli("set", "--exit-node=").must();
        await("left by itself", 10, () -> !pings(older, LAN_HOST));
    }

    @Test
    @Order(7)
    void aRemovedDeviceIsCutOff() {
        String address = older.ip4();
        ping(newer, address);
        appliance.cli("nodes", "remove", "older").must();
        await("cut off", 10, () -> !pings(newer, address));
        assertFalse(appliance.json("nodes", "list").toString().contains("older"));
    }

    private static boolean iperf(TailscaleClient from, String... more) {
        String[] words = Arrays.copyOf(IPERF, IPERF.length + more.length);
        System.arraycopy(more, 0, words, IPERF.length, more.length);
        return from.host().run(Duration.ofSeconds(10), words).ok();
    }

    private static void ping(TailscaleClient from, String to) {
        await("ping " + to, 20, () -> pings(from, to));
    }
}
