package hearth.disco;

import static org.junit.jupiter.api.Assertions.assertEquals;

import hearth.base.WireException;
import java.nio.ByteBuffer;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Any plaintext decodes, is unknown, or is a WireException; what decodes survives a round trip. */
final class DiscoFuzz {
    private static final long SEED = 5;
    private static final int ROUNDS = 200_000;

    @Test
    void anyPlaintext() {
        var random = new Random(SEED);
        for (int i = 0; i < ROUNDS; i++) {
            byte[] bytes = new byte[random.nextInt(80)];
            random.nextBytes(bytes);
            if (bytes.length > 1) {
                bytes[0] = (byte) random.nextInt(11);
                bytes[1] = (byte) (random.nextInt(10) == 0 ? 1 : 0);
            }
            DiscoMessage m = decode(bytes);
            if (m != null) {
                assertEquals(m, decode(m.encode()), "seed " + SEED);
            }
        }
    }

    private static @Nullable DiscoMessage decode(byte[] bytes) {
        try {
            return DiscoMessage.decode(ByteBuffer.wrap(bytes));
        } catch (WireException e) {
            return null;
        }
    }
}
