package hearth.crypto;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A Curve25519 public key of 32 bytes. Its text is a prefix that names its role and 64 lower-case
 * hex digits (tailscale/tailscale types/key), e.g. {@code nodekey:…}.
 */
public abstract sealed class PublicKey permits NodeKey, MachineKey, DiscoKey, ChallengeKey {
    /** Bytes of a key on every wire. */
    public static final int LENGTH = 32;

    private final byte[] bytes;

    PublicKey(byte[] bytes) {
        if (bytes.length != LENGTH) {
            throw new IllegalArgumentException("key of " + bytes.length + " bytes, expected 32");
        }
        this.bytes = bytes.clone();
    }

    /** The role's prefix with its colon. */
    abstract String prefix();

    public final byte[] bytes() {
        return bytes.clone();
    }

    public final boolean isZero() {
        int all = 0;
        for (byte b : bytes) {
            all |= b;
        }
        return all == 0;
    }

    public final void writeTo(ByteBuffer out) {
        out.put(bytes);
    }

    /** Whether the 32 bytes of {@code in} from {@code offset} are this key. */
    public final boolean matches(byte[] in, int offset) {
        return Arrays.equals(bytes, 0, LENGTH, in, offset, offset + LENGTH);
    }

    /** The first five hex digits: what logs show. */
    public final String shortText() {
        return HexFormat.of().formatHex(bytes, 0, 3).substring(0, 5);
    }

    static byte[] read(ByteBuffer in) {
        byte[] b = new byte[LENGTH];
        in.get(b);
        return b;
    }

    static byte[] parseHex(String prefix, String text) {
        if (!text.startsWith(prefix) || text.length() != prefix.length() + 2 * LENGTH) {
            throw new IllegalArgumentException(
                    "not a key: expected \"" + prefix + "\" and 64 hex digits");
        }
        return HexFormat.of().parseHex(text, prefix.length(), text.length());
    }

    @Override
    public final boolean equals(@Nullable Object o) {
        return o instanceof PublicKey k
                && k.getClass() == getClass()
                && Arrays.equals(k.bytes, bytes);
    }

    @Override
    public final int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public final String toString() {
        return prefix() + HexFormat.of().formatHex(bytes);
    }
}
