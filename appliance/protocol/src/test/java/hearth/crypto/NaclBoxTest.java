package hearth.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The boxes of a DERP login between two fixed keys, and what a forger gets. */
final class NaclBoxTest {
    private static final SecretKey CLIENT = new SecretKey(filled(32, 0x11));
    private static final SecretKey SERVER = new SecretKey(filled(32, 0xd1));
    private static final byte[] NONCE = filled(24, 0x99);
    private static final String SEALED =
            "ad8ea57a65281d910779fc5a010f0c92"
                    + "93b53fb7f2ec2d697adc2874682b9155ab3d3a6d6d11761906c6f1bd8e6ba282";
    private static final String PLAIN = "{\"version\":2,\"CanAckPings\":true}";

    @Test
    void sealsTheVector() {
        byte[] sealed = box(CLIENT, SERVER).seal(NONCE, PLAIN.getBytes(StandardCharsets.US_ASCII));
        assertEquals(SEALED, HexFormat.of().formatHex(sealed));
    }

    @Test
    void opensFromTheOtherEnd() {
        byte[] plain = box(SERVER, CLIENT).open(NONCE, HexFormat.of().parseHex(SEALED));
        assertNotNull(plain);
        assertEquals(PLAIN, new String(plain, StandardCharsets.US_ASCII));
    }

    @Test
    void refusesEveryFlippedBitAndEveryShorterText() {
        NaclBox box = box(SERVER, CLIENT);
        byte[] good = HexFormat.of().parseHex(SEALED);
        for (int bit = 0; bit < good.length * 8; bit++) {
            byte[] bad = good.clone();
            bad[bit / 8] ^= (byte) (1 << bit % 8);
            assertNull(box.open(NONCE, bad), "bit " + bit);
        }
        for (int length = 0; length < good.length; length++) {
            assertNull(box.open(NONCE, Arrays.copyOf(good, length)), "length " + length);
        }
    }

    @Test
    void emptyAndLongTextsComeBack() {
        NaclBox box = box(CLIENT, SERVER);
        for (int length : new int[] {0, 1, 31, 32, 33, 63, 64, 65, 1500, 65_535}) {
            byte[] plain = filled(length, 0x5a);
            byte[] opened = box.open(NONCE, box.seal(NONCE, plain));
            assertNotNull(opened);
            assertArrayEquals(plain, opened);
        }
    }

    @Test
    void lowOrderPeerHasNoBox() {
        assertNull(NaclBox.between(CLIENT, new NodeKey(new byte[32])));
    }

    private static NaclBox box(SecretKey own, SecretKey peer) {
        NaclBox box = NaclBox.between(own, peer.nodeKey());
        assertNotNull(box);
        return box;
    }

    private static byte[] filled(int length, int value) {
        byte[] b = new byte[length];
        Arrays.fill(b, (byte) value);
        return b;
    }
}
