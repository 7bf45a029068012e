package hearth.stun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.base.IpAddress;
import hearth.base.WireException;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random and mutated datagrams: nothing but {@link WireException}, answers bounded. */
final class StunFuzz {
    private static final long SEED = 20260101;
    private static final int ROUNDS = 200_000;

    @Test
    void decodersThrowNothingElse() {
        Random random = new Random(SEED);
        int answered = 0;
        for (int i = 0; i < ROUNDS; i++) {
            byte[] in = datagram(random);
            try {
                Stun.parseResponse(ByteBuffer.wrap(in));
            } catch (WireException expected) {
                // what a decoder may say
            }
            try {
                var id = Stun.parseRequest(ByteBuffer.wrap(in));
                ByteBuffer out = ByteBuffer.allocate(Stun.MAX_RESPONSE);
                Stun.response(id, IpAddress.V6_MAX, 1, out);
                assertTrue(out.position() <= Stun.MAX_RESPONSE);
                answered++;
            } catch (WireException expected) {
                // what a decoder may say
            }
        }
        assertTrue(answered > 0, "seed " + SEED);
    }

    @Test
    void responsesComeBack() throws WireException {
        Random random = new Random(SEED);
        for (int i = 0; i < 20_000; i++) {
            var id = new Stun.TransactionId(random.nextLong(), random.nextInt());
            IpAddress ip =
                    random.nextBoolean()
                            ? IpAddress.v4(random.nextInt())
                            : new IpAddress(false, random.nextLong(), random.nextLong());
            int port = random.nextInt(65536);
            ByteBuffer out = ByteBuffer.allocate(Stun.MAX_RESPONSE);
            Stun.response(id, ip, port, out);
            assertEquals(new Stun.Mapped(id, ip.unmapped(), port), Stun.parseResponse(out.flip()));
        }
    }

    private static byte[] datagram(Random random) {
        byte[] in;
        if (random.nextInt(4) == 0) {
            in = new byte[random.nextInt(120)];
            random.nextBytes(in);
            return in;
        }
        ByteBuffer out = ByteBuffer.allocate(64);
        var id = new Stun.TransactionId(random.nextLong(), random.nextInt());
        if (random.nextBoolean()) {
            Stun.request(id, out);
        } else {
            Stun.response(id, IpAddress.v4(random.nextInt()), 7, out);
        }
        in = new byte[Math.max(0, out.position() + random.nextInt(9) - 4)];
        out.flip().get(0, in, 0, Math.min(in.length, out.limit()));
        for (int n = random.nextInt(4); n > 0 && in.length > 0; n--) {
            in[random.nextInt(in.length)] = (byte) random.nextInt();
        }
        return in;
    }
}
