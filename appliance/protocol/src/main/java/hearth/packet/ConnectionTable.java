package hearth.packet;

import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The flows that one side opened: a bounded set-associative table without allocation. One thread
 * inserts, others look up and refresh: each slot has a version that is odd while its key is being
 * written, a reader that meets one sees no entry. A full set gives up its longest idle entry, so
 * that a flood of flows costs the idle ones first and never memory.
 *
 * <p>Times are {@code nanoTime} values; an entry idle for longer than its protocol's time is gone.
 */
final class ConnectionTable {
    static final int SLOTS = 16_384;
    static final long UDP_IDLE_NANOS = 300_000_000_000L;

    /** RFC 5382, REQ-5 asks for at least 2 h 4 min. */
    static final long TCP_IDLE_NANOS = 7_500_000_000_000L;

    private static final int WAYS = 4;
    private static final int KEY_WORDS = 5; // two addresses, then protocol and ports

    private final int setMask;
    private final long seed;
    private final AtomicLongArray keys;
    private final AtomicLongArray touchedNanos;
    private final AtomicIntegerArray generations;
    private final AtomicIntegerArray versions; // 0: never used

    /**
     * {@code slots}: a power of two, at least {@value #WAYS}; {@code seed}: random, so that nobody
     * can aim at one set.
     */
    ConnectionTable(int slots, long seed) {
        if (Integer.bitCount(slots) != 1 || slots < WAYS) {
            throw new IllegalArgumentException("slots " + slots);
        }
        setMask = slots / WAYS - 1;
        this.seed = seed;
        keys = new AtomicLongArray(slots * KEY_WORDS);
        touchedNanos = new AtomicLongArray(slots);
        generations = new AtomicIntegerArray(slots);
        versions = new AtomicIntegerArray(slots);
    }

    /** The slot of the packet's own flow, or -1. */
    int find(PacketHeader p, long nowNanos) {
        return find(
                p.srcHigh, p.srcLow, p.dstHigh, p.dstLow, meta(p, p.srcPort, p.dstPort), nowNanos);
    }

    /** The slot of the flow that the packet answers, or -1. */
    int findReverse(PacketHeader p, long nowNanos) {
        return find(
                p.dstHigh, p.dstLow, p.srcHigh, p.srcLow, meta(p, p.dstPort, p.srcPort), nowNanos);
    }

    /** The filter generation that last allowed the flow. */
    int generation(int slot) {
        return generations.getOpaque(slot);
    }

    void setGeneration(int slot, int generation) {
        generations.setOpaque(slot, generation);
    }

    /** Adds the packet's flow. Inserting thread alone, after {@link #find} said -1. */
    void insert(PacketHeader p, int generation, long nowNanos) {
        long meta = meta(p, p.srcPort, p.dstPort);
        int first = firstSlot(p.srcHigh, p.srcLow, p.dstHigh, p.dstLow, meta);
        int victim = first;
        for (int slot = first; slot < first + WAYS; slot++) {
            if (versions.getPlain(slot) == 0 || isKey(slot, p, meta)) {
                victim = slot;
                break;
            }
            if (touched(slot) - touched(victim) < 0) {
                victim = slot;
            }
        }
        int version = versions.getPlain(victim);
        versions.setOpaque(victim, version | 1);
        VarHandle.storeStoreFence();
        int k = victim * KEY_WORDS;
        keys.setOpaque(k, p.srcHigh);
        keys.setOpaque(k + 1, p.srcLow);
        keys.setOpaque(k + 2, p.dstHigh);
        keys.setOpaque(k + 3, p.dstLow);
        keys.setOpaque(k + 4, meta);
        setGeneration(victim, generation);
        touchedNanos.setOpaque(victim, nowNanos);
        int next = (version | 1) + 1;
        versions.setRelease(victim, next == 0 ? 2 : next);
    }

    /** Inserting thread alone: an expired entry of the same flow is written over. */
    private boolean isKey(int slot, PacketHeader p, long meta) {
        int k = slot * KEY_WORDS;
        return keys.getPlain(k) == p.srcHigh
                && keys.getPlain(k + 1) == p.srcLow
                && keys.getPlain(k + 2) == p.dstHigh
                && keys.getPlain(k + 3) == p.dstLow
                && keys.getPlain(k + 4) == meta;
    }

    private int find(
            long srcHigh, long srcLow, long dstHigh, long dstLow, long meta, long nowNanos) {
        int first = firstSlot(srcHigh, srcLow, dstHigh, dstLow, meta);
        for (int slot = first; slot < first + WAYS; slot++) {
            int version = versions.getAcquire(slot);
            if (version == 0 || (version & 1) != 0) {
                continue;
            }
            int k = slot * KEY_WORDS;
            boolean same =
                    keys.getOpaque(k + 4) == meta
                            && keys.getOpaque(k + 3) == dstLow
                            && keys.getOpaque(k + 1) == srcLow
                            && keys.getOpaque(k) == srcHigh
                            && keys.getOpaque(k + 2) == dstHigh;
            if (!same) {
                continue;
            }
            long idle = nowNanos - touched(slot);
            VarHandle.loadLoadFence();
            if (versions.getOpaque(slot) != version) {
                return -1;
            }
            boolean tcp = (meta >>> 32 & 0xff) == IpProtocol.TCP;
            if (idle > (tcp ? TCP_IDLE_NANOS : UDP_IDLE_NANOS)) {
                return -1;
            }
            return slot;
        }
        return -1;
    }

    /** Marks the entry as used now. Any thread. */
    void touch(int slot, long nowNanos) {
        touchedNanos.setOpaque(slot, nowNanos);
    }

    private long touched(int slot) {
        return touchedNanos.getOpaque(slot);
    }

    private static long meta(PacketHeader p, int fromPort, int toPort) {
        long family = p.v4 ? 1L << 40 : 0;
        return family | (long) p.protocol << 32 | (long) fromPort << 16 | toPort;
    }

    private int firstSlot(long srcHigh, long srcLow, long dstHigh, long dstLow, long meta) {
        // one multiply and shift per word (splitmix64's constants)
        long h = (srcHigh ^ seed) * 0x9e37_79b9_7f4a_7c15L + srcLow;
        h = (h ^ h >>> 30) * 0xbf58_476d_1ce4_e5b9L + dstHigh;
        h = (h ^ h >>> 27) * 0x94d0_49bb_1331_11ebL + dstLow;
        h = (h ^ h >>> 30) * 0xbf58_476d_1ce4_e5b9L + meta;
        h = (h ^ h >>> 27) * 0x94d0_49bb_1331_11ebL;
        return ((int) (h ^ h >>> 31) & setMask) * WAYS;
    }
}
