package hearth.os;

import hearth.base.Memory;
import hearth.base.Slab;

/**
 * Receives datagrams into native memory: with UDP_GRO a train of one sender per call, without it up
 * to {@link #BATCH} datagrams. What was received is described by {@link #count} messages, each of
 * one or more datagrams of {@link #segment} bytes. Confined to one thread.
 *
 * <p>There are {@link #BUFFERS} buffers, filled in turn: a message stays valid until {@link
 * #receive} was called that many times again.
 */
public final class UdpReceiver implements AutoCloseable {
    public static final int BUFFERS = 4;
    public static final int BATCH = 32;

    /** Longest datagram without GRO; longer ones are dropped as truncated. */
    private static final int SINGLE_BYTES = 2048;

    private static final int BUFFER_BYTES = 65_536;
    private static final int SLOT_BYTES = 96;
    private static final int NAME_AT = 0; // sockaddr, 28 bytes
    private static final int IOVEC_AT = 32;
    private static final int CONTROL_AT = 48;
    private static final int CONTROL_BYTES = 40;
    private static final int MSG_TRUNC = 0x20;

    private final Libc libc;
    private final UdpPort port;
    private final Slab buffers = new Slab((long) BUFFERS * BUFFER_BYTES);
    private final Slab slots = new Slab((long) BATCH * SLOT_BYTES);
    private final Slab mmsg = new Slab((long) BATCH * Msghdr.MMSGHDR_BYTES);
    private int nextBuffer;
    private int count;

    public UdpReceiver(Libc libc, UdpPort port) {
        this.libc = libc;
        this.port = port;
    }

    /**
     * Receives what is there.
     *
     * @return messages, 0 when nothing waits, or -errno
     */
    public int receive() {
        long buffer = buffers.address() + (long) nextBuffer * BUFFER_BYTES;
        int result = port.gro() ? receiveTrain(buffer) : receiveSingly(buffer);
        if (result > 0) {
            nextBuffer = (nextBuffer + 1) % BUFFERS;
        }
        count = Math.max(result, 0);
        return result == -Libc.EAGAIN ? 0 : result;
    }

    private int receiveTrain(long buffer) {
        long header = prepare(0, buffer, BUFFER_BYTES);
        int result = libc.recvmsg(port.fd(), header);
        if (result >= 0) {
            Memory.put32le(header + Msghdr.MESSAGE_LENGTH, result);
            return 1;
        }
        return result;
    }

    private int receiveSingly(long buffer) {
        for (int i = 0; i < BATCH; i++) {
            prepare(i, buffer + (long) i * SINGLE_BYTES, SINGLE_BYTES);
        }
        return libc.recvmmsg(port.fd(), mmsg.address(), BATCH);
    }

    /** The kernel overwrites lengths: all is set before each call. */
    private long prepare(int index, long buffer, int bytes) {
        long slot = slots.address() + (long) index * SLOT_BYTES;
        long header = mmsg.address() + (long) index * Msghdr.MMSGHDR_BYTES;
        Msghdr.putIovec(slot + IOVEC_AT, buffer, bytes);
        Msghdr.put(
                header,
                slot + NAME_AT,
                Msghdr.SOCKADDR_IN6_BYTES,
                slot + IOVEC_AT,
                slot + CONTROL_AT,
                CONTROL_BYTES);
        return header;
    }

    private long header(int message) {
        assert message < count;
        return mmsg.address() + (long) message * Msghdr.MMSGHDR_BYTES;
    }

    private long slot(int message) {
        return slots.address() + (long) message * SLOT_BYTES;
    }

    /** Where a message's first datagram starts. */
    public long address(int message) {
        return Msghdr.iovecBase(slot(message) + IOVEC_AT);
    }

    /** Bytes of all datagrams of a message; 0 when it was truncated. */
    public int length(int message) {
        long h = header(message);
        boolean truncated = (Memory.i32le(h + Msghdr.FLAGS) & MSG_TRUNC) != 0;
        return truncated ? 0 : Memory.i32le(h + Msghdr.MESSAGE_LENGTH);
    }

    /** Bytes of each datagram of a message but the last. */
    public int segment(int message) {
        long h = header(message);
        long control = Memory.i64le(h + Msghdr.CONTROL_LENGTH);
        long cmsg = slot(message) + CONTROL_AT;
        if (control >= Msghdr.CMSG_DATA + Integer.BYTES
                && Memory.i32le(cmsg + Msghdr.CMSG_LEVEL) == UdpPort.SOL_UDP
                && Memory.i32le(cmsg + Msghdr.CMSG_TYPE) == UdpPort.UDP_GRO) {
            int segment = Memory.i32le(cmsg + Msghdr.CMSG_DATA);
            if (segment > 0) {
                return segment;
            }
        }
        return Math.max(1, length(message));
    }

    /** Upper half of the source address; 0 for IPv4, which is mapped. */
    public long sourceHigh(int message) {
        long name = slot(message) + NAME_AT;
        return Memory.u16le(name + Msghdr.FAMILY) == UdpPort.AF_INET6
                ? Memory.i64(name + Msghdr.V6_ADDRESS)
                : 0;
    }

    public long sourceLow(int message) {
        long name = slot(message) + NAME_AT;
        return Memory.u16le(name + Msghdr.FAMILY) == UdpPort.AF_INET6
                ? Memory.i64(name + Msghdr.V6_ADDRESS + Long.BYTES)
                : 0xffff_0000_0000L | (Memory.i32(name + Msghdr.V4_ADDRESS) & 0xffff_ffffL);
    }

    public int sourcePort(int message) {
        return Memory.u16(slot(message) + NAME_AT + Msghdr.PORT);
    }

    @Override
    public void close() {
        buffers.close();
        slots.close();
        mmsg.close();
    }
}
