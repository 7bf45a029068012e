package hearth.crypto;

import static org.junit.jupiter.api.Assertions.assertThrows;

import hearth.base.WireException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** No initiation, response or record but the true one is taken, and none raises anything else. */
final class NoiseIkFuzz {
    @Test
    void garbageAndFlippedBitsAreRefused() throws WireException {
        long seed = 20260101;
        var random = new Random(seed);
        SecretKey server = SecretKey.generate(random);
        SecretKey machine = SecretKey.generate(random);
        byte[] good;
        try (var i =
                new NoiseIk.Initiator(
                        142, machine, SecretKey.generate(random), server.machineKey())) {
            good = i.initiation();
        }
        for (int round = 0; round < 400; round++) {
            byte[] bad;
            if (round % 2 == 0) {
                bad = good.clone();
                bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(7));
                // the top bit of an X25519 coordinate is ignored (RFC 7748, 5), so it stays out,
                // though the transcript hash would catch it too
            } else {
                bad = new byte[random.nextInt(2 * NoiseIk.INITIATION_BYTES)];
                random.nextBytes(bad);
            }
            assertThrows(
                    WireException.class,
                    () -> NoiseIk.respond(server, SecretKey.generate(random), ByteBuffer.wrap(bad)),
                    () -> "seed " + seed);
        }
    }

    @Test
    void recordsRefuseFlipsReplaysAndScraps() throws WireException {
        var random = new Random(99);
        byte[] key = new byte[32];
        random.nextBytes(key);
        for (int round = 0; round < 2000; round++) {
            byte[] data = new byte[1 + random.nextInt(200)];
            random.nextBytes(data);
            byte[] wire = new byte[NoiseRecords.sealedBytes(data.length)];
            NoiseRecords.sealing(key).seal(data, 0, data.length, wire, 0);
            byte[] body = Arrays.copyOfRange(wire, 3, wire.length);
            NoiseRecords in = NoiseRecords.opening(key);
            if (round % 3 == 0) {
                in.open(body);
                assertThrows(WireException.class, () -> in.open(body)); // replayed
            } else if (round % 3 == 1) {
                body[random.nextInt(body.length)] ^= (byte) (1 << random.nextInt(8));
                assertThrows(WireException.class, () -> in.open(body));
            } else {
                byte[] scrap = Arrays.copyOf(body, random.nextInt(body.length));
                assertThrows(WireException.class, () -> in.open(scrap));
            }
        }
    }
}
