package hearth.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.testkit.netns.Host;
import hearth.testkit.netns.NetLab;
import hearth.testkit.netns.Peers;
import hearth.testkit.netns.TailscaleClient;
import hearth.testkit.netns.Waiting;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
 * join, talk by name and address, fall to the relay, come back, and survive the appliance's death.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class TwoClientsInteropIT {
    private static final String SERVER = "10.77.1.2";
    private static final String LAN = "192.168.77.0/24";
    private static final String LAN_HOST = "192.168.77.2";
    private static final String[] IPERF = {
        "iperf3", "-c", LAN_HOST, "-t", "1", "--connect-timeout", "2000"
    };

    @TempDir static Path dir;
    private NetLab lab;
    private ApplianceHost appliance;
    private TailscaleClient newer;
    private TailscaleClient older;

    @BeforeAll
    void start() throws Exception {
        lab = new NetLab(dir);
        lab.link("rt", "10.77.1.1/24", "srv", SERVER + "/24");
        lab.link("rt", "10.77.2.1/24", "newer", "10.77.2.2/24");
        lab.link("rt", "10.77.3.1/24", "older", "10.77.3.2/24");
        lab.link("srv", "192.168.77.1/24", "lan", "192.168.77.2/24");
        lab.forward("rt");
        lab.route("srv", "10.77.1.1");
        lab.route("newer", "10.77.2.1");
        lab.route("older", "10.77.3.1");
        lab.route("lan", "192.168.77.1");
        lab.name(SERVER, "hearth.test");
        var authority =
                new TestAuthority(
                        Files.createDirectories(dir.resolve("ca")), "hearth.test", SERVER);
        appliance =
                new ApplianceHost(
                                lab.host("srv"),
                                "--server-url=https://hearth.test",
                                "--tls-cert=" + authority.chain(),
                                "--tls-key=" + authority.key())
                        .start();
        newer = new TailscaleClient(lab.host("newer"), Peers.NEWEST, authority.ca()).start();
        older = new TailscaleClient(lab.host("older"), Peers.OLDEST, authority.ca()).start();
    }

    @AfterAll
    void end() {
        lab.close();
    }

    @Test
    @Order(1)
    void bothJoinByKeyAndAreListed() {
        String key = appliance.key("--reusable");
        newer.up("http://" + SERVER, key).must();
        older.up("https://hearth.test", key).must();
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
        Waiting.until(
                "MagicDNS",
                Duration.ofSeconds(10),
                () ->
                        newer.inside(Duration.ofSeconds(5), "ping", "-c1", "-W2", "older").ok()
                                && older.inside(
                                                Duration.ofSeconds(5),
                                                "ping",
                                                "-c1",
                                                "-W2",
                                                "newer")
                                        .ok());
    }

    @Test
    @Order(3)
    void withUdpBlockedTheyUseTheRelayAndComeBack() {
        awaitPath("direct", "10.77.3.2:41641", Duration.ofSeconds(20));
        Host a = newer.host();
        a.shell(
                        "nft 'table inet block { chain o { type filter hook output priority 0;"
                                + " ip daddr 10.77.3.2 meta l4proto udp drop; };"
                                + " chain i { type filter hook input priority 0;"
                                + " ip saddr 10.77.3.2 meta l4proto udp drop; }; }'")
                .must();
        String address = older.ip4();
        var toRelay =
                Waiting.until(
                        "traffic by relay",
                        Duration.ofSeconds(20),
                        () -> pingQuickly(newer, address));
        assertTrue(toRelay.compareTo(Duration.ofSeconds(7)) < 0, "relayed after " + toRelay);
        Waiting.until(
                "status says relay",
                Duration.ofSeconds(5),
                () -> newer.cli("status").must().contains("relay \"hearth\""));
        Waiting.until(
                "our status says relay",
                Duration.ofSeconds(5),
                () -> relayedPairs().contains("newer"));
        a.shell("nft delete table inet block").must();
        awaitPath("direct again", "10.77.3.2:41641", Duration.ofSeconds(10));
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
        assertFalse(pingOnce(newer, LAN_HOST), "reached before anybody approved the route");
        appliance.cli("routes", "approve", "hearth", LAN).must();
        ping(newer, LAN_HOST);
        ping(older, LAN_HOST);
        lab.host("lan").start("iperf3", Map.of(), "iperf3", "-s");
        Waiting.until("TCP to the LAN", Duration.ofSeconds(20), () -> iperf(newer));
        Waiting.until("TCP from the LAN", Duration.ofSeconds(20), () -> iperf(newer, "-R"));
    }

    @Test
    @Order(5)
    void aRelayOnlyClientReachesTheLan() {
        Host a = newer.host();
        a.shell(
                        "nft 'table inet block { chain o { type filter hook output priority 0;"
                                + " ip daddr 10.77.0.0/16 udp dport 41641 drop; };"
                                + " chain i { type filter hook input priority 0;"
                                + " ip saddr 10.77.0.0/16 udp sport 41641 drop; }; }'")
                .must();
        Waiting.until("LAN by relay", Duration.ofSeconds(20), () -> pingOnce(newer, LAN_HOST));
        Waiting.until("TCP by relay", Duration.ofSeconds(20), () -> iperf(newer));
        Waiting.until(
                "status says relay",
                Duration.ofSeconds(10),
                () -> {
                    pingOnce(newer, LAN_HOST);
                    return relayedPairs().contains("hearth");
                });
        a.shell("nft delete table inet block").must();
    }

    @Test
    @Order(6)
    void theApplianceIsAnExitNode() {
        older.cli("set", "--accept-routes=false").must();
        Waiting.until(
                "no way to the LAN", Duration.ofSeconds(10), () -> !pingOnce(older, LAN_HOST));
        appliance.cli("routes", "approve", "hearth", "0.0.0.0/0", "::/0").must();
        Waiting.until(
                "exit node chosen",
                Duration.ofSeconds(10),
                () -> older.cli("set", "--exit-node=hearth").ok());
        ping(older, LAN_HOST);
        older.cli("set", "--exit-node=").must();
        Waiting.until("left by itself", Duration.ofSeconds(10), () -> !pingOnce(older, LAN_HOST));
    }

    @Test
    @Order(7)
    void aBackupRestoredElsewhereKeepsEveryLogin() {
        Path file = dir.resolve("backup.zip");
        String before = newer.ip4() + " " + older.ip4();
        appliance.cli("backup", file.toString()).must();
        appliance.stop();
        appliance.host().run("rm", "-rf", appliance.stateDir().toString()).must();
        appliance.cli("restore", file.toString(), "--state-dir=" + appliance.stateDir()).must();
        appliance.start();
        awaitBothOnline();
        assertEquals(before, newer.ip4() + " " + older.ip4());
        ping(newer, older.ip4());
    }

    @Test
    @Order(9)
    void aKilledApplianceComesBackWithTheSameAddresses() {
        String before = newer.ip4() + " " + older.ip4();
        appliance.kill();
        ping(newer, older.ip4());
        appliance.start();
        awaitBothOnline();
        assertEquals(before, newer.ip4() + " " + older.ip4());
        ping(newer, older.ip4());
    }

    @Test
    @Order(10)
    void aRemovedDeviceIsCutOff() {
        String address = older.ip4();
        ping(newer, address);
        appliance.cli("nodes", "remove", "older").must();
        Waiting.until("cut off", Duration.ofSeconds(10), () -> !pingOnce(newer, address));
        assertFalse(appliance.json("nodes", "list").toString().contains("older"));
    }

    private void awaitBothOnline() {
        Waiting.until(
                "both online again",
                Duration.ofSeconds(20),
                () ->
                        appliance.json("status").path("Peer").findValuesAsString("Online").stream()
                                        .filter("true"::equals)
                                        .count()
                                == 2);
    }

    private static boolean iperf(TailscaleClient from, String... more) {
        String[] words = java.util.Arrays.copyOf(IPERF, IPERF.length + more.length);
        System.arraycopy(more, 0, words, IPERF.length, more.length);
        return from.host().run(Duration.ofSeconds(10), words).ok();
    }

    private void awaitPath(String what, String address, Duration limit) {
        String target = older.ip4();
        Waiting.until(
                what,
                limit,
                () -> {
                    pingOnce(newer, target);
                    return newer.cli("ping", "-c", "1", "--timeout", "2s", target)
                            .out()
                            .contains("via " + address);
                });
    }

    private static boolean pingOnce(TailscaleClient from, String to) {
        return from.host().run(Duration.ofSeconds(5), "ping", "-c1", "-W1", to).ok();
    }

    /** With a wait so short that it does not blur a measured time. */
    private static boolean pingQuickly(TailscaleClient from, String to) {
        return from.host().run(Duration.ofSeconds(5), "ping", "-c1", "-W0.2", to).ok();
    }

    private static void ping(TailscaleClient from, String to) {
        Waiting.until("ping " + to, Duration.ofSeconds(20), () -> pingOnce(from, to));
    }
}
