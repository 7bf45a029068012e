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

import hearth.testkit.netns.Host;
import hearth.testkit.netns.TailscaleClient;
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
    private static final String INTERNET_HOST_V6 = "2001:db8:99::2";
    private static final String NODE = "100.64.0.1";

    private Path dir;
    private HomeLab home;
    private ApplianceHost appliance;
    private TailscaleClient newer;

    @BeforeAll
    void start(@TempDir Path temporary) throws Exception {
        dir = temporary;
        home = new HomeLab(dir, "10.78.");
        home.lab.behind("rt", "inet", "203.0.113.");
        // IPv6 between the appliance and the internet alone: a client has it through the exit node
        home.lab.link("rt", "2001:db8:78::1/64", "srv", "2001:db8:78::2/64");
        home.lab.link("rt", "2001:db8:99::1/64", "inet", INTERNET_HOST_V6 + "/64");
        home.lab.route("srv", "2001:db8:78::1");
        home.lab.route("inet", "2001:db8:99::1");
        home.lab.link(
                "srv", "192.168.78.1/24", "lan", LAN_HOST + "/24"); // answers by masquerade alone
        home.start();
        home.join("--accept-routes");
        appliance = home.appliance;
        newer = home.newer;
    }

    @AfterAll
    void end() {
        home.close();
    }

    @Test
    @Order(1)
    void bothReachTheApplianceDirectly() {
        for (TailscaleClient c : home.clients()) {
            await("ping from " + c.version(), 20, () -> pings(c, NODE));
            awaitPath(c, NODE, "via " + SERVER + ":41641", 20);
            for (String kind : List.of("tsmp", "icmp")) {
                String said = c.cli("ping", "--" + kind, "-c", "1", "--timeout", "5s", NODE).must();
                assertTrue(said.contains("pong from") && said.contains(" via "), said);
            }
        }
        String socket = appliance.host().run("ss", "-uanpe", "sport = :41641").must();
        assertTrue(socket.contains("fwmark:0x2000000"), socket); // no route into the TUN takes it
    }

    @Test
    @Order(2)
    void theLanIsRoutedOnlyOnceApproved() {
        assertFalse(pings(newer, LAN_HOST));
        appliance.cli("routes", "approve", "hearth", "192.168.78.0/24").must();
        for (TailscaleClient c : home.clients()) {
            await("LAN from " + c.version(), 10, () -> pings(c, LAN_HOST));
        }
        Host lan = home.lab.host("lan");
        lan.run("ip", "route", "add", "100.64.0.0/10", "via", "192.168.78.1").must();
        assertFalse(
                lan.run("ping", "-c1", "-W1", newer.ip4()).ok(),
                "the LAN opened a connection into the tailnet");
        lan.run("ip", "route", "delete", "100.64.0.0/10").must();
    }

    @Test
    @Order(3)
    void withUdpBlockedTheLanIsReachedByRelayAndNoConnectionIsLost() throws Exception {
        home.lab.host("lan").start("iperf3", Map.of(), "iperf3", "-s", "-1");
        await(
                "iperf3 to listen",
                5,
                () -> home.lab.host("lan").run("ss", "-Hltn").out().contains(":5201 "));
        Process stream =
                newer.host()
                        .start(
                                "stream", Map.of(), "iperf3", "-c", LAN_HOST, "-t", "25", "-b",
                                "2M");
        blockUdp(newer, SERVER, "41641");
        Duration relayed = await("LAN by relay", 20, () -> pingsQuickly(newer, LAN_HOST));
        assertTrue(relayed.toMillis() < 7_000, "relayed after " + relayed);
        await(
                "status says relay",
                5,
                () -> newer.cli("status").must().contains("relay \"hearth\""));
        unblock(newer);
        Duration direct =
                await(
                        "direct again",
                        15,
                        () ->
                                newer.cli("status").must().contains("direct " + SERVER)
                                        && pings(newer, LAN_HOST));
        assertTrue(direct.toMillis() < 10_000, "direct after " + direct);
        assertEquals(0, stream.waitFor(), () -> newer.host().log("stream"));
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
        await("its IPv6", 10, () -> pings(newer, INTERNET_HOST_V6));
        assertFalse(
                newer.host().log("tailscaled").contains("/dns-query"),
                "names are not asked of a server that we do not have");
        newer.cli("set", "--exit-node=").must();
        assertFalse(pings(newer, INTERNET_HOST));
        assertFalse(pings(newer, INTERNET_HOST_V6));
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
    void routedTheLanSeesTheDevicesThemselves() {
        Host lan = home.lab.host("lan");
        String seen =
                "nft 'table inet seen { chain i { type filter hook input priority 0;"
                        + " ip saddr 100.64.0.0/10 counter; }; }'";
        lan.shell(seen).must();
        assertTrue(pings(newer, LAN_HOST));
        assertTrue(lan.run("nft", "list", "table", "inet", "seen").must().contains("packets 0 "));
        appliance.stop();
        appliance.environment("HEARTH_MASQUERADE", "off").start();
        lan.run("ip", "route", "add", "100.64.0.0/10", "via", "192.168.78.1").must();
        await("LAN, routed", 20, () -> pings(newer, LAN_HOST));
        assertFalse(lan.run("nft", "list", "table", "inet", "seen").must().contains("packets 0 "));
    }

    @Test
    @Order(7)
    void aStopLeavesNothingBehind() {
        appliance.stop();
        Host srv = home.lab.host("srv");
        assertEquals(
                "",
                srv.shell(
                                "nft list tables; ip rule | grep 4168; ip -br link show dev hearth0 2>/dev/null")
                        .out());
        assertEquals("0", srv.run("sysctl", "-n", "net.ipv4.ip_forward").must().strip());
    }
}
