package hearth.os;

import hearth.base.Memory;
import hearth.base.Slab;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * A TUN interface with virtio headers. Each packet is preceded by 10 bytes, integers little endian:
 *
 * <pre>
 * 0 flags u8: 1 = the checksum must be completed    1 gso type u8: 0 none, 1 TCPv4, 4 TCPv6, 5 UDP
 * 2 header length u16                               4 segment size u16
 * 6 checksum start u16                              8 checksum offset u16, from the start
 * </pre>
 *
 * The descriptor does not block. One thread reads, one writes, each with its own {@link Libc}.
 * (linux/if_tun.h, linux/virtio_net.h)
 */
public final class Tun implements PacketDevice {
    public static final int HEADER_BYTES = 10;
    public static final int NEEDS_CSUM = 1;
    public static final int GSO_NONE = 0;
    public static final int GSO_TCP4 = 1;
    public static final int GSO_TCP6 = 4;
    public static final int GSO_UDP = 5;

    /** Room for the largest read: header and packet. */
    public static final int MAX_READ = HEADER_BYTES + 65_535;

    private static final long TUNSETIFF = 0x400454caL;
    private static final long TUNSETOFFLOAD = 0x400454d0L;
    private static final long SIOCGIFFLAGS = 0x8913;
    private static final long SIOCSIFFLAGS = 0x8914;
    private static final long SIOCSIFMTU = 0x8922;
    private static final int IFF_TUN = 0x1;
    private static final int IFF_NO_PI = 0x1000;
    private static final int IFF_VNET_HDR = 0x4000;
    private static final int IFF_UP = 0x1;
    private static final int OFFLOAD_CSUM = 0x1;
    private static final int OFFLOAD_TSO = 0x2 | 0x4;
    private static final int OFFLOAD_USO = 0x20 | 0x40; // Linux 6.2
    private static final int IFREQ_BYTES = 40; // name[16], then a union: flags and mtu at 16
    private static final int IFREQ_UNION = 16;
    private static final int NAME_BYTES = 16;

    /** What the kernel may hand over uncut. */
    public record Offload(boolean tcp, boolean udp) {
        public static final Offload ALL = new Offload(true, true);
        public static final Offload NONE = new Offload(false, false);
    }

    private final int fd;
    private final String name;
    private Offload offload = Offload.NONE;

    private Tun(int fd, String name) {
        this.fd = fd;
        this.name = name;
    }

    /**
     * Makes interface {@code name} (1 to 15 bytes, may end in {@code %d}), down and without
     * address.
     *
     * @throws IOException without the capability, or when the name is taken
     */
    public static Tun open(String name, Offload wanted) throws IOException {
        try (var ifreq = new Slab(IFREQ_BYTES)) {
            int fd =
                    LibcSetup.must(
                            "open /dev/net/tun",
                            LibcSetup.open(
                                    "/dev/net/tun",
                                    LibcSetup.O_RDWR | LibcSetup.O_NONBLOCK | LibcSetup.O_CLOEXEC));
            putName(ifreq, name);
            Memory.put16le(ifreq.address() + IFREQ_UNION, IFF_TUN | IFF_NO_PI | IFF_VNET_HDR);
            int result = LibcSetup.ioctl(fd, TUNSETIFF, ifreq.address());
            if (result < 0) {
                LibcSetup.close(fd);
                throw new IOException("make interface " + name + ": " + why(-result));
            }
            byte[] got = Memory.bytes(ifreq.address(), NAME_BYTES);
            int length = 0;
            while (length < got.length && got[length] != 0) {
                length++;
            }
            var tun = new Tun(fd, new String(got, 0, length, StandardCharsets.US_ASCII));
            tun.setOffload(wanted);
            return tun;
        }
    }

    /** What the kernel means by {@code errno} here; it uses it for other things elsewhere. */
    private static String why(int errno) {
        return switch (errno) {
            case Libc.EINVAL -> "an interface of another kind has that name";
            case Libc.EBUSY -> "another program has it";
            case Libc.ENOTTY -> "/dev/net/tun is not the kernel's device";
            default -> LibcSetup.reason(errno);
        };
    }

    /** Asks for offloads, takes what the kernel gives: USO needs Linux 6.2. */
    private void setOffload(Offload wanted) {
        int tcp = wanted.tcp() ? OFFLOAD_CSUM | OFFLOAD_TSO : 0;
        int udp = wanted.udp() ? OFFLOAD_CSUM | OFFLOAD_USO : 0;
        if (LibcSetup.ioctl(fd, TUNSETOFFLOAD, tcp | udp) == 0) {
            offload = wanted;
        } else if (LibcSetup.ioctl(fd, TUNSETOFFLOAD, tcp) == 0) {
            offload = new Offload(wanted.tcp(), false);
        } else {
            LibcSetup.ioctl(fd, TUNSETOFFLOAD, 0);
        }
    }

    public String name() {
        return name;
    }

    @Override
    public int fd() {
        return fd;
    }

    @Override
    public Offload offload() {
        return offload;
    }

    /** Sets the MTU and brings the interface up. */
    public void up(int mtu) throws IOException {
        try (var ifreq = new Slab(IFREQ_BYTES)) {
            int socket =
                    LibcSetup.must(
                            "socket", LibcSetup.socket(UdpPort.AF_INET, UdpPort.SOCK_DGRAM, 0));
            try {
                putName(ifreq, name);
                Memory.put32le(ifreq.address() + IFREQ_UNION, mtu);
                LibcSetup.must("set MTU", LibcSetup.ioctl(socket, SIOCSIFMTU, ifreq.address()));
                LibcSetup.must("get flags", LibcSetup.ioctl(socket, SIOCGIFFLAGS, ifreq.address()));
                int flags = Memory.u16le(ifreq.address() + IFREQ_UNION);
                Memory.put16le(ifreq.address() + IFREQ_UNION, flags | IFF_UP);
                LibcSetup.must("set up", LibcSetup.ioctl(socket, SIOCSIFFLAGS, ifreq.address()));
            } finally {
                LibcSetup.close(socket);
            }
        }
    }

    @Override
    public int read(Libc libc, long buffer) {
        return libc.read(fd, buffer, MAX_READ);
    }

    @Override
    public int write(Libc libc, long iovecs, int count) {
        return libc.writev(fd, iovecs, count);
    }

    private static void putName(Slab ifreq, String name) {
        byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
        if (bytes.length == 0 || bytes.length >= NAME_BYTES) {
            throw new IllegalArgumentException("interface name \"" + name + "\", 1 to 15 bytes");
        }
        Memory.zero(ifreq.address(), IFREQ_BYTES);
        Memory.copyIn(bytes, 0, ifreq.address(), bytes.length);
    }

    /** Removes the interface; after the threads that use it have ended. */
    @Override
    public void close() {
        LibcSetup.close(fd);
    }
}
