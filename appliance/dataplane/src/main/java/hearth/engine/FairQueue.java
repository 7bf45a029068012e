package hearth.engine;

import hearth.base.Memory;
import hearth.base.Slab;
import hearth.os.Tun;
import java.util.Arrays;

/**
 * Frames read from the TUN that wait for the cipher: 32 slots, served in order. A small packet
 * whose flow has nothing here may go first: that is what keeps round trips short beside a bulk
 * transfer. Never reorders inside a flow. The slot used last is used next, while it is in the
 * processor's cache. Confined to the sender thread.
 */
final class FairQueue implements AutoCloseable {
    static final int SLOTS = 32;

    /** A packet up to this length may overtake. */
    static final int SMALL_BYTES = 1500;

    private static final int SLOT_BYTES = 66_560; // Tun.MAX_READ rounded up, and room for padding
    private static final int FLOWS = 1024;

    private final Slab slab = new Slab((long) SLOTS * SLOT_BYTES);
    private final int[] order = new int[SLOTS]; // a ring of slots: those in use, then the free ones
    private final int[] lengths = new int[SLOTS];
    private final int[] flows = new int[SLOTS];
    private final int[] queued = new int[FLOWS];
    private int first;
    private int used;

    FairQueue() {
        Arrays.setAll(order, i -> i);
    }

    boolean full() {
        return used == SLOTS;
    }

    boolean isEmpty() {
        return used == 0;
    }

    /** Where the next frame is to be read to, when not full. */
    long free() {
        return address(order[(first + used) % SLOTS]);
    }

    /** Whether the frame just read to {@link #free} may be sent before all others. */
    boolean mayOvertake(int frameBytes) {
        return frameBytes - Tun.HEADER_BYTES <= SMALL_BYTES
                && queued[flow(free() + Tun.HEADER_BYTES, frameBytes - Tun.HEADER_BYTES)] == 0;
    }

    /** Keeps the frame just read to {@link #free}. */
    void add(int frameBytes) {
        int i = order[(first + used) % SLOTS];
        int flow = flow(address(i) + Tun.HEADER_BYTES, frameBytes - Tun.HEADER_BYTES);
        lengths[i] = frameBytes;
        flows[i] = flow;
        queued[flow]++;
        used++;
    }

    long head() {
        return address(order[first]);
    }

    int headBytes() {
        return lengths[order[first]];
    }

    void removeHead() {
        int old = first;
        int done = order[old];
        queued[flows[done]]--;
        first = (first + 1) % SLOTS;
        used--;
        int next = (first + used) % SLOTS;
        order[old] = order[next];
        order[next] = done;
    }

    private long address(int slot) {
        return slab.address() + (long) slot * SLOT_BYTES;
    }

    /** A number for addresses, protocol and ports; fragments of a packet have the same. */
    static int flow(long packet, int length) {
        long h;
        long ports;
        if (length >= Frame.V6_HEADER && Frame.version(packet) == 6) {
            h = Memory.i64(packet + 8) * 31 + Memory.i64(packet + 16);
            h = h * 31 + Memory.i64(packet + 24);
            h = h * 31 + Memory.i64(packet + 32);
            int protocol = Memory.u8(packet + 6);
            boolean known = protocol == Frame.TCP || protocol == Frame.UDP;
            ports = known && length >= 44 ? Memory.i32(packet + 40) : 0;
            h += protocol;
        } else if (length >= Frame.V4_HEADER) {
            h = Memory.i64(packet + 12);
            int protocol = Memory.u8(packet + 9);
            boolean known = protocol == Frame.TCP || protocol == Frame.UDP;
            int at = (Memory.u8(packet) & 0xf) * 4;
            boolean whole = (Memory.u16(packet + 6) & 0x3fff) == 0;
            ports = known && whole && length >= at + 4 ? Memory.i32(packet + at) : 0;
            h = h * 31 + protocol;
        } else {
            return 0;
        }
        h = (h * 31 + ports) * 0x9e37_79b9_7f4a_7c15L;
        return (int) (h >>> 54); // 10 bits
    }

    @Override
    public void close() {
        slab.close();
    }
}
