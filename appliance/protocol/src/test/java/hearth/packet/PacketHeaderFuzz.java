package hearth.packet;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Any bytes are either read or refused by reason, never an exception. */
final class PacketHeaderFuzz {
    private static final long SEED = 20_260_101L;
    private static final int ROUNDS = 300_000;

    @Test
    void neverThrows() {
        var random = new Random(SEED);
        var header = new PacketHeader();
        int read = 0;
        for (int i = 0; i < ROUNDS; i++) {
            byte[] bytes = new byte[random.nextInt(90)];
            random.nextBytes(bytes);
            if (bytes.length > 8 && random.nextInt(4) > 0) {
                boolean v4 = random.nextBoolean();
                bytes[0] = (byte) (v4 ? 0x45 : 0x60);
                bytes[v4 ? 2 : 4] = 0;
                bytes[v4 ? 3 : 5] = (byte) random.nextInt(90);
            }
            if (header.read(MemorySegment.ofArray(bytes), 0, bytes.length) == null) {
                read++;
                assertTrue(header.lengthBytes <= bytes.length);
            }
        }
        assertTrue(read > ROUNDS / 100, "seed " + SEED + " read " + read);
    }
}
