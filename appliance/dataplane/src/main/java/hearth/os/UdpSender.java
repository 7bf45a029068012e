package hearth.os;

import hearth.base.Memory;
import hearth.base.Slab;

/**
 * Sends trains: datagrams of equal size (the last may be shorter) that lie one behind the other, to
 * one address. One system call with UDP_SEGMENT; without it sendmmsg. Confined to one thread.
 *
 * <p>When the driver cannot segment (EIO, EINVAL) the train is sent again singly and segmentation
 * stays off.
 */
public final class UdpSender implements AutoCloseable {
    public static final int MAX_SEGMENTS = 64;

    // struct msghdr: name 0, namelen 8, iov 16, iovlen 24, control 32, controllen 40, flags 48
    static final int MSGHDR_BYTES = 56;
    static final int MMSGHDR_BYTES = 64;
    static final int IOVEC_BYTES = 16;
    private static final int CMSG_LEN = 18; // header 16, u16
    private static final int CMSG_SPACE = 24;
    private static final long MAPPED = 0xffffL;

    private final Libc libc;
    private final UdpPort port;
    private final Slab slab =
            new Slab(64 + CMSG_SPACE + (long) MAX_SEGMENTS * (MMSGHDR_BYTES + IOVEC_BYTES));
    private final long name = slab.address();
    private final long control = name + 32;
    private final long iovecs = control + 32;
    private final long headers = iovecs + (long) MAX_SEGMENTS * IOVEC_BYTES;
    private boolean segmentation;

    public UdpSender(Libc libc, UdpPort port, boolean segmentation) {
        this.libc = libc;
        this.port = port;
        this.segmentation = segmentation;
        Memory.put64le(control, CMSG_LEN);
        Memory.put32le(control + 8, UdpPort.SOL_UDP);
        Memory.put32le(control + 12, UdpPort.UDP_SEGMENT);
    }

    /**
     * Sends one train.
     *
     * @param high address, IPv4 mapped
     * @param train where the first datagram starts
     * @param length of all together
     * @param segment length of each datagram but the last
     * @return 0, or -errno of what could not be sent
     */
    public int send(long high, long low, int toPort, long train, int length, int segment) {
        int nameLength = putName(high, low, toPort);
        if (nameLength < 0) {
            return nameLength;
        }
        if (segmentation && length > segment) {
            int sent = sendTrain(nameLength, train, length, segment);
            if (sent != -Libc.EIO && sent != -Libc.EINVAL) {
                return sent;
            }
            segmentation = false;
        }
        return sendSingly(nameLength, train, length, segment);
    }

    private int putName(long high, long low, int toPort) {
        Memory.put16(name + 2, toPort);
        if (port.v6()) {
            Memory.put16le(name, UdpPort.AF_INET6);
            Memory.put32le(name + 4, 0);
            Memory.put64(name + 8, high);
            Memory.put64(name + 16, low);
            Memory.put32le(name + 24, 0);
            return UdpPort.SOCKADDR_IN6_BYTES;
        }
        if (high != 0 || low >>> 32 != MAPPED) {
            return -Libc.EAFNOSUPPORT;
        }
        Memory.put16le(name, UdpPort.AF_INET);
        Memory.put32(name + 4, (int) low);
        Memory.put64le(name + 8, 0);
        return UdpPort.SOCKADDR_IN_BYTES;
    }

    private int sendTrain(int nameLength, long train, int length, int segment) {
        putMessage(headers, nameLength, iovecs);
        putIovec(iovecs, train, length);
        Memory.put16le(control + 16, segment);
        Memory.put64le(headers + 32, control);
        Memory.put64le(headers + 40, CMSG_SPACE);
        return retried(true, 1);
    }

    private int sendSingly(int nameLength, long train, int length, int segment) {
        int count = 0;
        for (int at = 0; at < length && count < MAX_SEGMENTS; at += segment) {
            long header = headers + (long) count * MMSGHDR_BYTES;
            long iovec = iovecs + (long) count * IOVEC_BYTES;
            putMessage(header, nameLength, iovec);
            putIovec(iovec, train + at, Math.min(segment, length - at));
            count++;
        }
        return count == 1 ? retried(true, 1) : retried(false, count);
    }

    private void putMessage(long header, int nameLength, long iovec) {
        Memory.put64le(header, name);
        Memory.put64le(header + 8, nameLength);
        Memory.put64le(header + 16, iovec);
        Memory.put64le(header + 24, 1);
        Memory.put64le(header + 32, 0);
        Memory.put64le(header + 40, 0);
        Memory.put64le(header + 48, 0);
    }

    private static void putIovec(long iovec, long base, int length) {
        Memory.put64le(iovec, base);
        Memory.put64le(iovec + 8, length);
    }

    /** A full socket buffer (EAGAIN) is loss, as on any link; only interruptions are retried. */
    private int retried(boolean single, int count) {
        int done = 0;
        while (true) {
            int result =
                    single
                            ? libc.sendmsg(port.fd(), headers)
                            : libc.sendmmsg(
                                    port.fd(), headers + (long) done * MMSGHDR_BYTES, count - done);
            if (result == -Libc.EINTR) {
                continue;
            }
            if (result <= 0 || single) {
                return Math.min(result, 0);
            }
            done += result;
            if (done >= count) {
                return 0;
            }
        }
    }

    @Override
    public void close() {
        slab.close();
    }
}
