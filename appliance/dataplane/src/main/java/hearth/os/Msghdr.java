package hearth.os;

import hearth.base.Memory;

/**
 * The structures of sendmsg and recvmsg in native memory, 64-bit Linux (bits/socket.h,
 * bits/types/struct_iovec.h, netinet/in.h):
 *
 * <pre>
 * msghdr    0 name  8 name length u32  16 iovec  24 iovecs u64  32 control  40 control length u64  48 flags i32
 * mmsghdr   0 msghdr  56 length u32
 * iovec     0 base  8 length u64
 * cmsghdr   0 length u64  8 level i32  12 type i32  16 data
 * sockaddr  0 family u16  2 port u16be, then IPv4: 4 address; IPv6: 4 flow  8 address  24 scope
 * </pre>
 */
final class Msghdr {
    private static final int NAME = 0;
    private static final int NAME_LENGTH = 8;
    private static final int IOVEC = 16;
    private static final int IOVEC_COUNT = 24;
    private static final int CONTROL = 32;
    static final int CONTROL_LENGTH = 40;
    static final int FLAGS = 48;

    /** What an mmsghdr has behind its msghdr: the bytes of the message. */
    static final int MESSAGE_LENGTH = 56;

    static final int MMSGHDR_BYTES = 64;

    private static final int IOV_BASE = 0;
    private static final int IOV_LEN = 8;
    static final int IOVEC_BYTES = 16;

    static final int CMSG_LEVEL = 8;
    static final int CMSG_TYPE = 12;
    static final int CMSG_DATA = 16;

    static final int FAMILY = 0;
    static final int PORT = 2;
    static final int V4_ADDRESS = 4;
    static final int V6_FLOW = 4;
    static final int V6_ADDRESS = 8;
    static final int V6_SCOPE = 24;
    static final int SOCKADDR_IN_BYTES = 16;
    static final int SOCKADDR_IN6_BYTES = 28;

    private Msghdr() {}

    /** Fills in an msghdr with one iovec; {@code control} 0 for none. */
    static void put(
            long at, long name, int nameLength, long iovec, long control, int controlLength) {
        Memory.put64le(at + NAME, name);
        Memory.put64le(at + NAME_LENGTH, nameLength);
        Memory.put64le(at + IOVEC, iovec);
        Memory.put64le(at + IOVEC_COUNT, 1);
        Memory.put64le(at + CONTROL, control);
        Memory.put64le(at + CONTROL_LENGTH, controlLength);
        Memory.put64le(at + FLAGS, 0);
    }

    static void putIovec(long at, long base, int length) {
        Memory.put64le(at + IOV_BASE, base);
        Memory.put64le(at + IOV_LEN, length);
    }

    static long iovecBase(long at) {
        return Memory.i64le(at + IOV_BASE);
    }
}
