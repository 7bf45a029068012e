package hearth.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.crypto.Aead;
import java.util.List;
import org.junit.jupiter.api.Test;

final class CiphersTest {
    @Test
    void jdkIsAlwaysThereAndAllAgree() {
        List<Aead.Backend> all = Ciphers.available();
        assertEquals("jdk", all.getLast().name());
        for (Aead.Backend b : all) {
            assertTrue(Ciphers.agrees(b), b.name());
        }
    }

    @Test
    void fasterOnesComeFirst() {
        List<Ciphers.Choice> choices = Ciphers.measure();
        assertFalse(choices.isEmpty());
        for (int i = 1; i < choices.size(); i++) {
            var a = choices.get(i - 1);
            var b = choices.get(i);
            assertTrue(a.nanos1280() + a.nanos64() <= b.nanos1280() + b.nanos64());
        }
    }
}
