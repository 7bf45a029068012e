package hearth.listen;

import hearth.crypto.NodeKey;
import hearth.crypto.SecretKey;
import hearth.derp.DerpFrame;
import hearth.derp.DerpLimits;
import hearth.relay.RelayService;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.http.HttpPrologue;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.spi.Http1Upgrader;
import io.helidon.webserver.spi.ServerConnection;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Listeners with a relay on loopback, on free ports, and plain sockets to them. */
final class TestAppliance implements AutoCloseable {
    static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final int TIMEOUT_MILLIS = 5_000;

    final Set<NodeKey> members = ConcurrentHashMap.newKeySet();
    final RelayService relay =
            new RelayService(secret(0x42), members::contains, DerpLimits.DEFAULT, new Random(1));
    final Certificates certificates;
    final Listeners listeners;

    TestAppliance(Path dir) throws IOException, GeneralSecurityException {
        certificates =
                Certificates.ownedIn(
                        dir,
                        List.of("hearth.test", "127.0.0.1"),
                        relay.publicKey(),
                        Clock.systemUTC(),
                        new SecureRandom());
        listeners =
                Listeners.builder(
                                new ListenConfig(
                                        LOOPBACK, OptionalInt.of(0), OptionalInt.of(0), null, 64),
                                certificates)
                        .relay(relay)
                        .upgrader(new Echo())
                        .addresses(n -> n.equals("hearth.test") ? List.of("192.0.2.1") : List.of())
                        .hosts(h -> h.equals("hearth.test") || h.equals("127.0.0.1"))
                        .https(r -> r.get("/", (q, s) -> s.send("page")))
                        .http(r -> r.get("/plain", (q, s) -> s.send("plain")))
                        .start();
    }

    /** A protocol that a POST leads to, as ts2021 is: it sends back what comes. */
    private static final class Echo implements Http1Upgrader {
        @Override
        public String supportedProtocol() {
            return "echo";
        }

        @Override
        public ServerConnection upgrade(
                ConnectionContext context, HttpPrologue prologue, WritableHeaders<?> headers) {
            return new ServerConnection() {
                @Override
                public void handle(Limit limit) {
                    while (true) {
                        byte b = context.dataReader().read();
                        context.dataWriter().writeNow(BufferData.create(new byte[] {b}));
                    }
                }

                @Override
                public Duration idleTime() {
                    return Duration.ZERO;
                }

                @Override
                public void close(boolean interrupt) {
                    context.serverSocket().close();
                }
            };
        }
    }

    static SecretKey secret(int fill) {
        byte[] b = new byte[SecretKey.LENGTH];
        Arrays.fill(b, (byte) fill);
        return new SecretKey(b);
    }

    Socket http() throws IOException {
        Socket s = new Socket(LOOPBACK, listeners.httpPort());
        s.setSoTimeout(TIMEOUT_MILLIS);
        return s;
    }

    Socket https() throws IOException, GeneralSecurityException {
        Socket s =
                TrustAll.context().getSocketFactory().createSocket(LOOPBACK, listeners.httpsPort());
        s.setSoTimeout(TIMEOUT_MILLIS);
        return s;
    }

    /**
     * Writes a request head with Host and Connection given, and {@code after} in the same write.
     */
    static void request(Socket s, String lines, byte[] after) throws IOException {
        byte[] head =
                (lines.replace("\n", "\r\n") + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
        byte[] all = Arrays.copyOf(head, head.length + after.length);
        System.arraycopy(after, 0, all, head.length, after.length);
        s.getOutputStream().write(all);
        s.getOutputStream().flush();
    }

    /** A whole answer to a GET that closes. */
    static String get(Socket s, String path, String... more) throws IOException {
        String host =
                Arrays.stream(more).anyMatch(m -> m.startsWith("Host:"))
                        ? ""
                        : "\nHost: hearth.test";
        String rest = more.length == 0 ? "" : "\n" + String.join("\n", more);
        request(s, "GET " + path + " HTTP/1.1\nConnection: close" + host + rest, new byte[0]);
        return new String(s.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    /** Up to and with the blank line. */
    static String readHead(InputStream in) throws IOException {
        var out = new StringBuilder();
        while (out.indexOf("\r\n\r\n") < 0) {
            int b = in.read();
            if (b < 0) {
                throw new IOException("end in the head: " + out);
            }
            out.append((char) b);
        }
        return out.toString();
    }

    static byte[] readFrame(InputStream in) throws IOException {
        byte[] head = in.readNBytes(DerpFrame.HEADER_LENGTH);
        if (head.length < DerpFrame.HEADER_LENGTH) {
            throw new IOException("end in a frame");
        }
        byte[] body = in.readNBytes(ByteBuffer.wrap(head).getInt(1));
        byte[] all = Arrays.copyOf(head, head.length + body.length);
        System.arraycopy(body, 0, all, head.length, body.length);
        return all;
    }

    static byte[] bytes(DerpFrame frame) {
        ByteBuffer out = ByteBuffer.allocate(DerpFrame.HEADER_LENGTH + frame.bodyLength());
        frame.encode(out);
        return out.array();
    }

    @Override
    public void close() {
        relay.close();
        listeners.close();
    }
}
