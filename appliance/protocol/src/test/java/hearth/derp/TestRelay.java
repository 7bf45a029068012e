package hearth.derp;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import hearth.base.WireException;
import hearth.crypto.NodeKey;
import hearth.crypto.SecretKey;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** A relay with clients on hand-carried bytes and a clock that the test moves. */
final class TestRelay {
    static final DerpLimits LIMITS = DerpLimits.DEFAULT;

    final Set<NodeKey> members = new HashSet<>();
    final DerpServer server;
    long now = Long.MAX_VALUE - Duration.ofSeconds(30).toNanos(); // the clock wraps on the way

    TestRelay() {
        this(LIMITS);
    }

    TestRelay(DerpLimits limits) {
        server = new DerpServer(secret(0xd1), members::contains, limits, new Random(1));
    }

    static SecretKey secret(int fill) {
        byte[] b = new byte[SecretKey.LENGTH];
        java.util.Arrays.fill(b, (byte) fill);
        return new SecretKey(b);
    }

    void advance(Duration by) {
        now += by.toNanos();
        server.poll(now);
    }

    /** A member that has logged in. */
    Client join(int fill) throws WireException {
        return join(fill, Login.Client.ORDINARY);
    }

    Client join(int fill, Login.Client details) throws WireException {
        var client = new Client(fill, details);
        members.add(client.key());
        client.login();
        client.read();
        assertNotNull(client.derp.server(), "logged in");
        return client;
    }

    final class Client implements Outlet {
        final SecretKey secret;
        final DerpClient derp;
        final DerpSession session;
        int wakes;
        boolean closed;

        Client(int fill, Login.Client details) {
            secret = secret(fill);
            derp = new DerpClient(secret, details, new Random(fill));
            session = accepted();
        }

        private DerpSession accepted() {
            DerpSession s = server.accept(this, "192.0.2.1:" + secret.hashCode(), now);
            assertNotNull(s);
            return s;
        }

        NodeKey key() {
            return secret.nodeKey();
        }

        void login() throws WireException {
            send(derp.login(server.publicKey()));
        }

        void send(DerpFrame frame) throws WireException {
            raw(bytes(frame));
        }

        void raw(byte[] bytes) throws WireException {
            session.receive(bytes, 0, bytes.length, now);
        }

        void packet(Client to, String text) throws WireException {
            packet(to.key(), text);
        }

        void packet(NodeKey to, String text) throws WireException {
            send(new DerpFrame.SendPacket(to, ByteBuffer.wrap(text.getBytes(UTF_8))));
        }

        /** All that waits for this client. */
        List<DerpFrame> read() throws WireException {
            var out = new ArrayList<DerpFrame>();
            byte[] buffer = new byte[16 << 10];
            while (true) {
                int n = session.drain(buffer, now);
                if (n == 0 && session.nextLength() > buffer.length) {
                    buffer = new byte[session.nextLength()];
                    continue;
                }
                if (n <= 0) {
                    return out;
                }
                out.addAll(derp.receive(buffer, 0, n));
            }
        }

        @Override
        public void wake() {
            wakes++;
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    static final java.nio.charset.Charset UTF_8 = java.nio.charset.StandardCharsets.UTF_8;

    static byte[] bytes(DerpFrame frame) {
        ByteBuffer out = ByteBuffer.allocate(DerpFrame.HEADER_LENGTH + frame.bodyLength());
        frame.encode(out);
        return out.array();
    }
}
