package hearth.crypto;

import java.util.Arrays;
import org.bouncycastle.crypto.digests.Blake2sDigest;

/**
 * BLAKE2s-256 (RFC 7693), HMAC over it (RFC 2104, block 64) and the HKDF of Noise (Noise Protocol
 * Framework, 4.3), as WireGuard and ts2021 use them.
 */
public final class Blake2s {
    public static final int HASH_BYTES = 32;
    public static final int MAC_BYTES = 16;
    private static final int BLOCK_BYTES = 64;

    private Blake2s() {}

    /** The hash of all parts one after the other. */
    public static byte[] hash(byte[]... parts) {
        Blake2sDigest digest = new Blake2sDigest(8 * HASH_BYTES);
        for (byte[] part : parts) {
            digest.update(part, 0, part.length);
        }
        byte[] out = new byte[HASH_BYTES];
        digest.doFinal(out, 0);
        return out;
    }

    /** Keyed BLAKE2s with a result of 16 bytes over {@code length} bytes of {@code in}. */
    public static byte[] mac(byte[] key, byte[] in, int offset, int length) {
        Blake2sDigest digest = new Blake2sDigest(key, MAC_BYTES, null, null);
        digest.update(in, offset, length);
        byte[] out = new byte[MAC_BYTES];
        digest.doFinal(out, 0);
        return out;
    }

    public static byte[] hmac(byte[] key, byte[]... parts) {
        byte[] block = Arrays.copyOf(key.length > BLOCK_BYTES ? hash(key) : key, BLOCK_BYTES);
        byte[] outer = block.clone();
        for (int i = 0; i < BLOCK_BYTES; i++) {
            block[i] ^= 0x36;
            outer[i] ^= 0x5c;
        }
        Blake2sDigest digest = new Blake2sDigest(8 * HASH_BYTES);
        digest.update(block, 0, BLOCK_BYTES);
        for (byte[] part : parts) {
            digest.update(part, 0, part.length);
        }
        byte[] inner = new byte[HASH_BYTES];
        digest.doFinal(inner, 0);
        byte[] out = hash(outer, inner);
        Arrays.fill(block, (byte) 0);
        Arrays.fill(outer, (byte) 0);
        return out;
    }

    /** {@code count} outputs (1 to 3) of 32 bytes from chaining key {@code key} and {@code in}. */
    public static byte[][] kdf(int count, byte[] key, byte[] in) {
        byte[] extracted = hmac(key, in);
        byte[][] out = new byte[count][];
        byte[] previous = new byte[0];
        for (int i = 0; i < count; i++) {
            out[i] = hmac(extracted, previous, new byte[] {(byte) (i + 1)});
            previous = out[i];
        }
        Arrays.fill(extracted, (byte) 0);
        return out;
    }
}
