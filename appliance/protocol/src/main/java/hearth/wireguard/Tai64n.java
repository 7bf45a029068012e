package hearth.wireguard;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;

/**
 * TAI64N labels of 12 bytes: 2^62 + 10 + Unix seconds as a big-endian u64, nanoseconds as a
 * big-endian u32 with the low 24 bits cleared, so that no precise clock leaks (about 16.7 ms).
 */
final class Tai64n {
    static final int BYTES = 12;
    private static final long BASE = 0x4000_0000_0000_000aL;
    private static final int COARSE = 0xff00_0000;

    private Tai64n() {}

    static byte[] of(Instant time) {
        byte[] out = new byte[BYTES];
        long seconds = BASE + time.getEpochSecond();
        int nanos = time.getNano() & COARSE;
        for (int i = 0; i < 8; i++) {
            out[i] = (byte) (seconds >>> (56 - 8 * i));
        }
        for (int i = 0; i < 4; i++) {
            out[8 + i] = (byte) (nanos >>> (24 - 8 * i));
        }
        return out;
    }

    /** The label {@code nanos} later. */
    static byte[] after(byte[] label, long nanos) {
        ByteBuffer b = ByteBuffer.wrap(label);
        long seconds = b.getLong() - BASE;
        return of(Instant.ofEpochSecond(seconds, (b.getInt() & 0xffff_ffffL) + nanos));
    }

    static boolean isAfter(byte[] a, byte[] b) {
        return Arrays.compareUnsigned(a, b) > 0;
    }
}
