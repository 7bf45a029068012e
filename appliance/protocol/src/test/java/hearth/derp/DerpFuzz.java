package hearth.derp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.base.WireException;
import hearth.crypto.NodeKey;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Random bytes to every decoder, random frames through a session, the queue against a twin. */
final class DerpFuzz {
    private static final long SEED = 20260102;

    @Test
    void decodersThrowNothingElse() {
        Random random = new Random(SEED);
        for (int i = 0; i < 100_000; i++) {
            byte[] body = new byte[random.nextInt(120)];
            random.nextBytes(body);
            int type = random.nextInt(0x18);
            try {
                DerpFrame frame = DerpFrame.decode(type, ByteBuffer.wrap(body));
                ByteBuffer out = ByteBuffer.allocate(5 + frame.bodyLength());
                frame.encode(out);
                DerpFrame again = DerpFrame.decode(type, out.flip().position(5).slice());
                assertEquals(frame, again, "type " + type);
            } catch (WireException expected) {
                // what a decoder may say
            }
        }
    }

    @Test
    void loginBoxesThrowNothingElse() {
        Random random = new Random(SEED);
        String[] texts = {
            "{}",
            "[]",
            "1",
            "null",
            "{\"version\":\"x\"}",
            "{\"version\":1e99}",
            "{\"CanAckPings\":[]}",
            "{\"AppName\":{}}",
            "{",
            "\u0000",
            "{\"meshKey\":5}"
        };
        for (int i = 0; i < 20_000; i++) {
            byte[] json = texts[random.nextInt(texts.length)].getBytes(TestRelay.UTF_8);
            if (json.length > 0 && random.nextBoolean()) {
                json[random.nextInt(json.length)] = (byte) random.nextInt();
            }
            try {
                Login.Client.parse(json);
                Login.Server.parse(json);
            } catch (WireException expected) {
                // what a decoder may say
            }
        }
    }

    @Test
    void sessionsThrowNothingElse() throws WireException {
        Random random = new Random(SEED);
        var relay = new TestRelay();
        int ended = 0;
        for (int i = 0; i < 1_000; i++) {
            var client =
                    random.nextInt(4) == 0
                            ? relay.new Client(3, Login.Client.ORDINARY)
                            : relay.join(3);
            try {
                for (int n = 0; n < 20; n++) {
                    client.raw(chunk(random, client.key()));
                }
            } catch (WireException expected) {
                ended++;
            }
            client.session.end(EndReason.DISCONNECTED);
        }
        assertTrue(ended > 300, "ended " + ended);
        assertEquals(0, relay.server.connections());
        assertEquals(0, relay.server.queuedBytes());
    }

    private static byte[] chunk(Random random, NodeKey to) {
        byte[] in = new byte[5 + random.nextInt(100)];
        random.nextBytes(in);
        if (random.nextInt(8) > 0) {
            int[] types = {4, 4, 4, 7, 0x12, 0x13, 0x20, 0x77};
            in[0] = (byte) types[random.nextInt(types.length)];
            ByteBuffer.wrap(in).putInt(1, Math.max(0, in.length - 5));
            if (in.length >= 37) {
                to.writeTo(ByteBuffer.wrap(in, 5, 32));
            }
        }
        return Arrays.copyOf(in, random.nextInt(10) == 0 ? random.nextInt(in.length) : in.length);
    }

    @Test
    void queueEqualsItsTwin() {
        Random random = new Random(SEED);
        int limit = 5_000;
        AtomicLong budget = new AtomicLong(limit);
        var queue = new FrameQueue(limit, budget);
        var twin = new ArrayDeque<byte[]>();
        NodeKey key = TestRelay.secret(4).nodeKey();
        byte[] out = new byte[limit];
        for (int i = 0; i < 50_000; i++) {
            if (random.nextInt(3) > 0) {
                byte[] packet = new byte[random.nextInt(random.nextInt(20) == 0 ? 6_000 : 300)];
                random.nextBytes(packet);
                int pushed =
                        queue.offerPacket(DerpFrame.RECV_PACKET, key, packet, 0, packet.length);
                if (pushed >= 0) {
                    for (int n = 0; n < pushed; n++) {
                        twin.removeFirst();
                    }
                    twin.addLast(
                            TestRelay.bytes(
                                    new DerpFrame.RecvPacket(key, ByteBuffer.wrap(packet))));
                } else {
                    assertTrue(packet.length + 37 > limit);
                }
            } else {
                int end = random.nextInt(out.length);
                int n = queue.drainTo(out, 0, end);
                ByteBuffer want = ByteBuffer.allocate(limit);
                while (!twin.isEmpty() && want.position() + twin.getFirst().length <= end) {
                    want.put(twin.removeFirst());
                }
                assertEquals(want.flip(), ByteBuffer.wrap(out, 0, n), "step " + i);
            }
            assertEquals(twin.stream().mapToInt(b -> b.length).sum(), queue.sizeBytes());
            assertEquals(twin.isEmpty() ? 0 : twin.getFirst().length, queue.nextLength());
        }
        queue.release();
        assertEquals(limit, budget.get());
    }
}
