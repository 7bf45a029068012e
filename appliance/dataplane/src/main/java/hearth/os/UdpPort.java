package hearth.os;

import hearth.base.Memory;
import hearth.base.Slab;
import java.io.IOException;
import java.net.BindException;

/**
 * One UDP port for both families: a socket of IPv6 that also takes IPv4 (mapped addresses), or one
 * of IPv4 on a machine without IPv6. The descriptor does not block. Senders and receivers are
 * {@link UdpSender} and {@link UdpReceiver}, one of each per thread.
 */
public final class UdpPort implements AutoCloseable {
    static final int AF_INET = 2;
    static final int AF_INET6 = 10;
    static final int SOCK_DGRAM = 2;
    private static final int SOCK_FLAGS =
            LibcSetup.O_NONBLOCK | LibcSetup.O_CLOEXEC; // the same bits
    private static final int SOL_SOCKET = 1;
    private static final int SO_SNDBUF = 7;
    private static final int SO_RCVBUF = 8;
    private static final int SO_SNDBUFFORCE = 32;
    private static final int SO_RCVBUFFORCE = 33;
    private static final int SO_MARK = 36;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_V6ONLY = 26;
    static final int SOL_UDP = 17;
    static final int UDP_SEGMENT = 103;
    static final int UDP_GRO = 104;

    /** Bounds the queue of ciphertext: more is delay, less is loss (the kernel doubles it). */
    public static final int RECEIVE_BYTES = 2 << 20;

    private static final int SEND_BYTES = 2 << 20;

    private final int fd;
    private final boolean v6;
    private final boolean gro;

    /**
     * Binds the port on all addresses.
     *
     * @param port 0 for any
     * @param wantGro whether the kernel may hand over trains of datagrams
     * @throws BindException when another program has the port
     */
    public UdpPort(int port, boolean wantGro) throws IOException {
        int six = LibcSetup.socket(AF_INET6, SOCK_DGRAM | SOCK_FLAGS, 0);
        if (six >= 0 && LibcSetup.setsockopt(six, IPPROTO_IPV6, IPV6_V6ONLY, 0) == 0) {
            int bound = bind(six, AF_INET6, port);
            if (bound >= 0) {
                v6 = true;
                fd = six;
                gro = options(six, wantGro);
                return;
            }
            if (bound == -Libc.EADDRINUSE) { // a socket of IPv4 alone would hide the conflict
                LibcSetup.close(six);
                throw new BindException("UDP port " + port + " is taken");
            }
        }
        if (six >= 0) {
            LibcSetup.close(six);
        }
        v6 = false;
        fd = LibcSetup.must("UDP socket", LibcSetup.socket(AF_INET, SOCK_DGRAM | SOCK_FLAGS, 0));
        int bound = bind(fd, AF_INET, port);
        if (bound < 0) {
            LibcSetup.close(fd);
            throw new IOException("bind UDP port " + port + ": " + LibcSetup.reason(-bound));
        }
        gro = options(fd, wantGro);
    }

    private int bind(int socket, int family, int port) {
        try (var address = new Slab(Msghdr.SOCKADDR_IN6_BYTES)) {
            Memory.put16le(address.address() + Msghdr.FAMILY, family);
            Memory.put16(address.address() + Msghdr.PORT, port);
            return LibcSetup.bind(
                    socket,
                    address.address(),
                    family == AF_INET6 ? Msghdr.SOCKADDR_IN6_BYTES : Msghdr.SOCKADDR_IN_BYTES);
        }
    }

    private boolean options(int socket, boolean wantGro) {
        if (LibcSetup.setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BYTES) < 0) {
            LibcSetup.setsockopt(socket, SOL_SOCKET, SO_RCVBUF, RECEIVE_BYTES);
        }
        if (LibcSetup.setsockopt(socket, SOL_SOCKET, SO_SNDBUFFORCE, SEND_BYTES) < 0) {
            LibcSetup.setsockopt(socket, SOL_SOCKET, SO_SNDBUF, SEND_BYTES);
        }
        return wantGro && LibcSetup.setsockopt(socket, SOL_UDP, UDP_GRO, 1) == 0;
    }

    /** Marks what is sent, for the rules of the machine's routing. */
    void mark(int mark) throws IOException {
        LibcSetup.must("SO_MARK", LibcSetup.setsockopt(fd, SOL_SOCKET, SO_MARK, mark));
    }

    /** The port that was bound. */
    public int localPort() throws IOException {
        try (var address = new Slab(Msghdr.SOCKADDR_IN6_BYTES);
                var length = new Slab(Integer.BYTES)) {
            Memory.put32le(length.address(), Msghdr.SOCKADDR_IN6_BYTES);
            LibcSetup.must(
                    "getsockname", LibcSetup.getsockname(fd, address.address(), length.address()));
            return Memory.u16(address.address() + Msghdr.PORT);
        }
    }

    public int fd() {
        return fd;
    }

    /** Whether IPv6 addresses can be reached. */
    public boolean v6() {
        return v6;
    }

    public boolean gro() {
        return gro;
    }

    /** After the threads that use it have ended. */
    @Override
    public void close() {
        LibcSetup.close(fd);
    }
}
