package hearth.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.testkit.netns.Peers;
import hearth.testkit.netns.Waiting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a policy lets through and what not, measured at the peers: official clients of both
 * versions, two of one person, one of another, a server and two routers of the same LAN with tags.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PolicyInteropIT {
    private static final String LAN = "192.168.82.0/24";
    private static final String LAN_HOST = "192.168.82.9";
    private static final Duration SECONDS = Duration.ofSeconds(5);
    private static final String FIXED =
            """
            "tagOwners": {"tag:server": [], "tag:router": [], "tag:backup": []},
            "autoApprovers": {"routes": {"192.168.82.0/24": ["tag:router", "tag:backup"]}},
            """;

    private StarLab star;

    @BeforeAll
    void start(@TempDir Path dir) throws Exception {
        star =
                new StarLab(
                        dir, "10.82", List.of("ana1", "ana2", "leo1", "srv", "router", "backup"));
        star.lab.link("router", "192.168.82.1/24", "switch", "192.168.82.8/24");
        star.lab.link("backup", "192.168.82.2/24", "switch", "192.168.82.7/24");
        star.lab
                .host("switch")
                .shell(
                        "ip link add br0 type bridge && ip link set br0 up"
                                + " && ip address flush dev e7b && ip address flush dev e8b"
                                + " && ip link set e7b master br0 && ip link set e8b master br0"
                                + " && ip address add "
                                + LAN_HOST
                                + "/24 dev br0")
                .must();
        star.place("switch", LAN_HOST);
        star.user("ana", "member");
        star.user("leo", "member");
        star.client("ana1", Peers.NEWEST);
        star.client("ana2", Peers.OLDEST);
        star.client("leo1", Peers.OLDEST);
        star.client("srv", Peers.NEWEST);
        star.client("router", Peers.OLDEST);
        star.client("backup", Peers.NEWEST);
        star.policy("{" + FIXED + "}");
        String ana = star.appliance.key("--reusable", "--user=ana");
        star.join("ana1", ana, "--accept-routes");
        star.join("ana2", ana);
        star.join("leo1", star.appliance.key("--user=leo"), "--accept-routes");
        star.join("srv", star.appliance.key("--tag=tag:server"), "--accept-routes");
        star.join("router", star.appliance.key("--tag=tag:router"), "--advertise-routes=" + LAN);
        star.join("backup", star.appliance.key("--tag=tag:backup"), "--advertise-routes=" + LAN);
        star.lab.forward("router");
        star.lab.forward("backup");
        for (String name : List.of("ana2", "leo1", "srv", "router", "switch")) {
            star.answers(name, "8080,8081,22022", "8080,5353");
        }
    }

    @AfterAll
    void end() {
        star.close();
    }

    private void acls(String... rules) {
        star.policy("{" + FIXED + "\"acls\": [" + String.join(",\n", rules) + "]}");
    }

    private void grants(String... rules) {
        star.policy("{" + FIXED + "\"grants\": [" + String.join(",\n", rules) + "]}");
    }

    private static String acl(String action, String source, String... destinations) {
        return "{\"action\": \"%s\", \"src\": [\"%s\"], \"dst\": [\"%s\"]}"
                .formatted(action, source, String.join("\", \"", destinations));
    }

    private static final String ANA = "ana@hearth.internal";
    private static final String LEO = "leo@hearth.internal";

    /** Names of the peers in {@code tailscale status} of a client. */
    private Set<String> seen(String client) {
        Set<String> out = new TreeSet<>();
        JsonMapper.shared()
                .readTree(star.client(client).statusJson())
                .path("Peer")
                .forEach(p -> out.add(p.path("HostName").asString()));
        return out;
    }

    private void sees(String client, String... peers) {
        Set<String> wanted = new TreeSet<>(List.of(peers));
        Waiting.until(
                client + " sees " + wanted,
                Duration.ofSeconds(10),
                () -> seen(client).equals(wanted));
    }

    @Test
    void aFlowIsAllowedThenDeniedByASaveThenAllowed() {
        for (String from : List.of("ana1", "ana2")) {
            acls(acl("accept", ANA, "tag:server:8080"));
            star.flows(from, "+tcp:srv:8080", "+udp:srv:8080", "+icmp:srv");
            sees(from, "srv");
            acls(acl("accept", LEO, "tag:server:8080"));
            Duration off = star.flows(from, "-tcp:srv:8080", "-udp:srv:8080", "-icmp:srv");
            sees(from);
            acls(acl("accept", ANA, "tag:server:8080"));
            Duration on = star.flows(from, "+tcp:srv:8080", "+udp:srv:8080", "+icmp:srv");
            System.out.printf(
                    "%s denied after %d ms, allowed after %d ms (a probe takes up to 1200)%n",
                    from, off.toMillis(), on.toMillis());
            assertTrue(off.compareTo(SECONDS) < 0 && on.compareTo(SECONDS) < 0);
        }
    }

    @Test
    void portsAndProtocolsAreKeptApart() {
        grants(
                """
                {"src": ["ana@hearth.internal"], "dst": ["tag:server"],
                 "ip": ["tcp:8080", "udp:5353"]}
                """,
                """
                {"src": ["leo@hearth.internal"], "dst": ["tag:server"], "ip": ["icmp:*"]}
                """,
                """
                {"src": ["ana@hearth.internal"], "dst": ["leo@hearth.internal"],
                 "ip": ["tcp:8000-8080"]}
                """);
        for (String from : List.of("ana1", "ana2")) {
            star.flows(
                    from,
                    "+tcp:srv:8080",
                    "-tcp:srv:8081",
                    "-udp:srv:8080",
                    "+udp:srv:5353",
                    "+tcp:leo1:8080",
                    "-tcp:leo1:8081",
                    "-udp:leo1:8080");
        }
        star.flows("leo1", "+icmp:srv", "-tcp:srv:8080", "-udp:srv:5353", "-tcp:ana2:8080");
    }

    @Test
    void tagsAreSourcesAndDestinations() {
        acls(
                acl("accept", "tag:server", "tag:router:8080", LEO + ":8081"),
                acl("accept", LEO, "tag:server:22022"));
        star.flows(
                "srv",
                "+tcp:router:8080",
                "-tcp:router:8081",
                "+tcp:leo1:8081",
                "-tcp:leo1:8080",
                "-tcp:ana2:8081");
        star.flows("leo1", "+tcp:srv:22022", "-tcp:srv:8080", "-tcp:router:8080");
        star.flows("ana1", "-tcp:srv:22022", "-tcp:router:8080");
        sees("srv", "router", "leo1");
        sees("ana1");
    }

    @Test
    void aPersonsDevicesReachEachOtherAndNobodyElses() {
        acls(acl("accept", "autogroup:member", "autogroup:self:*"));
        star.flows("ana1", "+tcp:ana2:8080", "+udp:ana2:5353", "-tcp:leo1:8080", "-tcp:srv:8080");
        star.flows("leo1", "-tcp:ana2:8080", "-udp:ana2:5353", "-icmp:ana2");
        star.flows("srv", "-tcp:ana2:8080", "-tcp:router:8080");
        sees("ana1", "ana2");
        sees("ana2", "ana1");
        sees("leo1");
    }

    /** Routers translate addresses: the source that the LAN sees tells which way it came. */
    @Test
    void aGrantWithViaChoosesTheRouter() {
        grants(
                """
                {"src": ["ana@hearth.internal"], "dst": ["192.168.82.0/24"], "ip": ["tcp:8080"],
                 "via": ["tag:router"]}
                """,
                """
                {"src": ["leo@hearth.internal"], "dst": ["192.168.82.0/24"], "ip": ["*"],
                 "via": ["tag:backup"]}
                """);
        star.flows("ana1", "+tcp:switch:8080", "-tcp:switch:8081", "-udp:switch:5353");
        assertEquals("192.168.82.1", star.lastSource("switch"));
        star.flows("leo1", "+tcp:switch:8081", "+udp:switch:5353");
        assertEquals("192.168.82.2", star.lastSource("switch"));
        star.flows("srv", "-tcp:switch:8080");
        sees("ana1", "router");
        sees("leo1", "backup");
    }

    @Test
    void aRemovedMemberOfAGroupIsCutOff() {
        String text =
                "{%s \"groups\": {\"group:staff\": [%s]}, \"acls\": [%s]}"
                        .formatted(
                                FIXED, "%s", acl("accept", "group:staff", "tag:server:8080,8081"));
        star.policy(text.replace("%s", "\"ana@hearth.internal\", \"leo@hearth.internal\""));
        star.flows("ana1", "+tcp:srv:8080");
        star.flows("leo1", "+tcp:srv:8080", "+tcp:srv:8081");
        star.policy(text.replace("%s", "\"ana@hearth.internal\""));
        Duration cut = star.flows("leo1", "-tcp:srv:8080", "-tcp:srv:8081", "-icmp:srv");
        System.out.printf("removed member cut off after %d ms%n", cut.toMillis());
        assertTrue(cut.compareTo(SECONDS) < 0, cut.toString());
        star.flows("ana1", "+tcp:srv:8080", "+tcp:srv:8081");
        sees("leo1");
    }

    @Test
    void theFirstRuleThatMatchesDecides() {
        acls(
                acl("deny", LEO, "tag:server:8080"),
                acl("deny", "tag:server", ANA + ":*"),
                acl("accept", "*", "*:*"));
        star.flows("leo1", "-tcp:srv:8080", "-udp:srv:8080", "+tcp:srv:8081", "+udp:srv:5353");
        star.flows("ana1", "+tcp:srv:8080", "+udp:srv:8080", "+tcp:leo1:8080");
        star.flows("srv", "-tcp:ana2:8080", "-icmp:ana2", "+tcp:leo1:8080");
        acls(
                acl("accept", "*", "*:*"),
                acl("deny", LEO, "tag:server:8080"),
                acl("deny", "tag:server", ANA + ":*"));
        star.flows("leo1", "+tcp:srv:8080", "+udp:srv:8080");
        star.flows("srv", "+tcp:ana2:8080");
    }

    @Test
    void bothFamiliesByIdentityOneByAddress() {
        grants(
                """
                {"src": ["ana@hearth.internal"], "dst": ["tag:server"], "ip": ["tcp:8080"]}
                """,
                """
                {"src": ["leo@hearth.internal"], "dst": ["%s"], "ip": ["udp:5353"]}
                """
                        .formatted(star.address("srv")));
        star.flows("ana1", "+tcp:srv:8080", "+tcp6:srv:8080", "-tcp6:srv:8081");
        star.flows("leo1", "+udp:srv:5353", "-udp6:srv:5353", "-tcp6:srv:8080");
    }

    /** The destination asks its own client what the source may do. */
    @Test
    void capabilitiesOfAGrantReachTheDestination() {
        grants(
                """
                {"src": ["ana@hearth.internal"], "dst": ["tag:server"],
                 "app": {"hearth.example/cap/paint": [{"colours": ["red"]}]}}
                """,
                """
                {"src": ["leo@hearth.internal"], "dst": ["tag:server"], "ip": ["tcp:8080"]}
                """);
        for (String painter : List.of("ana1", "ana2")) {
            Waiting.until(
                    painter + " may paint",
                    Duration.ofSeconds(10),
                    () -> who(painter).contains("\"red\""));
        }
        assertFalse(who("leo1").contains("paint"));
        star.flows("ana1", "-tcp:srv:8080", "-icmp:srv");
        grants(
                """
                {"src": ["ana@hearth.internal"], "dst": ["tag:server"], "ip": ["tcp:8080"]}
                """);
        Waiting.until("no more", Duration.ofSeconds(10), () -> !who("ana1").contains("paint"));
    }

    private String who(String source) {
        return star.client("srv").cli("whois", "--json", star.address(source)).out();
    }

    @Test
    void onlyWhoMayGoToTheInternetSeesTheExitNode() {
        star.client("backup").cli("set", "--advertise-exit-node").must();
        star.appliance.cli("routes", "approve", "backup", "0.0.0.0/0", "::/0").must();
        grants(
                """
                {"src": ["ana@hearth.internal"], "dst": ["autogroup:internet"], "ip": ["*"]}
                """,
                """
                {"src": ["leo@hearth.internal"], "dst": ["tag:backup"], "ip": ["*"]}
                """);
        for (String ana : List.of("ana1", "ana2")) {
            Waiting.until(
                    ana + " lists it",
                    Duration.ofSeconds(10),
                    () -> star.client(ana).cli("exit-node", "list").out().contains("backup"));
        }
        sees("leo1", "backup");
        assertFalse(star.client("leo1").cli("exit-node", "list").out().contains("backup"));
        assertFalse(star.client("leo1").cli("set", "--exit-node=backup").ok());
        star.client("backup").cli("set", "--advertise-exit-node=false").must();
    }

    private static final String OPEN = "\"acls\": [" + acl("accept", "*", "*:*") + "]";

    @Test
    void aDeviceWithoutIpv4IsReachedByItsOtherAddress() {
        star.policy(
                "{"
                        + FIXED
                        + OPEN
                        + ", \"nodeAttrs\": [{\"target\": [\"tag:server\"],"
                        + " \"attr\": [\"disable-ipv4\"]}]}");
        for (String from : List.of("ana1", "ana2")) {
            star.flows(from, "+tcp6:srv:8080", "-tcp:srv:8080", "-icmp:srv", "+tcp:leo1:8080");
        }
        assertEquals(star.client("srv").ip6(), star.client("srv").cli("ip").must().strip());
        star.policy("{" + FIXED + OPEN + ", \"disableIPv4\": true}");
        for (String from : List.of("ana1", "leo1")) {
            star.flows(from, "+tcp6:srv:8080", "+tcp6:ana2:8080", "-tcp:ana2:8080");
            String own = star.client(from).cli("ip").must().strip();
            assertEquals(star.client(from).ip6(), own);
        }
        star.policy("{" + FIXED + OPEN + "}");
        star.flows("ana1", "+tcp:srv:8080", "+tcp:ana2:8080", "+tcp6:srv:8080");
    }

    @Test
    void aDeviceJoinsWithAnAddressOfItsPool() {
        star.policy(
                "{"
                        + FIXED
                        + OPEN
                        + ", \"nodeAttrs\": [{\"target\": [\"leo@hearth.internal\"],"
                        + " \"ipPool\": [\"100.99.7.0/30\"]}]}");
        assertFalse(star.address("leo1").startsWith("100.99.7."));
        star.client("leo1").cli("logout").must();
        star.appliance.cli("nodes", "remove", "leo1").must();
        star.join("leo1", star.appliance.key("--user=leo"), "--accept-routes");
        assertEquals("100.99.7.0", star.address("leo1"));
        star.flows("ana1", "+tcp:leo1:8080", "+tcp6:leo1:8080");
    }

    /** Which of a client's own words a rule may ask for, and that each version says them. */
    @Test
    void aPostureIsWhatTheClientTells() {
        String rules =
                """
                {%s "postures": {
                   "posture:new": ["node:os == 'linux'", "node:tsVersion >= '1.100'",
                                   "node:tsStateEncrypted == false", "node:tsAutoUpdate == false"],
                   "posture:old": ["node:tsVersion < '1.100'", "node:tsReleaseTrack == 'stable'",
                                   "node:tsStateEncrypted NOT SET", "node:osVersion IS SET"]},
                 "grants": [{"src": ["*"], "dst": ["tag:server"], "ip": ["tcp:8080"],
                             "srcPosture": ["posture:%s"]}]}
                """;
        star.policy(rules.formatted(FIXED, "new"));
        star.flows("ana1", "+tcp:srv:8080", "-tcp:srv:8081");
        star.flows("leo1", "-tcp:srv:8080");
        star.policy(rules.formatted(FIXED, "old"));
        star.flows("leo1", "+tcp:srv:8080", "-tcp:srv:8081");
        star.flows("ana1", "-tcp:srv:8080");
    }

    private String routes(String client) {
        return star.lab.host(client).run("ip", "route", "show", "table", "52").out();
    }

    private static final String PORT = ":41641 "; // every client's, unless it is told otherwise

    private String sockets(String client) {
        return star.lab.host(client).run("ss", "-Hulnp").out();
    }

    @Test
    void theSwitchesReachTheClients() {
        star.policy(
                "{"
                        + FIXED
                        + OPEN
                        + ", \"OneCGNATRoute\": \"mac-never\", \"nodeAttrs\": [{\"target\":"
                        + " [\"*\"], \"attr\": [\"one-cgnat?v=true\"]}]}");
        for (String client : List.of("ana1", "ana2")) {
            Waiting.until(
                    client + " has one route",
                    Duration.ofSeconds(10),
                    () -> routes(client).contains("100.64.0.0/10"));
            assertFalse(routes(client).contains(star.address("srv") + " "), routes(client));
        }
        assertTrue(sockets("ana1").contains(PORT) && sockets("ana2").contains(PORT));
        star.policy(
                "{"
                        + FIXED
                        + OPEN
                        + ", \"OneCGNATRoute\": \"mac-always\", \"randomizeClientPort\": true}");
        for (String client : List.of("ana1", "ana2")) {
            Waiting.until(
                    client + " has a route for each",
                    Duration.ofSeconds(10),
                    () -> routes(client).contains(star.address("srv") + " "));
            assertFalse(routes(client).contains("100.64.0.0/10"), routes(client));
            Waiting.until(
                    client + " listens elsewhere",
                    Duration.ofSeconds(10),
                    () -> !sockets(client).contains(PORT));
        }
    }

    private String relay(String of, String seenBy) {
        for (var p : JsonMapper.shared().readTree(star.client(seenBy).statusJson()).path("Peer")) {
            if (p.path("HostName").asString("").equals(of)) {
                return p.path("Relay").asString("");
            }
        }
        return "";
    }

    /**
     * The policy gives the number of the appliance's own relay to another region and omits the own
     * one: that moves aside, and leads to the appliance's own node only. The other region is the
     * same server, so that packets can be seen to get through.
     */
    @Test
    void theRelaysAreThoseOfThePolicy() {
        star.policy(
                """
                {%s %s, "derpMap": {"OmitDefaultRegions": true, "Regions": {"900": {
                  "RegionID": 900, "RegionCode": "fra", "RegionName": "Frankfurt", "Nodes": [
                    {"Name": "900a", "RegionID": 900, "HostName": "hearth.test", "IPv4": "%s"}]}}}}
                """
                        .formatted(FIXED, OPEN, star.server()));
        for (String client : List.of("ana1", "ana2")) {
            Waiting.until(
                    client + "'s home is the policy's, the appliance's is not",
                    Duration.ofSeconds(20),
                    () ->
                            star.client(client).cli("netcheck").out().contains("Frankfurt")
                                    && relay("srv", client).equals("fra")
                                    && relay("leo1", client).equals("fra")
                                    && relay("hearth", client).equals("hearth"));
        }
        star.lab
                .host("hearth")
                .shell(
                        "nft 'table inet deaf { chain f { type filter hook forward priority 0;"
                                + " meta l4proto udp drop; };"
                                + " chain i { type filter hook input priority 0;"
                                + " udp dport 41641 drop; }; }'")
                .must();
        for (String client : List.of("ana1", "ana2")) {
            String to = client.equals("ana1") ? "leo1" : "srv";
            star.flows(client, "+tcp:" + to + ":8080");
            String pong = star.client(client).cli("ping", "-c", "1", "hearth").out();
            assertTrue(pong.contains("via DERP(hearth)"), pong);
        }
        star.lab.host("hearth").shell("nft delete table inet deaf").must();
        star.policy("{" + FIXED + OPEN + "}");
        for (String client : List.of("ana1", "ana2")) {
            Waiting.until(
                    client + "'s home is the appliance again",
                    Duration.ofSeconds(20),
                    () ->
                            relay("srv", client).equals("hearth")
                                    && relay("hearth", client).equals("hearth"));
        }
    }
}
