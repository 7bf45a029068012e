package hearth.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import hearth.crypto.SecretKey;
import hearth.testkit.netns.Command;
import hearth.testkit.netns.Host;
import hearth.testkit.netns.NetLab;
import hearth.testkit.netns.Peers;
import hearth.testkit.netns.Waiting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Our engine on a wire with two wireguard-go peers: as initiator to one, responder to the other.
 */
final class WireGuardNetnsIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final int PORT = 51820;
    private static final int REKEY_SECONDS = 120;

    @TempDir Path dir;

    @BeforeEach
    void needsRoot() {
        assumeTrue(NetLab.possible(), "needs root and namespaces");
    }

    /**
     * The engine's host in the middle, "called" and "caller" on either side. Inner addresses are
     * 10.77.0.1 for us, .2 for the peer that we call, .3 for the one that calls us; the same last
     * number in fd77::.
     */
    private static final class Wire implements AutoCloseable {
        final NetLab lab;
        final Host us;
        final Host called;
        final Host caller;
        // wireguard-go keeps its socket by this name outside the namespace
        final String tun = "w" + ProcessHandle.current().pid() + "n" + COUNT.incrementAndGet();
        final SecretKey ours = SecretKey.generate(new SecureRandom());
        final SecretKey calledKey = SecretKey.generate(new SecureRandom());
        final SecretKey callerKey = SecretKey.generate(new SecureRandom());

        Wire(Path dir, String... engineOptions) throws Exception {
            lab = new NetLab(dir);
            lab.link("us", "192.168.71.1/24,fd71::1/64", "called", "192.168.71.2/24,fd71::2/64");
            lab.link("us", "192.168.72.1/24", "caller", "192.168.72.3/24");
            us = lab.host("us");
            called = lab.host("called");
            caller = lab.host("caller");
            startGo(called, calledKey, 2, "");
            startGo(caller, callerKey, 3, "192.168.72.1:" + PORT);
            startOurs(engineOptions);
        }

        private void startOurs(String... engineOptions) throws Exception {
            List<String> words = new ArrayList<>();
            words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            words.addAll(List.of("-XX:+UseSerialGC", "-Xmx64m", "-Xss256k"));
            words.add("--enable-native-access=ALL-UNNAMED");
            words.addAll(List.of("-cp", System.getProperty("java.class.path")));
            words.add(EngineRig.class.getName());
            words.addAll(List.of("port=" + PORT, "tun=" + tun + "1", "mtu=1420"));
            words.add("secret=" + hex(ours.secretBytes()));
            words.add("address=10.77.0.1/24,fd77::1/64");
            words.add(
                    "peer="
                            + hex(calledKey.publicBytes())
                            + ",10.77.0.2/32;fd77::2/128,192.168.71.2:"
                            + PORT
                            + ",0");
            words.add("peer=" + hex(callerKey.publicBytes()) + ",10.77.0.3/32;fd77::3/128,-,0");
            words.addAll(List.of(engineOptions));
            us.start("engine", Map.of(), words.toArray(String[]::new));
            Waiting.until("the engine runs", LIMIT, () -> us.log("engine").contains("up cipher="));
        }

        private void startGo(Host host, SecretKey key, int number, String endpoint)
                throws Exception {
            String name = tun + number;
            String program = Peers.program("wg/wireguard").toString();
            host.start("wireguard", Map.of("LOG_LEVEL", "error"), program, "-f", name);
            Waiting.until("wireguard-go runs", LIMIT, () -> host.run("wg", "show", name).ok());
            Path secret = host.dir().resolve("key");
            Files.writeString(secret, Base64.getEncoder().encodeToString(key.secretBytes()));
            List<String> words = new ArrayList<>(List.of("wg", "set", name));
            words.addAll(List.of("listen-port", "" + PORT, "private-key", secret.toString()));
            words.addAll(List.of("peer", Base64.getEncoder().encodeToString(ours.publicBytes())));
            words.addAll(List.of("allowed-ips", "10.77.0.0/24,fd77::/64"));
            if (!endpoint.isEmpty()) {
                words.addAll(List.of("endpoint", endpoint));
            }
            host.run(words.toArray(String[]::new)).must();
            host.run("ip", "address", "add", "10.77.0." + number + "/24", "dev", name).must();
            host.run("ip", "address", "add", "fd77::" + number + "/64", "dev", name, "nodad")
                    .must();
            host.run("ip", "link", "set", name, "mtu", "1420", "up").must();
        }

        String handshakes(Host host, int number) {
            return host.run("wg", "show", tun + number, "latest-handshakes").must();
        }

        @Override
        public void close() {
            lab.close();
        }
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static void ping(Host from, String to) {
        Command.Result r = from.run("ping", "-c", "5", "-i", "0.2", "-W", "2", to);
        assertTrue(r.ok() && r.out().contains(" 0% packet loss"), () -> "ping " + to + r.out());
    }

    /** TCP from {@code client} to {@code server} and back; each must move data. */
    private static void stream(Host client, Host server, String address) throws Exception {
        server.start("iperf3", Map.of(), "iperf3", "-s", "-1");
        Waiting.until(
                "iperf3 listens",
                LIMIT,
                () -> server.shell("ss -Hltn 'sport = :5201'").out().length() > 0);
        Command.Result up = client.run("iperf3", "-c", address, "-t", "2", "-f", "m");
        assertTrue(up.ok(), () -> up.out() + up.err());
        assertTrue(megabits(up.out()) > 20, up::out);
        server.start("iperf3", Map.of(), "iperf3", "-s", "-1");
        Waiting.until(
                "iperf3 listens",
                LIMIT,
                () -> server.shell("ss -Hltn 'sport = :5201'").out().length() > 0);
        Command.Result down = client.run("iperf3", "-c", address, "-t", "2", "-f", "m", "-R");
        assertTrue(down.ok(), () -> down.out() + down.err());
        assertTrue(megabits(down.out()) > 20, down::out);
    }

    private static double megabits(String iperf) {
        for (String line : iperf.lines().toList()) {
            if (line.endsWith("receiver")) {
                String[] words = line.trim().split("\\s+", -1);
                return Double.parseDouble(words[6]);
            }
        }
        return 0;
    }

    @Test
    void movesDataAsInitiatorAndAsResponder() throws Exception {
        try (var wire = new Wire(dir)) {
            ping(wire.us, "10.77.0.2");
            ping(wire.caller, "10.77.0.1");
            ping(wire.us, "fd77::2");
            ping(wire.caller, "fd77::1");
            stream(wire.us, wire.called, "10.77.0.2");
            stream(wire.caller, wire.us, "10.77.0.1");
            stream(wire.us, wire.called, "fd77::2");
            noErrors(wire);

            // too narrow for what goes inside: the kernel makes fragments of single datagrams
            String narrow = "ip route change 192.168.71.0/24 dev e1a mtu 1280";
            assertTrue(wire.us.shell(narrow).ok(), narrow);
            stream(wire.us, wire.called, "10.77.0.2");
            stream(wire.caller, wire.us, "10.77.0.1");
            noErrors(wire);
        }
    }

    @Test
    void movesDataWithoutAnyOffload() throws Exception {
        try (var wire = new Wire(dir, "offload=off")) {
            ping(wire.us, "10.77.0.2");
            stream(wire.us, wire.called, "10.77.0.2");
            stream(wire.caller, wire.us, "10.77.0.1");
            noErrors(wire);
        }
    }

    @Test
    void movesDataWithTheJdksCipher() throws Exception {
        try (var wire = new Wire(dir, "cipher=jdk")) {
            ping(wire.us, "10.77.0.2");
            stream(wire.us, wire.called, "10.77.0.2");
            noErrors(wire);
        }
    }

    @Test
    void followsAPeerThatRoamsAndOneThatWasRestarted() throws Exception {
        try (var wire = new Wire(dir)) {
            ping(wire.us, "10.77.0.2");
            ping(wire.caller, "10.77.0.1");
            wire.caller.run("wg", "set", wire.tun + 3, "listen-port", "51999").must();
            ping(wire.caller, "10.77.0.1");
            ping(wire.us, "10.77.0.3");

            wire.called.run("ip", "link", "delete", wire.tun + 2).must();
            wire.startGo(wire.called, wire.calledKey, 2, "");
            Waiting.until(
                    "a new session",
                    LIMIT,
                    () -> wire.us.run("ping", "-c1", "-W1", "10.77.0.2").ok());
        }
    }

    @Test
    void garbageOnThePortIsDroppedAndTheSessionGoesOn() throws Exception {
        try (var wire = new Wire(dir)) {
            ping(wire.us, "10.77.0.2");
            wire.called
                    .shell(
                            "for t in 1 2 3 4; do for n in 1 31 32 64 92 148 1400; do"
                                    + " (printf \"\\\\x0$t\\\\0\\\\0\\\\0\"; head -c $n"
                                    + " /dev/urandom) | head -c $n > /dev/udp/192.168.71.1/51820;"
                                    + " done; done")
                    .must();
            ping(wire.us, "10.77.0.2");
            noErrors(wire);
        }
    }

    @Test
    void renewsItsKeysInBothRolesWithoutLoss() throws Exception {
        try (var wire = new Wire(dir)) {
            ping(wire.us, "10.77.0.2");
            ping(wire.caller, "10.77.0.1");
            String called = wire.handshakes(wire.called, 2);
            String caller = wire.handshakes(wire.caller, 3);
            CompletableFuture<Command.Result> one = longPing(wire.us, "10.77.0.2");
            CompletableFuture<Command.Result> two = longPing(wire.caller, "10.77.0.1");
            assertTrue(one.join().out().contains(" 0% packet loss"), () -> one.join().out());
            assertTrue(two.join().out().contains(" 0% packet loss"), () -> two.join().out());
            assertNotEquals(called, wire.handshakes(wire.called, 2));
            assertNotEquals(caller, wire.handshakes(wire.caller, 3));
            noErrors(wire);
        }
    }

    private static CompletableFuture<Command.Result> longPing(Host from, String to) {
        int count = (REKEY_SECONDS + 5) * 4;
        return CompletableFuture.supplyAsync(
                () ->
                        from.run(
                                Duration.ofSeconds(REKEY_SECONDS + 60),
                                "ping",
                                "-q",
                                "-i",
                                "0.25",
                                "-W",
                                "2",
                                "-c",
                                "" + count,
                                to));
    }

    private static void noErrors(Wire wire) throws IOException {
        assertFalse(wire.us.log("engine").contains("pump failed"), () -> wire.us.log("engine"));
        String bad =
                wire.us
                        .shell("nstat -az TcpInCsumErrors Icmp6InCsumErrors | grep InCsum")
                        .out()
                        .lines()
                        .map(l -> l.trim().split("\\s+", -1)[1])
                        .filter(n -> !n.equals("0"))
                        .findAny()
                        .orElse("none");
        assertEquals("none", bad, "checksums of what we wrote to the TUN");
    }
}
