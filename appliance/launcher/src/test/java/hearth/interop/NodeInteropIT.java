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

/**
 * The appliance as a node, with official clients of both versions: its address, the LAN behind it
 * by an approved route, direct and by relay, the internet through it, a policy that is taken away,
 * and nothing left behind when it stops.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class NodeInteropIT {
    private static final String SERVER = "10.78.1.2";
    private static final String LAN_HOST = "192.168.78.2";
    private static final String INTERNET_HOST = "203.0.113.2";
    private static final String NODE = "100.64.0.1";

    private Path dir;
    private NetLab lab;
    private ApplianceHost appliance;
    private TailscaleClient newer;
    private TailscaleClient older;

    @BeforeAll
    void start(@TempDir Path temporary) throws Exception {
        dir = temporary;
        lab = new NetLab(dir);
        lab.link("rt", "10.78.1.1/24", "srv", SERVER + "/24");
        lab.link("rt", "10.78.2.1/24", "newer", "10.78.2.2/24");
        lab.link("rt", "10.78.3.1/24", "older", "10.78.3.2/24");
        lab.link("rt", "203.0.113.1/24", "inet", INTERNET_HOST + "/24");
        lab.link("srv", "192.168.78.1/24", "lan", LAN_HOST + "/24");
        lab.forward("rt");
        lab.route("srv", "10.78.1.1");
        lab.route("newer", "10.78.2.1");
        lab.route("older", "10.78.3.1");
        lab.route("inet", "203.0.113.1");
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
        String key = appliance.key("--reusable");
        newer.up("http://" + SERVER, key, "--accept-routes").must();
        older.up("https://hearth.test", key, "--accept-routes").must();
    }

    @AfterAll
    void end() {
        lab.close();
    }

    @Test
    @Order(1)
    void bothReachTheApplianceDirectly() {
        for (TailscaleClient c : List.of(newer, older)) {
            await("ping from " + c.version(), 20, () -> pings(c, NODE));
            await(
                    "direct from " + c.version(),
                    20,
                    () ->
                            c.cli("ping", "-c", "1", "--timeout", "2s", NODE)
                                    .out()
                                    .contains("via " + SERVER + ":41641"));
            for (String kind : List.of("tsmp", "icmp")) {
                String said = c.cli("ping", "--" + kind, "-c", "1", "--timeout", "5s", NODE).must();
                assertTrue(said.contains("pong from") && said.contains(" via "), said);
            }
        }
    }

    @Test
    @Order(2)
    void theLanIsRoutedOnlyOnceApproved() {
        assertFalse(pings(newer, LAN_HOST));
        appliance.cli("routes", "approve", "hearth", "192.168.78.0/24").must();
        for (TailscaleClient c : List.of(newer, older)) {
            await("LAN from " + c.version(), 10, () -> pings(c, LAN_HOST));
        }
        assertFalse(
                lab.host("lan").run("ping", "-c1", "-W1", newer.ip4()).ok(),
                "the LAN opened a connection into the tailnet");
    }

    @Test
    @Order(3)
    void withUdpBlockedTheLanIsReachedByRelayAndNoConnectionIsLost() throws Exception {
        lab.host("lan").start("iperf3", Map.of(), "iperf3", "-s", "-1");
        Process stream =
                newer.host()
                        .start(
                                "stream", Map.of(), "iperf3", "-c", LAN_HOST, "-t", "25", "-b",
                                "2M");
        Host host = newer.host();
        host.shell(
                        "nft 'table inet block { chain o { type filter hook output priority 0;"
                                + " ip daddr 10.78.1.2 udp dport 41641 drop; };"
                                + " chain i { type filter hook input priority 0;"
                                + " ip saddr 10.78.1.2 udp sport 41641 drop; }; }'")
                .must();
        Duration relayed = await("LAN by relay", 20, () -> pingsQuickly(newer, LAN_HOST));
        assertTrue(relayed.toMillis() < 7_000, "relayed after " + relayed);
        await(
                "status says relay",
                5,
                () -> newer.cli("status").must().contains("relay \"hearth\""));
        host.shell("nft delete table inet block").must();
        Duration direct =
                await(
                        "direct again",
                        15,
                        () ->
                                newer.cli("status").must().contains("direct " + SERVER)
                                        && pings(newer, LAN_HOST));
        assertTrue(direct.toMillis() < 10_000, "direct after " + direct);
        assertEquals(0, stream.waitFor(), () -> host.log("stream"));
    }

    @Test
    @Order(4)
    void theInternetIsReachedThroughTheAppliance() {
        Host host = newer.host();
        // by the router's own way it is out of reach
        host.shell(
                        "nft 'table inet only { chain o { type filter hook output priority 0;"
                                + " oifname != \"tailscale0\" ip daddr 203.0.113.2 drop; }; }'")
                .must();
        appliance.cli("routes", "approve", "hearth", "0.0.0.0/0", "::/0").must();
        await("exit node offered", 10, () -> newer.cli("exit-node", "list").must().contains(NODE));
        newer.cli("set", "--exit-node=" + NODE).must();
        await("internet", 10, () -> pings(newer, INTERNET_HOST));
        newer.cli("set", "--exit-node=").must();
        assertFalse(pings(newer, INTERNET_HOST));
    }

    @Test
    @Order(5)
    void aPolicyThatIsTakenAwayCutsWhatFlows() throws Exception {
        Path nothing = dir.resolve("nothing.json");
        Files.writeString(nothing, "{\"acls\": []}");
        Path all = dir.resolve("all.json");
        Files.writeString(
                all,
                "{\"acls\": [{\"action\": \"accept\", \"src\": [\"*\"], \"dst\": [\"*:*\"]}]}");
        await("LAN", 10, () -> pings(newer, LAN_HOST));
        appliance.cli("policy", "set", nothing.toString()).must();
        await("cut", 5, () -> !pings(newer, LAN_HOST));
        Path one = dir.resolve("one.json");
        Files.writeString(
                one,
                "{\"acls\": [{\"action\": \"accept\", \"src\": [\"*\"], \"dst\": [\"192.168.78.0/24:1\"]}]}");
        appliance.cli("policy", "set", one.toString()).must();
        await(
                "the client is told of its refusal",
                15,
                () -> {
                    newer.host().shell("timeout 1 bash -c ': < /dev/tcp/" + LAN_HOST + "/5201'");
                    return newer.host().log("tailscaled").contains("rejected due to acl");
                });
        appliance.cli("policy", "set", all.toString()).must();
        await("allowed again", 10, () -> pings(newer, LAN_HOST));
    }

    @Test
    @Order(6)
    void aStopLeavesNothingBehind() {
        appliance.stop();
        Host srv = lab.host("srv");
        assertEquals(
                "",
                srv.shell(
                                "nft list tables; ip rule | grep 4168; ip -br link show dev hearth0 2>/dev/null")
                        .out());
        assertEquals("0", srv.run("sysctl", "-n", "net.ipv4.ip_forward").must().strip());
    }

    private static Duration await(
            String what, int seconds, java.util.concurrent.Callable<Boolean> condition) {
        return Waiting.until(what, Duration.ofSeconds(seconds), condition);
    }

    private static boolean pings(TailscaleClient from, String to) {
        return from.host().run(Duration.ofSeconds(5), "ping", "-c1", "-W1", to).ok();
    }

    /** With a wait so short that it does not blur a measured time. */
    private static boolean pingsQuickly(TailscaleClient from, String to) {
        return from.host().run(Duration.ofSeconds(5), "ping", "-c1", "-W0.2", to).ok();
    }
}
