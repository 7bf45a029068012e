package hearth.listen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.base.WireException;
import hearth.crypto.SecretKey;
import hearth.derp.DerpClient;
import hearth.derp.DerpFrame;
import hearth.derp.Login;
import hearth.testkit.netns.Waiting;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The ports on loopback, asked by plain sockets. */
@Timeout(30)
final class ListenersTest {
    private static final String UPGRADE =
            "GET /derp HTTP/1.1\nHost: 127.0.0.1\nConnection: Upgrade\nUpgrade: ";

    @TempDir static Path dir;
    private static TestAppliance appliance;

    @BeforeAll
    static void start() throws Exception {
        appliance = new TestAppliance(dir);
    }

    @AfterAll
    static void stop() {
        appliance.close();
    }

    @Test
    void smallAnswersOnBothPorts() throws Exception {
        for (boolean tls : new boolean[] {false, true}) {
            assertTrue(get(tls, "/health").startsWith("HTTP/1.1 200 OK"), "health");
            String probe = get(tls, "/derp/latency-check", "Host: any.example");
            assertTrue(probe.startsWith("HTTP/1.1 200 OK"), probe);
            assertTrue(probe.contains("Access-Control-Allow-Origin: *"), probe);
            String no = get(tls, "/generate_204", "X-Tailscale-Challenge: ts_127.0.0.1");
            assertTrue(no.startsWith("HTTP/1.1 204"), no);
            assertTrue(no.contains("X-Tailscale-Response: response ts_127.0.0.1"), no);
            String bad = get(tls, "/generate_204", "X-Tailscale-Challenge: <x>");
            assertFalse(bad.contains("X-Tailscale-Response"), bad);
            assertTrue(get(tls, "/derp").startsWith("HTTP/1.1 426"), "426");
            String own = get(tls, "/bootstrap-dns?q=hearth.test", "Host: 192.0.2.7");
            assertTrue(own.endsWith("{\"hearth.test\":[\"192.0.2.1\"]}"), own);
            assertTrue(get(tls, "/bootstrap-dns?q=other.test").endsWith("{}"), "other names");
        }
    }

    @Test
    void pagesAnswerToKnownHostsAlone() throws Exception {
        assertTrue(get(true, "/").endsWith("page"));
        assertTrue(get(true, "/", "Host: HEARTH.test:8443").endsWith("page"));
        assertTrue(get(true, "/", "Host: evil.example").startsWith("HTTP/1.1 421"));
        assertTrue(get(false, "/plain", "Host: evil.example").startsWith("HTTP/1.1 421"));
    }

    @Test
    void plainPortLeadsToTls() throws Exception {
        assertTrue(get(false, "/plain").endsWith("plain"));
        String there =
                "Location: https://hearth.test:" + appliance.listeners.httpsPort() + "/x?y=1";
        assertTrue(get(false, "/x?y=1").contains(there));
    }

    @Test
    void probeTakesNoPost() throws Exception {
        try (Socket s = appliance.http()) {
            TestAppliance.request(
                    s,
                    "POST /derp/probe HTTP/1.1\nHost: x\nConnection: close\nContent-Length: 0",
                    new byte[0]);
            assertTrue(TestAppliance.readHead(s.getInputStream()).startsWith("HTTP/1.1 405"));
        }
    }

    @Test
    void leafComesFirstAndMetaCertificateLast() throws Exception {
        try (Socket s = appliance.https()) {
            var chain = ((SSLSocket) s).getSession().getPeerCertificates();
            assertEquals(2, chain.length);
            assertEquals(appliance.certificates.current().leaf(), chain[0]);
            X509Certificate meta = (X509Certificate) chain[1];
            String key = appliance.relay.publicKey().toString().replace("nodekey:", "derpkey");
            assertEquals("CN=" + key, meta.getSubjectX500Principal().getName());
            assertEquals(2, meta.getSerialNumber().intValue());
            assertEquals("Ed25519", meta.getSigAlgName());
            assertTrue(meta.getBasicConstraints() < 0);
            assertTrue(
                    meta.getNonCriticalExtensionOIDs().contains("2.5.29.19")
                            || meta.getCriticalExtensionOIDs().contains("2.5.29.19"));
            meta.verify(meta.getPublicKey());
        }
    }

    @Test
    void upgradeAnswersWithTheKeyThenFrames() throws Exception {
        for (String spelling : List.of("DERP", "derp")) {
            try (Socket s = appliance.https()) {
                TestAppliance.request(s, UPGRADE + spelling, new byte[0]);
                String head = TestAppliance.readHead(s.getInputStream());
                assertTrue(head.startsWith("HTTP/1.1 101 Switching Protocols\r\n"), head);
                assertTrue(head.contains("\r\nUpgrade: DERP\r\nConnection: Upgrade\r\n"), head);
                assertTrue(head.contains("Derp-Version: 2\r\n"), head);
                String key = appliance.relay.publicKey().toString().substring("nodekey:".length());
                assertTrue(head.contains("Derp-Public-Key: " + key + "\r\n"), head);
                assertEquals(DerpFrame.SERVER_KEY, TestAppliance.readFrame(s.getInputStream())[0]);
            }
        }
    }

    @Test
    void fastStartLogsInWithinTheRequestsOwnSegment() throws Exception {
        var derp = client(1, true);
        try (Socket s = appliance.https()) {
            TestAppliance.request(
                    s,
                    UPGRADE + "DERP\nDerp-Fast-Start: 1",
                    TestAppliance.bytes(derp.login(appliance.relay.publicKey())));
            InputStream in = s.getInputStream();
            assertEquals(DerpFrame.SERVER_KEY, TestAppliance.readFrame(in)[0]);
            byte[] info = TestAppliance.readFrame(in);
            assertEquals(DerpFrame.SERVER_INFO, info[0]);
            derp.receive(info, 0, info.length);
            assertNotNull(derp.server());
        }
    }

    @Test
    void strangerIsClosedWithoutALogin() throws Exception {
        var derp = client(9, false);
        try (Socket s = appliance.http()) {
            TestAppliance.request(
                    s,
                    UPGRADE + "DERP\nDerp-Fast-Start: 1",
                    TestAppliance.bytes(derp.login(appliance.relay.publicKey())));
            InputStream in = s.getInputStream();
            assertThrows(IOException.class, () -> readToEnd(in)); // the key may be cut off too
        }
    }

    private static void readToEnd(InputStream in) throws IOException {
        while (true) {
            assertEquals(DerpFrame.SERVER_KEY, TestAppliance.readFrame(in)[0]);
        }
    }

    @Test
    void revokedClientIsCutEvenWhenItDoesNotRead() throws Exception {
        SecretKey victim = TestAppliance.secret(3);
        try (Socket deaf = loggedIn(3);
                Socket sender = loggedIn(4)) {
            byte[] packet =
                    TestAppliance.bytes(
                            new DerpFrame.SendPacket(
                                    victim.nodeKey(), ByteBuffer.allocate(32_000)));
            for (int i = 0; i < 600; i++) { // more than the socket buffers hold
                sender.getOutputStream().write(packet);
            }
            appliance.members.remove(victim.nodeKey());
            assertEquals(1, appliance.relay.revoke(victim.nodeKey()));
            // what the kernel still held may be read, then the end: no log-off is waited for
            InputStream in = deaf.getInputStream();
            assertThrows(
                    IOException.class,
                    () -> {
                        while (true) {
                            TestAppliance.readFrame(in);
                        }
                    });
        }
    }

    @Test
    void derpOverWebSocketNeedsNoAlignment() throws Exception {
        var derp = client(5, true);
        try (Socket s = appliance.https()) {
            TestAppliance.request(
                    s,
                    UPGRADE
                            + "websocket\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\n"
                            + "Sec-WebSocket-Version: 13\nSec-WebSocket-Protocol: derp",
                    new byte[0]);
            InputStream in = s.getInputStream();
            String head = TestAppliance.readHead(in);
            assertTrue(head.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), head);
            assertTrue(head.contains("Sec-WebSocket-Protocol: derp"), head);
            receiveMessage(in, derp);
            byte[] login = TestAppliance.bytes(derp.login(appliance.relay.publicKey()));
            for (int at = 0; at < login.length; at += 50) {
                sendMessage(s, Arrays.copyOfRange(login, at, Math.min(login.length, at + 50)));
            }
            receiveMessage(in, derp);
            assertNotNull(derp.server());
        }
    }

    @Test
    void newCertificateIsShownToTheNextAndLeavesTheRest() throws Exception {
        try (Socket before = loggedIn(6)) {
            assertNull(appliance.certificates.prepare(List.of("hearth.test")));
            TlsIdentity next =
                    appliance.certificates.prepare(List.of("hearth.test", "127.0.0.1", "::1"));
            assertNotNull(next);
            assertNotEquals(appliance.certificates.pin(), next.pin());
            appliance.certificates.activate(next);
            assertEquals(next.pin(), appliance.certificates.pin());
            try (Socket after = appliance.https()) {
                var chain = ((SSLSocket) after).getSession().getPeerCertificates();
                assertEquals(next.leaf(), chain[0]);
            }
            before.getOutputStream().write(TestAppliance.bytes(new DerpFrame.Ping(7)));
            assertEquals(DerpFrame.PONG, TestAppliance.readFrame(before.getInputStream())[0]);
        }
    }

    @Test
    void takenPortNamesItsHolder() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, TestAppliance.LOOPBACK)) {
            var config =
                    new ListenConfig(
                            TestAppliance.LOOPBACK,
                            OptionalInt.of(taken.getLocalPort()),
                            OptionalInt.of(0),
                            null,
                            64);
            var refusal =
                    assertThrows(
                            BindException.class,
                            () -> Listeners.builder(config, appliance.certificates).start());
            String text = String.valueOf(refusal.getMessage());
            assertTrue(text.contains("https port " + taken.getLocalPort()), text);
            assertTrue(text.contains("process " + ProcessHandle.current().pid()), text);
        }
    }

    @Test
    void stalledRequestHeadAndHandshakeAreCut(@TempDir Path own) throws Exception {
        try (var other = new TestAppliance(own);
                Socket silent = new Socket(TestAppliance.LOOPBACK, other.listeners.httpsPort());
                Socket slow = other.http();
                Socket relay = loggedIn(other, 8)) {
            slow.getOutputStream()
                    .write("GET / HTTP/1.1\r\nHost: x\r\nX: ".getBytes(StandardCharsets.US_ASCII));
            awaitOpen(other, 3);
            long later =
                    System.nanoTime() + ConnectionWatch.HEAD.plus(Duration.ofSeconds(1)).toNanos();
            other.listeners.sweepNow(later);
            silent.setSoTimeout(5_000);
            assertEquals(-1, silent.getInputStream().read());
            assertEnds(slow);
            relay.getOutputStream().write(TestAppliance.bytes(new DerpFrame.Ping(7)));
            assertEquals(DerpFrame.PONG, TestAppliance.readFrame(relay.getInputStream())[0]);
        }
    }

    @Test
    void whatHasBecomeAnotherProtocolIsNotCut(@TempDir Path own) throws Exception {
        try (var other = new TestAppliance(own);
                Socket http = other.http();
                Socket https = other.https()) {
            for (Socket s : List.of(http, https)) {
                TestAppliance.request(
                        s,
                        "POST /echo HTTP/1.1\nHost: x\nConnection: Upgrade\nUpgrade: echo\n"
                                + "Content-Length: 0",
                        new byte[] {'a'});
                assertEquals('a', s.getInputStream().read(), "upgraded");
            }
            awaitOpen(other, 2);
            other.listeners.sweepNow(System.nanoTime() + Duration.ofDays(1).toNanos());
            for (Socket s : List.of(http, https)) {
                s.getOutputStream().write('b');
                assertEquals('b', s.getInputStream().read());
            }
        }
    }

    private static void assertEnds(Socket s) throws IOException {
        try {
            assertEquals(-1, s.getInputStream().read());
        } catch (SocketException reset) {
            // as good as an end
        }
    }

    private static void awaitOpen(TestAppliance a, long count) {
        Waiting.until(
                count + " connections",
                Duration.ofSeconds(10),
                () -> counter(a, "http_open") + counter(a, "https_open") >= count);
    }

    private static long counter(TestAppliance a, String name) {
        return a.listeners.counters().getOrDefault(name, 0L);
    }

    private static DerpClient client(int fill, boolean member) {
        return client(appliance, fill, member);
    }

    private static DerpClient client(TestAppliance at, int fill, boolean member) {
        SecretKey key = TestAppliance.secret(fill);
        if (member) {
            at.members.add(key.nodeKey());
        }
        return new DerpClient(key, Login.Client.ORDINARY, new Random(fill));
    }

    private static Socket loggedIn(int fill)
            throws IOException, GeneralSecurityException, WireException {
        return loggedIn(appliance, fill);
    }

    private static Socket loggedIn(TestAppliance at, int fill)
            throws IOException, GeneralSecurityException, WireException {
        var derp = client(at, fill, true);
        Socket s = at.https();
        TestAppliance.request(
                s,
                UPGRADE + "DERP\nDerp-Fast-Start: 1",
                TestAppliance.bytes(derp.login(at.relay.publicKey())));
        TestAppliance.readFrame(s.getInputStream());
        TestAppliance.readFrame(s.getInputStream());
        return s;
    }

    /** A masked binary message, as a client must send it. */
    private static void sendMessage(Socket s, byte[] payload) throws IOException {
        byte[] mask = new byte[4];
        new SecureRandom().nextBytes(mask);
        ByteBuffer out = ByteBuffer.allocate(6 + payload.length);
        out.put((byte) 0x82).put((byte) (0x80 | payload.length)).put(mask);
        for (int i = 0; i < payload.length; i++) {
            out.put((byte) (payload[i] ^ mask[i % 4]));
        }
        s.getOutputStream().write(out.array());
    }

    private static void receiveMessage(InputStream in, DerpClient derp)
            throws IOException, WireException {
        assertEquals(0x82, in.read());
        byte[] payload = in.readNBytes(in.read());
        derp.receive(payload, 0, payload.length);
    }

    private static String get(boolean tls, String path, String... more) throws Exception {
        try (Socket s = tls ? appliance.https() : appliance.http()) {
            return TestAppliance.get(s, path, more);
        }
    }
}
