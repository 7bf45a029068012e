package hearth.base;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Native memory addressed by a plain {@code long}: the one backing kind of every hot path (docs/adr
 * 0002). Reads and writes are unaligned; the order is in the name, without a name it is network
 * order. Nothing here allocates.
 *
 * <p>Only addresses inside an open {@link Slab} may be used. With assertions on (tests) each access
 * is checked against the open slabs; with assertions off a wrong address crashes the process.
 */
public final class Memory {
    private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    private static final ValueLayout.OfShort SHORT_BE =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT_BE =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong LONG_BE =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfShort SHORT_LE =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT_LE =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG_LE =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT_NATIVE = ValueLayout.JAVA_INT_UNALIGNED;

    /** Start and end of each open slab, ascending, for the checks under assertions. */
    private static volatile long[] slabs = new long[0];

    private Memory() {}

    /** The unsigned byte at {@code address}. */
    public static int u8(long address) {
        assert inBounds(address, 1);
        return ALL.get(ValueLayout.JAVA_BYTE, address) & 0xff;
    }

    public static int u16(long address) {
        assert inBounds(address, 2);
        return ALL.get(SHORT_BE, address) & 0xffff;
    }

    public static int i32(long address) {
        assert inBounds(address, 4);
        return ALL.get(INT_BE, address);
    }

    public static long i64(long address) {
        assert inBounds(address, 8);
        return ALL.get(LONG_BE, address);
    }

    public static int u16le(long address) {
        assert inBounds(address, 2);
        return ALL.get(SHORT_LE, address) & 0xffff;
    }

    public static int i32le(long address) {
        assert inBounds(address, 4);
        return ALL.get(INT_LE, address);
    }

    public static long i64le(long address) {
        assert inBounds(address, 8);
        return ALL.get(LONG_LE, address);
    }

    public static void put8(long address, int value) {
        assert inBounds(address, 1);
        ALL.set(ValueLayout.JAVA_BYTE, address, (byte) value);
    }

    public static void put16(long address, int value) {
        assert inBounds(address, 2);
        ALL.set(SHORT_BE, address, (short) value);
    }

    public static void put32(long address, int value) {
        assert inBounds(address, 4);
        ALL.set(INT_BE, address, value);
    }

    public static void put64(long address, long value) {
        assert inBounds(address, 8);
        ALL.set(LONG_BE, address, value);
    }

    public static void put16le(long address, int value) {
        assert inBounds(address, 2);
        ALL.set(SHORT_LE, address, (short) value);
    }

    public static void put32le(long address, int value) {
        assert inBounds(address, 4);
        ALL.set(INT_LE, address, value);
    }

    public static void put64le(long address, long value) {
        assert inBounds(address, 8);
        ALL.set(LONG_LE, address, value);
    }

    /** Copies {@code length} bytes; the ranges may overlap. */
    public static void copy(long from, long to, int length) {
        assert inBounds(from, length) && inBounds(to, length);
        MemorySegment.copy(ALL, from, ALL, to, length);
    }

    public static void copyIn(byte[] from, int offset, long to, int length) {
        assert inBounds(to, length);
        MemorySegment.copy(from, offset, ALL, ValueLayout.JAVA_BYTE, to, length);
    }

    public static void copyOut(long from, byte[] to, int offset, int length) {
        assert inBounds(from, length);
        MemorySegment.copy(ALL, ValueLayout.JAVA_BYTE, from, to, offset, length);
    }

    public static byte[] bytes(long from, int length) {
        byte[] out = new byte[length];
        copyOut(from, out, 0, length);
        return out;
    }

    public static void zero(long address, int length) {
        assert inBounds(address, length);
        ALL.asSlice(address, length).fill((byte) 0);
    }

    public static boolean equal(long a, long b, int length) {
        assert inBounds(a, length) && inBounds(b, length);
        return MemorySegment.mismatch(ALL, a, a + length, ALL, b, b + length) < 0;
    }

    /**
     * The one's-complement sum of {@code length} bytes as machine-order 16-bit words, added to
     * {@code sum} and not folded: see {@link #foldSum}. An odd last byte counts as the first of its
     * word (RFC 1071).
     *
     * <p>The loop has the one form that the compiler vectorises, some seven times as fast as the
     * next best: its end is computed before it, and its index is not used behind it.
     */
    public static long sum(long address, int length, long sum) {
        assert inBounds(address, length);
        int words = length & -4;
        for (int i = 0; i < words; i += 4) {
            sum += ALL.get(INT_NATIVE, address + i) & 0xffff_ffffL;
        }
        long tail = address + words;
        if ((length & 2) != 0) {
            sum += ALL.get(ValueLayout.JAVA_SHORT_UNALIGNED, tail) & 0xffffL;
            tail += 2;
        }
        if ((length & 1) != 0) {
            int last = ALL.get(ValueLayout.JAVA_BYTE, tail) & 0xff;
            sum += ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? last : (long) last << 8;
        }
        return sum;
    }

    /** Folds a {@link #sum} to the 16 bits that stand on the wire, in network order. */
    public static int foldSum(long sum) {
        long s = (sum & 0xffff_ffffL) + (sum >>> 32);
        s = (s & 0xffff_ffffL) + (s >>> 32);
        s = (s & 0xffff) + (s >>> 16);
        s = (s & 0xffff) + (s >>> 16);
        return ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN
                ? Short.reverseBytes((short) s) & 0xffff
                : (int) s;
    }

    /** What a 16-bit word in network order adds to a {@link #sum}. */
    public static long wordForSum(int value) {
        return ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN
                ? Short.reverseBytes((short) value) & 0xffffL
                : value & 0xffffL;
    }

    static synchronized void opened(long address, long bytes) {
        long[] old = slabs;
        long[] all = Arrays.copyOf(old, old.length + 2);
        int i = all.length - 2;
        for (; i > 0 && all[i - 2] > address; i -= 2) {
            all[i] = all[i - 2];
            all[i + 1] = all[i - 1];
        }
        all[i] = address;
        all[i + 1] = address + bytes;
        slabs = all;
    }

    static synchronized void closed(long address) {
        long[] old = slabs;
        long[] rest = new long[old.length - 2];
        int n = 0;
        for (int i = 0; i < old.length; i += 2) {
            if (old[i] != address) {
                rest[n++] = old[i];
                rest[n++] = old[i + 1];
            }
        }
        slabs = rest;
    }

    private static boolean inBounds(long address, long length) {
        if (length == 0) {
            return true;
        }
        long[] all = slabs;
        int low = 0;
        int high = all.length / 2 - 1;
        while (low <= high) { // the last slab that starts at or before the address
            int middle = (low + high) >>> 1;
            if (all[2 * middle] <= address) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        if (length < 0 || high < 0 || address + length > all[2 * high + 1]) {
            throw new IndexOutOfBoundsException(
                    length + " bytes at 0x" + Long.toHexString(address) + " are in no open slab");
        }
        return true;
    }
}
