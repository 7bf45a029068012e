package hearth.crypto;

import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.modes.ChaCha20Poly1305;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;
import org.bouncycastle.util.Pack;
import org.jspecify.annotations.Nullable;

/**
 * ChaCha20-Poly1305 (RFC 8439) and XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03) over short
 * arrays with additional data: handshakes and cookies. Packets use {@link Aead}.
 */
public final class ChaChaPoly {
    public static final int TAG_BYTES = 16;

    /** "expand 32-byte k" as little-endian words: the constants of Salsa20 and ChaCha20. */
    static final int[] SIGMA = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};

    private static final int NONCE_BYTES = 12;

    private ChaChaPoly() {}

    /** Ciphertext and tag; the nonce is all zero, so a key seals one message. */
    public static byte[] seal(byte[] key, byte[] plain, byte[] ad) {
        return run(true, key, new byte[NONCE_BYTES], plain, 0, plain.length, ad);
    }

    /** The plaintext under a zero nonce, or null when the tag is wrong. */
    public static byte @Nullable [] open(byte[] key, byte[] in, int offset, int length, byte[] ad) {
        return tryOpen(key, new byte[NONCE_BYTES], in, offset, length, ad);
    }

    /** XChaCha20-Poly1305: {@code nonce} holds 24 bytes. */
    public static byte[] xSeal(byte[] key, byte[] nonce, byte[] plain, byte[] ad) {
        return run(true, hChaCha20(key, nonce), tail(nonce), plain, 0, plain.length, ad);
    }

    /** XChaCha20-Poly1305: the plaintext, or null when the tag is wrong. */
    public static byte @Nullable [] xOpen(
            byte[] key, byte[] nonce, byte[] in, int offset, int length, byte[] ad) {
        return tryOpen(hChaCha20(key, nonce), tail(nonce), in, offset, length, ad);
    }

    private static byte @Nullable [] tryOpen(
            byte[] key, byte[] nonce, byte[] in, int offset, int length, byte[] ad) {
        if (length < TAG_BYTES) {
            return null;
        }
        try {
            return runChecked(false, key, nonce, in, offset, length, ad);
        } catch (InvalidCipherTextException e) {
            return null;
        }
    }

    private static byte[] run(
            boolean seal, byte[] key, byte[] nonce, byte[] in, int offset, int length, byte[] ad) {
        try {
            return runChecked(seal, key, nonce, in, offset, length, ad);
        } catch (InvalidCipherTextException e) {
            throw new IllegalStateException("sealing cannot fail", e);
        }
    }

    private static byte[] runChecked(
            boolean seal, byte[] key, byte[] nonce, byte[] in, int offset, int length, byte[] ad)
            throws InvalidCipherTextException {
        ChaCha20Poly1305 cipher = new ChaCha20Poly1305();
        cipher.init(seal, new ParametersWithIV(new KeyParameter(key), nonce));
        cipher.processAADBytes(ad, 0, ad.length);
        byte[] out = new byte[cipher.getOutputSize(length)];
        int written = cipher.processBytes(in, offset, length, out, 0);
        cipher.doFinal(out, written);
        return out;
    }

    /** The inner nonce: 4 zero bytes and the last 8 of 24. */
    private static byte[] tail(byte[] nonce) {
        byte[] out = new byte[NONCE_BYTES];
        System.arraycopy(nonce, 16, out, 4, 8);
        return out;
    }

    /** HChaCha20: 20 rounds without the final addition; words 0-3 and 12-15 are the key. */
    static byte[] hChaCha20(byte[] key, byte[] nonce) {
        int[] x = new int[16];
        System.arraycopy(SIGMA, 0, x, 0, SIGMA.length);
        Pack.littleEndianToInt(key, 0, x, 4, 8);
        Pack.littleEndianToInt(nonce, 0, x, 12, 4);
        for (int round = 0; round < 10; round++) {
            for (int i = 0; i < 4; i++) {
                quarter(x, i, 4 + i, 8 + i, 12 + i);
            }
            for (int i = 0; i < 4; i++) {
                quarter(x, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4);
            }
        }
        byte[] out = new byte[32];
        for (int i = 0; i < 4; i++) {
            Pack.intToLittleEndian(x[i], out, 4 * i);
            Pack.intToLittleEndian(x[12 + i], out, 16 + 4 * i);
        }
        return out;
    }

    private static void quarter(int[] x, int a, int b, int c, int d) {
        x[a] += x[b];
        x[d] = Integer.rotateLeft(x[d] ^ x[a], 16);
        x[c] += x[d];
        x[b] = Integer.rotateLeft(x[b] ^ x[c], 12);
        x[a] += x[b];
        x[d] = Integer.rotateLeft(x[d] ^ x[a], 8);
        x[c] += x[d];
        x[b] = Integer.rotateLeft(x[b] ^ x[c], 7);
    }
}
