package hearth.disco;

import hearth.base.WireException;
import hearth.crypto.DiscoKey;
import hearth.crypto.NaclBox;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The wrapper of every disco message.
 *
 * <pre>
 *  at  bytes
 *   0    6    magic 54 53 f0 9f 92 ac ("TS💬")
 *   6   32    sender's disco public key
 *  38   24    nonce
 *  62   16    tag of the NaCl box
 *  78    …    ciphertext
 * </pre>
 *
 * A shorter datagram with the magic from 62 bytes on is disco too, and does not open.
 */
public final class DiscoPacket {
    /** The least length at which the magic means disco. */
    public static final int MIN_LENGTH = 62;

    private static final byte[] MAGIC = {0x54, 0x53, (byte) 0xf0, (byte) 0x9f, (byte) 0x92, -84};
    private static final int KEY_AT = 6;
    private static final int NONCE_AT = KEY_AT + DiscoKey.LENGTH;
    private static final int BOX_AT = NONCE_AT + NaclBox.NONCE_LENGTH;

    private DiscoPacket() {}

    /** Whether the datagram is disco by its first bytes. */
    public static boolean isDisco(byte[] datagram) {
        return datagram.length >= MIN_LENGTH
                && Arrays.equals(datagram, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
    }

    /** The key that the sender claims; {@link #isDisco} must be true. */
    public static DiscoKey sender(byte[] datagram) {
        return new DiscoKey(Arrays.copyOfRange(datagram, KEY_AT, NONCE_AT));
    }

    static byte[] seal(DiscoKey sender, NaclBox box, RandomGenerator random, DiscoMessage message) {
        byte[] nonce = new byte[NaclBox.NONCE_LENGTH];
        random.nextBytes(nonce);
        byte[] sealed = box.seal(nonce, message.encode());
        byte[] datagram = new byte[BOX_AT + sealed.length];
        ByteBuffer out = ByteBuffer.wrap(datagram).put(MAGIC);
        sender.writeTo(out);
        out.put(nonce).put(sealed);
        return datagram;
    }

    /**
     * The message inside.
     *
     * @return null for a type that is not known here
     * @throws WireException when it is forged, not for this box, or does not decode
     */
    static @Nullable DiscoMessage open(NaclBox box, byte[] datagram) throws WireException {
        byte[] plain =
                box.open(
                        Arrays.copyOfRange(datagram, NONCE_AT, BOX_AT),
                        Arrays.copyOfRange(datagram, BOX_AT, datagram.length));
        if (plain == null) {
            throw new WireException("disco packet: the box does not open");
        }
        return DiscoMessage.decode(ByteBuffer.wrap(plain));
    }
}
