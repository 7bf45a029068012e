package hearth.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import hearth.base.WireException;
import hearth.crypto.NodeKey;
import hearth.crypto.SecretKey;
import hearth.derp.DerpClient;
import hearth.derp.DerpFrame;
import hearth.derp.DerpLimits;
import hearth.derp.Login;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The service's threads over streams in memory. */
@Timeout(10)
final class RelayServiceTest {
    private static final byte[] END = {};

    private final Set<NodeKey> members = ConcurrentHashMap.newKeySet();
    private final RelayService relay =
            new RelayService(secret(9), members::contains, DerpLimits.DEFAULT, new Random(1));

    @Test
    void relaysThousandsOfPacketsInOrder() throws Exception {
        try (relay) {
            var a = new Client(1);
            var b = new Client(2);
            for (int i = 0; i < 2000; i++) {
                ByteBuffer packet = ByteBuffer.allocate(100).putInt(0, i);
                a.send(new DerpFrame.SendPacket(b.key.nodeKey(), packet));
                if (i % 500 == 499) {
                    for (int n = i - 499; n <= i; n++) {
                        var got = (DerpFrame.RecvPacket) b.next();
                        assertEquals(n, got.packet().getInt(0));
                    }
                }
            }
        }
    }

    @Test
    void revokedClientSeesItsStreamEnd() throws Exception {
        try (relay) {
            var a = new Client(1);
            members.clear();
            assertEquals(1, relay.revoke(a.key.nodeKey()));
            a.served.join();
            assertEquals(0, relay.connections());
        }
    }

    @Test
    void closingTheServiceEndsEveryStream() throws Exception {
        var a = new Client(1);
        var b = new Client(2);
        relay.close();
        a.served.join();
        b.served.join();
        assertEquals(0, relay.queuedBytes());
    }

    private static SecretKey secret(int fill) {
        byte[] b = new byte[SecretKey.LENGTH];
        Arrays.fill(b, (byte) fill);
        return new SecretKey(b);
    }

    private final class Client implements ByteStream {
        final SecretKey key;
        final DerpClient derp;
        final BlockingQueue<byte[]> toRelay = new LinkedBlockingQueue<>();
        final BlockingQueue<byte[]> fromRelay = new LinkedBlockingQueue<>();
        final Deque<DerpFrame> frames = new ArrayDeque<>();
        final Thread served;

        Client(int fill) throws Exception {
            key = secret(fill);
            members.add(key.nodeKey());
            derp = new DerpClient(key, Login.Client.ORDINARY, new Random(fill));
            served = Thread.ofVirtual().start(() -> relay.serve(this));
            assertEquals(new DerpFrame.ServerKey(relay.publicKey()), next());
            send(derp.login(relay.publicKey()));
            next();
            assertNotNull(derp.server());
        }

        void send(DerpFrame frame) {
            ByteBuffer out = ByteBuffer.allocate(DerpFrame.HEADER_LENGTH + frame.bodyLength());
            frame.encode(out);
            toRelay.add(out.array());
        }

        DerpFrame next() throws InterruptedException, WireException {
            while (frames.isEmpty()) {
                byte[] in = fromRelay.poll(5, TimeUnit.SECONDS);
                assertNotNull(in, "a frame in time");
                frames.addAll(derp.receive(in, 0, in.length));
            }
            return frames.remove();
        }

        @Override
        public int read(byte[] into) throws IOException {
            try {
                byte[] in = toRelay.take();
                System.arraycopy(in, 0, into, 0, in.length);
                return in.length == 0 ? -1 : in.length;
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }

        @Override
        public void write(byte[] from, int length) {
            fromRelay.add(Arrays.copyOf(from, length));
        }

        @Override
        public String remote() {
            return "memory";
        }

        @Override
        public void close() {
            toRelay.add(END);
        }
    }
}
