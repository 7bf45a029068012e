package hearth.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class SecretKeyTest {
    @Test
    void isInNoText() {
        try (SecretKey key = SecretKey.generate(new Random(1))) {
            assertEquals("[redacted]", key.toString());
            assertEquals("key=[redacted]", "key=" + key);
        }
    }

    @Test
    void isInNoExceptionText() {
        byte[] wrong = new byte[31];
        Arrays.fill(wrong, (byte) 0xab);
        Exception e = assertThrows(RuntimeException.class, () -> new SecretKey(wrong));
        assertFalse(String.valueOf(e.getMessage()).contains(HexFormat.of().formatHex(wrong, 0, 2)));
    }
}
