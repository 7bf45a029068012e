package hearth.derp;

import hearth.crypto.NodeKey;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Encoded frames waiting for one connection, in a ring of bytes that grows up to a limit; a frame
 * that does not fit pushes the oldest out. Ring memory is taken from a budget that all queues
 * share. Guarded by its owner.
 */
final class FrameQueue {
    private static final int FIRST_RING = 512;
    private static final byte[] NONE = {};

    private final int limitBytes;
    private final AtomicLong budget;
    private final byte[] head = new byte[DerpFrame.HEADER_LENGTH + NodeKey.LENGTH];
    private final ByteBuffer headBuffer = ByteBuffer.wrap(head);
    private byte[] ring = NONE;
    private int start;
    private int size;

    /**
     * An empty queue.
     *
     * @param budget bytes that rings may still take in all
     */
    FrameQueue(int limitBytes, AtomicLong budget) {
        this.limitBytes = limitBytes;
        this.budget = budget;
    }

    boolean isEmpty() {
        return size == 0;
    }

    int sizeBytes() {
        return size;
    }

    /**
     * Adds a packet frame: header, {@code key}, packet.
     *
     * @return how many of the oldest were pushed out, or -1 when the frame itself was dropped
     */
    int offerPacket(int type, NodeKey key, byte[] in, int offset, int count) {
        int pushed = makeRoom(head.length + count);
        if (pushed >= 0) {
            headBuffer.clear().put((byte) type).putInt(NodeKey.LENGTH + count);
            key.writeTo(headBuffer);
            append(head, 0, head.length);
            append(in, offset, count);
        }
        return pushed;
    }

    /** Adds any frame; result as of {@link #offerPacket}. */
    int offer(DerpFrame frame) {
        int whole = DerpFrame.HEADER_LENGTH + frame.bodyLength();
        int pushed = makeRoom(whole);
        if (pushed >= 0) {
            ByteBuffer encoded = ByteBuffer.allocate(whole);
            frame.encode(encoded);
            append(encoded.array(), 0, whole);
        }
        return pushed;
    }

    /** Length of the oldest frame with its header, 0 when empty. */
    int nextLength() {
        if (size == 0) {
            return 0;
        }
        int length = 0;
        for (int i = 1; i < DerpFrame.HEADER_LENGTH; i++) {
            length = (length << 8) | (ring[(start + i) % ring.length] & 0xff);
        }
        return DerpFrame.HEADER_LENGTH + length;
    }

    /** Moves whole frames, oldest first, into {@code out} up to {@code end}; gives their bytes. */
    int drainTo(byte[] out, int from, int end) {
        int n = 0;
        for (int next = nextLength(); next > 0 && next <= end - from - n; next = nextLength()) {
            int first = Math.min(next, ring.length - start);
            System.arraycopy(ring, start, out, from + n, first);
            System.arraycopy(ring, 0, out, from + n + first, next - first);
            drop(next);
            n += next;
        }
        return n;
    }

    /** Drops everything and gives the memory back. */
    void release() {
        budget.addAndGet(ring.length);
        ring = NONE;
        start = 0;
        size = 0;
    }

    private int makeRoom(int whole) {
        if (whole > limitBytes) {
            return -1;
        }
        if (size + whole > ring.length) {
            grow(size + whole);
        }
        if (whole > ring.length) {
            return -1;
        }
        int pushed = 0;
        while (size + whole > ring.length) {
            drop(nextLength());
            pushed++;
        }
        return pushed;
    }

    private void grow(int wanted) {
        int capacity = Math.max(ring.length, FIRST_RING);
        while (capacity < wanted && capacity < limitBytes) {
            capacity *= 2;
        }
        capacity = Math.min(capacity, limitBytes);
        int more = capacity - ring.length;
        if (more <= 0) {
            return;
        }
        if (budget.addAndGet(-more) < 0) {
            budget.addAndGet(more);
            return;
        }
        byte[] larger = new byte[capacity];
        int first = Math.min(size, ring.length - start);
        System.arraycopy(ring, start, larger, 0, first);
        System.arraycopy(ring, 0, larger, first, size - first);
        ring = larger;
        start = 0;
    }

    private void drop(int bytes) {
        start = (start + bytes) % ring.length;
        size -= bytes;
    }

    private void append(byte[] in, int offset, int count) {
        int at = (start + size) % ring.length;
        int first = Math.min(count, ring.length - at);
        System.arraycopy(in, offset, ring, at, first);
        System.arraycopy(in, offset + first, ring, 0, count - first);
        size += count;
    }
}
