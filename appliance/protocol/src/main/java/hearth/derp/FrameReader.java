package hearth.derp;

import hearth.base.WireException;
import java.nio.ByteBuffer;

/**
 * Cuts a byte stream, given in chunks of any size, into frames. A frame that lies whole in a chunk
 * is not copied; of others the part that came is kept, so memory never exceeds one admitted frame.
 * Confined to one thread.
 */
final class FrameReader {
    /** Judges a frame by its header, before any of its body is kept. */
    @FunctionalInterface
    interface Gate {
        /**
         * Judges one header.
         *
         * @param length unsigned length of the body
         * @return true to read the frame, false to skip it
         * @throws WireException when the stream must end
         */
        boolean wants(int type, long length) throws WireException;
    }

    private static final int KEPT_CARRY = 2048;
    private static final byte[] EMPTY = {};

    private final Gate gate;
    private byte[] chunk = EMPTY;
    private int position;
    private int end;
    private byte[] carry = EMPTY;
    private int carried;
    private boolean headerJudged; // of the frame that is carried
    private long skipBytes;

    private int type;
    private byte[] bytes = EMPTY;
    private int offset;
    private int length;

    FrameReader(Gate gate) {
        this.gate = gate;
    }

    /** Gives the next chunk; the one before must have been read to its end by {@link #next}. */
    void feed(byte[] in, int from, int count) {
        assert position == end : "chunk left over";
        if (carried == 0 && carry.length > KEPT_CARRY) {
            carry = EMPTY;
        }
        chunk = in;
        position = from;
        end = from + count;
    }

    /** Steps to the next whole frame, false when the chunk holds no more. */
    boolean next() throws WireException {
        while (true) {
            if (skipBytes > 0) {
                int n = (int) Math.min(skipBytes, end - position);
                position += n;
                skipBytes -= n;
                if (skipBytes > 0) {
                    return false;
                }
            }
            byte[] from = carried > 0 ? carry : chunk;
            int at = carried > 0 ? 0 : position;
            int available = carried > 0 ? carried : end - position;
            if (available < DerpFrame.HEADER_LENGTH) {
                if (!carryUpTo(DerpFrame.HEADER_LENGTH)) {
                    return false;
                }
                continue;
            }
            long bodyLength = length(from, at);
            if (!headerJudged) {
                if (!gate.wants(from[at] & 0xff, bodyLength)) {
                    skipBytes = bodyLength;
                    position += carried > 0 ? 0 : DerpFrame.HEADER_LENGTH;
                    carried = 0;
                    continue;
                }
                headerJudged = true;
            }
            int whole = DerpFrame.HEADER_LENGTH + (int) bodyLength;
            if (available < whole) {
                if (!carryUpTo(whole)) {
                    return false;
                }
                continue;
            }
            type = from[at] & 0xff;
            bytes = from;
            offset = at + DerpFrame.HEADER_LENGTH;
            length = (int) bodyLength;
            position += carried > 0 ? 0 : whole;
            carried = 0;
            headerJudged = false;
            return true;
        }
    }

    private static long length(byte[] in, int at) {
        return (in[at + 1] & 0xffL) << 24
                | (in[at + 2] & 0xff) << 16
                | (in[at + 3] & 0xff) << 8
                | (in[at + 4] & 0xff);
    }

    /** Moves bytes from the chunk until {@code want} are carried; false when it ran out before. */
    private boolean carryUpTo(int want) {
        int n = Math.min(want - carried, end - position);
        if (n == 0) {
            return false;
        }
        if (carry.length < want) {
            byte[] larger = new byte[Math.max(want, KEPT_CARRY)];
            System.arraycopy(carry, 0, larger, 0, carried);
            carry = larger;
        }
        System.arraycopy(chunk, position, carry, carried, n);
        position += n;
        carried += n;
        return carried == want;
    }

    int type() {
        return type;
    }

    /** Holds the frame's body from {@link #offset}, valid until the next step. */
    byte[] bytes() {
        return bytes;
    }

    int offset() {
        return offset;
    }

    int length() {
        return length;
    }

    DerpFrame frame() throws WireException {
        return DerpFrame.decode(type, ByteBuffer.wrap(bytes, offset, length).slice());
    }
}
