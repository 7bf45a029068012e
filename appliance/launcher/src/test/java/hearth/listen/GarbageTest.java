package hearth.listen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import hearth.crypto.SecretKey;
import hearth.derp.DerpClient;
import hearth.derp.DerpFrame;
import hearth.derp.Login;
import hearth.listen.GarbageTable.Row;
import hearth.relay.StunService;
import hearth.testkit.netns.Waiting;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Sends every kind of garbage of docs/protocol/garbage.md and holds its table to be true. */
@Timeout(60)
final class GarbageTest {
    private static final Duration COUNTED = Duration.ofSeconds(10); // by another thread
    private static final Random RANDOM = new Random(20260103);
    private static final String UPGRADE =
            "GET /derp HTTP/1.1\nHost: x\nConnection: Upgrade\nUpgrade: DERP\nDerp-Fast-Start: 1";

    /** Sends one kind of garbage; gives the socket on which the answer is awaited. */
    @FunctionalInterface
    private interface Sender {
        Socket send() throws Exception;
    }

    private static final Map<String, Sender> SENDERS =
            new TreeMap<>(
                    Map.ofEntries(
                            Map.entry("https-random", () -> raw(https(), random(2000))),
                            Map.entry("https-silent", () -> https()),
                            Map.entry(
                                    "https-plain-http",
                                    () -> raw(https(), ascii("GET / HTTP/1.1\r\nHost: x\r\n\r\n"))),
                            Map.entry("http-random", () -> raw(http(), random(20_000))),
                            Map.entry("http-silent", () -> http()),
                            Map.entry(
                                    "http-half-head",
                                    () -> raw(http(), ascii("GET / HTTP/1.1\r\nHost: x\r\nX: "))),
                            Map.entry(
                                    "http-1.0", () -> raw(http(), ascii("GET / HTTP/1.0\r\n\r\n"))),
                            Map.entry(
                                    "http-no-host",
                                    () -> raw(http(), ascii("GET / HTTP/1.1\r\n\r\n"))),
                            Map.entry(
                                    "http-long-line",
                                    () ->
                                            raw(
                                                    http(),
                                                    ascii(
                                                            "GET /"
                                                                    + "a".repeat(20_000)
                                                                    + " HTTP/1.1\r\nHost: x\r\n\r\n"))),
                            Map.entry(
                                    "http-long-head",
                                    () ->
                                            raw(
                                                    http(),
                                                    ascii(
                                                            "GET / HTTP/1.1\r\nHost: x\r\nA: "
                                                                    + "a".repeat(40_000)
                                                                    + "\r\n\r\n"))),
                            Map.entry(
                                    "http-huge-body",
                                    () ->
                                            raw(
                                                    http(),
                                                    ascii(
                                                            "POST /plain HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999\r\n\r\n"))),
                            Map.entry(
                                    "http-foreign-host",
                                    () ->
                                            raw(
                                                    http(),
                                                    ascii(
                                                            "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n"))),
                            Map.entry("derp-random", () -> derp(random(2000))),
                            Map.entry("derp-silent", () -> derp(new byte[0])),
                            Map.entry("derp-long-login", () -> derp(new byte[] {2, 0, 1, 0, 0})),
                            Map.entry("derp-stranger", () -> derp(login(77, 77))),
                            Map.entry("derp-foreign-key", () -> derp(login(78, 1))),
                            Map.entry("derp-long-frame", () -> member(new byte[] {4, 0, 1, 0, 33})),
                            Map.entry(
                                    "derp-endless-frame",
                                    () -> member(new byte[] {0x77, -1, -1, -1, -1})),
                            Map.entry(
                                    "derp-mesh",
                                    () -> member(TestAppliance.bytes(new DerpFrame.WatchConns()))),
                            Map.entry(
                                    "derp-unknown-frame",
                                    () ->
                                            member(
                                                    TestAppliance.bytes(
                                                            new DerpFrame.Unknown(
                                                                    0x77,
                                                                    ByteBuffer.allocate(500))))),
                            Map.entry("stun-random", () -> stun(random(100))),
                            Map.entry("stun-wrong-fingerprint", () -> stun(badFingerprint())),
                            Map.entry("stun-long", () -> stun(random(1400)))));

    @TempDir static Path dir;
    private static TestAppliance appliance;
    private static StunService stun;
    private static DatagramSocket udp;

    @BeforeAll
    static void start() throws Exception {
        appliance = new TestAppliance(dir);
        stun = StunService.start(TestAppliance.LOOPBACK, List.of(0), 1);
        udp = new DatagramSocket(0, TestAppliance.LOOPBACK);
        udp.setSoTimeout(200);
    }

    @AfterAll
    static void stop() {
        udp.close();
        stun.close();
        appliance.close();
    }

    static List<Row> table() throws IOException {
        return GarbageTable.rows(id -> !GarbageTable.needsAppliance(id));
    }

    @Test
    void everyKindStandsInTheTableAndIsSent() throws IOException {
        var written = new TreeSet<String>();
        table().forEach(r -> written.add(r.id()));
        assertEquals(new TreeSet<>(SENDERS.keySet()), written);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("table")
    void getsWhatTheTableSays(Row row) throws Exception {
        Sender sender = SENDERS.get(row.id());
        assertNotNull(sender);
        long before = metric(row.counter());
        try (Socket s = sender.send()) {
            assertEquals(row.gets(), answer(row, s));
        }
        Waiting.until(
                "a rise of " + row.counter(),
                COUNTED,
                () -> {
                    appliance.listeners.sweepNow(System.nanoTime());
                    return metric(row.counter()) != before;
                });
    }

    @Test
    void nothingIsLeftOfIt() throws Exception {
        for (int i = 0; i < 200; i++) {
            derp(random(200)).close();
            raw(http(), random(200)).close();
        }
        Waiting.until("the relay's end of them", COUNTED, () -> appliance.relay.connections() == 0);
        assertEquals(0, appliance.relay.queuedBytes());
    }

    private static String answer(Row row, Socket s) throws Exception {
        if (row.id().startsWith("stun")) {
            return "silence";
        }
        if (row.gets().equals("cut")) {
            if (row.id().startsWith("derp")) {
                s.setSoTimeout(10_000); // the relay's own time, on the real clock
                return firstBytes(s).isEmpty() ? "cut" : "answered";
            }
            Thread clock = Thread.ofVirtual().start(GarbageTest::sweepLater);
            try {
                return firstBytes(s).isEmpty() ? "cut" : "answered";
            } finally {
                clock.interrupt();
            }
        }
        if (row.gets().equals("ignored")) {
            s.getOutputStream().write(TestAppliance.bytes(new DerpFrame.Ping(7)));
            boolean pong = TestAppliance.readFrame(s.getInputStream())[0] == DerpFrame.PONG;
            return pong ? "ignored" : "answered";
        }
        String first = firstBytes(s);
        return first.startsWith("HTTP/1.1 ") ? first.substring(9, 12) : "closed";
    }

    /** Has the listeners think that their time is over; again, as an accept may be yet to come. */
    private static void sweepLater() {
        var later = Duration.ofSeconds(1).plus(ConnectionWatch.HEAD);
        try {
            while (true) {
                appliance.listeners.sweepNow(System.nanoTime() + later.toNanos());
                Thread.sleep(20);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the connection has ended
        }
    }

    /** What comes until the end or a time-out; a relay's frames and TLS alerts count as nothing. */
    private static String firstBytes(Socket s) throws IOException {
        try {
            byte[] in = s.getInputStream().readNBytes(12);
            String text = new String(in, StandardCharsets.ISO_8859_1);
            if (text.startsWith("HTTP/")) {
                return text;
            }
            s.getInputStream().readAllBytes();
            return "";
        } catch (SocketTimeoutException e) {
            throw new IOException("still open", e);
        } catch (IOException e) {
            return ""; // reset: closed with bytes unread
        }
    }

    private static long metric(String name) {
        var all = new TreeMap<String, Long>();
        appliance.listeners.counters().forEach((k, v) -> all.put("hearth_listen_" + k, v));
        appliance.relay.metrics().forEach((k, v) -> all.put("hearth_relay_" + k, v));
        stun.metrics().forEach((k, v) -> all.put("hearth_stun_" + k, v));
        Long value = all.get(name);
        assertNotNull(value, name);
        return value;
    }

    private static Socket http() throws IOException {
        return appliance.http();
    }

    /** A TCP connection to the TLS port, without TLS. */
    private static Socket https() throws IOException {
        Socket s = new Socket(TestAppliance.LOOPBACK, appliance.listeners.httpsPort());
        s.setSoTimeout(5_000);
        return s;
    }

    private static Socket raw(Socket s, byte[] bytes) throws IOException {
        s.getOutputStream().write(bytes);
        return s;
    }

    private static Socket derp(byte[] after) throws IOException {
        Socket s = http();
        TestAppliance.request(s, UPGRADE, after);
        return s;
    }

    private static Socket member(byte[] after) throws Exception {
        Socket s = derp(login(1, 1));
        TestAppliance.readFrame(s.getInputStream());
        TestAppliance.readFrame(s.getInputStream());
        return raw(s, after);
    }

    /** A login by the key of {@code fill} in the name of {@code claimed}; 1 is a member. */
    private static byte[] login(int fill, int claimed) throws Exception {
        SecretKey key = TestAppliance.secret(fill);
        appliance.members.add(TestAppliance.secret(1).nodeKey());
        var derp = new DerpClient(key, Login.Client.ORDINARY, new Random(1));
        var info = (DerpFrame.ClientInfo) derp.login(appliance.relay.publicKey());
        return TestAppliance.bytes(
                new DerpFrame.ClientInfo(TestAppliance.secret(claimed).nodeKey(), info.sealed()));
    }

    private static Socket stun(byte[] bytes) throws IOException {
        udp.send(
                new DatagramPacket(
                        bytes, bytes.length, TestAppliance.LOOPBACK, stun.ports().getFirst()));
        try {
            udp.receive(new DatagramPacket(new byte[100], 100));
            throw new IOException("STUN answered");
        } catch (SocketTimeoutException silence) {
            return new Socket();
        }
    }

    private static byte[] badFingerprint() {
        ByteBuffer out = ByteBuffer.allocate(40);
        hearth.stun.Stun.request(new hearth.stun.Stun.TransactionId(1, 2), out);
        out.array()[39] ^= 1;
        return out.array();
    }

    /** Never the start of TLS or of a request. */
    private static byte[] random(int length) {
        byte[] b = new byte[length];
        RANDOM.nextBytes(b);
        Arrays.fill(b, 0, Math.min(4, length), (byte) 0xee);
        return b;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
