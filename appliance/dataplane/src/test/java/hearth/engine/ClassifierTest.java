package hearth.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** What the first bytes say; a message of the wrong length or with reserved bytes set is none. */
final class ClassifierTest {
    private static final String STUN = "010100182112a442" + "00".repeat(36);
    private static final String DISCO = "5453f09f92ac";

    private static int kind(String head, int length) {
        byte[] start = HexFormat.of().parseHex(head);
        return Classifier.kind(java.util.Arrays.copyOf(start, length));
    }

    @Test
    void wireGuard() {
        assertEquals(Classifier.HANDSHAKE, kind("01000000", 148));
        assertEquals(Classifier.HANDSHAKE, kind("02000000", 92));
        assertEquals(Classifier.HANDSHAKE, kind("03000000", 64));
        assertEquals(Classifier.TRANSPORT, kind("04000000", 32));
        assertEquals(Classifier.TRANSPORT, kind("04000000", 65_000));
        for (int wrong : new int[] {147, 149, 1000}) {
            assertEquals(Classifier.UNKNOWN, kind("01000000", wrong));
        }
        assertEquals(Classifier.UNKNOWN, kind("04000000", 31));
        assertEquals(Classifier.UNKNOWN, kind("04000001", 64));
        assertEquals(Classifier.UNKNOWN, kind("01010000", 148));
    }

    @Test
    void stunAndDisco() {
        assertEquals(Classifier.STUN, kind(STUN, 44));
        assertEquals(Classifier.STUN, kind("000100142112a442", 40));
        assertEquals(Classifier.UNKNOWN, kind("410100182112a442", 44), "a top bit is set");
        assertEquals(Classifier.UNKNOWN, kind(STUN, 19));
        assertEquals(Classifier.UNKNOWN, kind(STUN, 1501));
        assertEquals(Classifier.DISCO, kind(DISCO, 78));
        assertEquals(Classifier.UNKNOWN, kind(DISCO, 77));
        assertEquals(Classifier.UNKNOWN, kind("5453f09f92ad", 100));
        // an initiation whose sender index is the cookie is an initiation
        assertEquals(Classifier.HANDSHAKE, kind("010000002112a442", 148));
    }
}
