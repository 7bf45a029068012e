package hearth.os;

import hearth.base.Memory;
import hearth.base.Slab;

/**
 * Sends trains: datagrams of equal size (the last may be shorter) that lie one behind the other, to
 * one address. One system call with UDP_SEGMENT; without it sendmmsg. Confined to one thread.
 *
 * <p>When the system cannot segment the train is sent singly and segmentation stays off. When only
 * the way is too narrow for the datagrams (the kernel does not segment into fragments), the trains
 * of this way alone are sent singly: then the kernel makes fragments.
 */
public final class UdpSender implements AutoCloseable {
    public static final int MAX_SEGMENTS = 64;

    private static final int CMSG_LEN = Msghdr.CMSG_DATA + Short.BYTES;
    private static final int CMSG_SPACE = 24; // CMSG_LEN rounded up to 8
    private static final int ROOM = 32; // for the address, and for CMSG_SPACE
    private static final long MAPPED = 0xffffL;

    /** Bytes of a datagram that fit on every way: the least MTU of IPv6 without its headers. */
    private static final int FITS_EVERYWHERE = 1280 - 40 - 8;

    private final Libc libc;
    private final UdpPort port;
    private final Slab slab =
            new Slab(2 * ROOM + (long) MAX_SEGMENTS * (Msghdr.MMSGHDR_BYTES + Msghdr.IOVEC_BYTES));
    private final long name = slab.address();
    private final long control = name + ROOM;
    private final long iovecs = control + ROOM;
    private final long headers = iovecs + (long) MAX_SEGMENTS * Msghdr.IOVEC_BYTES;
    private boolean segmentation;

    public UdpSender(Libc libc, UdpPort port, boolean segmentation) {
        this.libc = libc;
        this.port = port;
        this.segmentation = segmentation;
        Memory.put64le(control, CMSG_LEN);
        Memory.put32le(control + Msghdr.CMSG_LEVEL, UdpPort.SOL_UDP);
        Memory.put32le(control + Msghdr.CMSG_TYPE, UdpPort.UDP_SEGMENT);
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
            if (sent != -Libc.EIO && sent != -Libc.EINVAL && sent != -Libc.EMSGSIZE) {
                return sent;
            }
            segmentation = mayBeNarrow(sent, segment);
        }
        return sendSingly(nameLength, train, length, segment);
    }

    /**
     * Whether the way is to blame that a train was refused, not the system. Narrow ways are told as
     * EMSGSIZE, by kernels before 6.14 as EINVAL.
     */
    static boolean mayBeNarrow(int error, int segment) {
        return error == -Libc.EMSGSIZE || (error == -Libc.EINVAL && segment > FITS_EVERYWHERE);
    }

    private int putName(long high, long low, int toPort) {
        Memory.put16(name + Msghdr.PORT, toPort);
        if (port.v6()) {
            Memory.put16le(name + Msghdr.FAMILY, UdpPort.AF_INET6);
            Memory.put32le(name + Msghdr.V6_FLOW, 0);
            Memory.put64(name + Msghdr.V6_ADDRESS, high);
            Memory.put64(name + Msghdr.V6_ADDRESS + Long.BYTES, low);
            Memory.put32le(name + Msghdr.V6_SCOPE, 0);
            return Msghdr.SOCKADDR_IN6_BYTES;
        }
        if (high != 0 || low >>> 32 != MAPPED) {
            return -Libc.EAFNOSUPPORT;
        }
        Memory.put16le(name + Msghdr.FAMILY, UdpPort.AF_INET);
        Memory.put32(name + Msghdr.V4_ADDRESS, (int) low);
        return Msghdr.SOCKADDR_IN_BYTES;
    }

    private int sendTrain(int nameLength, long train, int length, int segment) {
        Msghdr.put(headers, name, nameLength, iovecs, control, CMSG_SPACE);
        Msghdr.putIovec(iovecs, train, length);
        Memory.put16le(control + Msghdr.CMSG_DATA, segment);
        return retried(true, 1);
    }

    private int sendSingly(int nameLength, long train, int length, int segment) {
        int count = 0;
        for (int at = 0; at < length && count < MAX_SEGMENTS; at += segment) {
            long header = headers + (long) count * Msghdr.MMSGHDR_BYTES;
            long iovec = iovecs + (long) count * Msghdr.IOVEC_BYTES;
            Msghdr.put(header, name, nameLength, iovec, 0, 0);
            Msghdr.putIovec(iovec, train + at, Math.min(segment, length - at));
            count++;
        }
        return count == 1 ? retried(true, 1) : retried(false, count);
    }

    /** A full socket buffer (EAGAIN) is loss, as on any link; only interruptions are retried. */
    private int retried(boolean single, int count) {
        int done = 0;
        while (true) {
            int result =
                    single
                            ? libc.sendmsg(port.fd(), headers)
                            : libc.sendmmsg(
                                    port.fd(),
                                    headers + (long) done * Msghdr.MMSGHDR_BYTES,
                                    count - done);
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
