package hearth.crypto;

import java.util.Arrays;
import org.bouncycastle.crypto.engines.Salsa20Engine;
import org.bouncycastle.crypto.engines.XSalsa20Engine;
import org.bouncycastle.crypto.macs.Poly1305;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;
import org.bouncycastle.util.Pack;
import org.jspecify.annotations.Nullable;

/**
 * NaCl's {@code crypto_box} between one pair of Curve25519 keys, with the shared key computed once:
 * X25519, HSalsa20 with a zero nonce, then XSalsa20-Poly1305. The sealed form is
 *
 * <pre>
 * tag 16 ‖ ciphertext (as long as the plaintext)
 * </pre>
 *
 * and the 24-byte nonce, which must never repeat for a pair, travels beside it. Used by the DERP
 * handshake and by disco. Source: "Cryptography in NaCl", sections 2 and 7 to 10. Confined to one
 * thread at a time.
 */
public final class NaclBox implements AutoCloseable {
    public static final int NONCE_LENGTH = 24;
    public static final int TAG_LENGTH = 16;

    private static final int SALSA_ROUNDS = 20;
    private static final byte[] ZERO_32 = new byte[32];

    private final byte[] key;
    private final XSalsa20Engine stream = new XSalsa20Engine();
    private final Poly1305 mac = new Poly1305();
    private final byte[] macKey = new byte[32];

    private NaclBox(byte[] key) {
        this.key = key;
    }

    /**
     * The box between {@code own} and {@code peer}, the same from both ends.
     *
     * @return null when {@code peer} is a low-order point
     */
    public static @Nullable NaclBox between(SecretKey own, PublicKey peer) {
        byte[] shared = new byte[32];
        try {
            return own.agree(peer.bytes(), shared, 0) ? new NaclBox(hsalsa20(shared)) : null;
        } finally {
            Arrays.fill(shared, (byte) 0);
        }
    }

    /** HSalsa20 of {@code key} with a zero input: the rounds without the feed-forward. */
    private static byte[] hsalsa20(byte[] key) {
        int[] in = new int[16];
        for (int i = 0; i < 4; i++) {
            in[5 * i] = ChaChaPoly.SIGMA[i]; // the diagonal of Salsa20's matrix
            in[1 + i] = Pack.littleEndianToInt(key, 4 * i);
            in[11 + i] = Pack.littleEndianToInt(key, 16 + 4 * i);
        }
        int[] x = new int[16];
        Salsa20Engine.salsaCore(SALSA_ROUNDS, in, x);
        byte[] out = new byte[32];
        for (int i = 0; i < 4; i++) {
            // salsaCore has added the input: take it off again
            Pack.intToLittleEndian(x[5 * i] - in[5 * i], out, 4 * i);
            Pack.intToLittleEndian(x[6 + i] - in[6 + i], out, 16 + 4 * i);
        }
        return out;
    }

    /** Seals {@code plain}: tag, then ciphertext. */
    public byte[] seal(byte[] nonce, byte[] plain) {
        byte[] out = new byte[TAG_LENGTH + plain.length];
        start(nonce);
        stream.processBytes(plain, 0, plain.length, out, TAG_LENGTH);
        tag(out, TAG_LENGTH, plain.length, out, 0);
        return out;
    }

    /** Opens what {@link #seal} made; null when it is too short or forged. */
    public byte @Nullable [] open(byte[] nonce, byte[] sealed) {
        int length = sealed.length - TAG_LENGTH;
        if (length < 0) {
            return null;
        }
        start(nonce);
        byte[] expected = new byte[TAG_LENGTH];
        tag(sealed, TAG_LENGTH, length, expected, 0);
        int difference = 0;
        for (int i = 0; i < TAG_LENGTH; i++) {
            difference |= expected[i] ^ sealed[i];
        }
        if (difference != 0) {
            return null;
        }
        byte[] plain = new byte[length];
        stream.processBytes(sealed, TAG_LENGTH, length, plain, 0);
        return plain;
    }

    /** Starts the key stream; its first 32 bytes are the authenticator's key. */
    private void start(byte[] nonce) {
        if (nonce.length != NONCE_LENGTH) {
            throw new IllegalArgumentException("nonce of " + nonce.length + " bytes, expected 24");
        }
        stream.init(true, new ParametersWithIV(new KeyParameter(key), nonce));
        stream.processBytes(ZERO_32, 0, 32, macKey, 0);
    }

    private void tag(byte[] in, int offset, int length, byte[] out, int outOffset) {
        mac.init(new KeyParameter(macKey));
        mac.update(in, offset, length);
        mac.doFinal(out, outOffset);
    }

    @Override
    public void close() {
        Arrays.fill(key, (byte) 0);
        Arrays.fill(macKey, (byte) 0);
    }

    @Override
    public String toString() {
        return "[redacted]";
    }
}
