package hearth.os;

import hearth.base.Memory;
import hearth.base.Slab;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/**
 * The libc calls behind {@link Tun} and {@link UdpPort}, of one thread: the object holds the memory
 * that errno is caught in. A call gives its result, or -errno when it failed.
 */
public final class Libc implements AutoCloseable {
    // errno.h
    public static final int EINTR = 4;
    public static final int EIO = 5;
    public static final int EAGAIN = 11;
    public static final int EBUSY = 16;
    public static final int EINVAL = 22;
    public static final int EBADFD = 77;
    public static final int EMSGSIZE = 90;
    public static final int EAFNOSUPPORT = 97;
    public static final int ENOBUFS = 105;

    private static final int MAX_REASON_BYTES = 256;

    // poll.h
    static final short POLLIN = 1;
    static final int POLLFD_BYTES = 8; // int fd, short events, short revents

    // fcntl.h, sys/eventfd.h
    static final int O_RDWR = 2;
    static final int O_NONBLOCK = 0x800;
    static final int O_CLOEXEC = 0x80000;

    private static final MethodHandle OPEN = NativeCalls.bindVariadic("open", 2);
    private static final MethodHandle IOCTL = NativeCalls.bindVariadic("ioctl", 3);
    private static final MethodHandle CLOSE = NativeCalls.bindErrno("close", 1);
    private static final MethodHandle READ = NativeCalls.bindErrno("read", 3);
    private static final MethodHandle WRITE = NativeCalls.bindErrno("write", 3);
    private static final MethodHandle WRITEV = NativeCalls.bindErrno("writev", 3);
    private static final MethodHandle POLL = NativeCalls.bindErrno("poll", 3);
    private static final MethodHandle EVENTFD = NativeCalls.bindErrno("eventfd", 2);
    private static final MethodHandle SOCKET = NativeCalls.bindErrno("socket", 3);
    private static final MethodHandle BIND = NativeCalls.bindErrno("bind", 3);
    private static final MethodHandle GETSOCKNAME = NativeCalls.bindErrno("getsockname", 3);
    private static final MethodHandle SETSOCKOPT = NativeCalls.bindErrno("setsockopt", 5);
    private static final MethodHandle SENDMSG = NativeCalls.bindErrno("sendmsg", 3);
    private static final MethodHandle RECVMSG = NativeCalls.bindErrno("recvmsg", 3);
    private static final MethodHandle SENDMMSG = NativeCalls.bindErrno("sendmmsg", 4);
    private static final MethodHandle RECVMMSG = NativeCalls.bindErrno("recvmmsg", 5);

    private final Arena arena = Arena.ofShared();
    private final MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());

    private int errno() {
        return state.get(ValueLayout.JAVA_INT, 0);
    }

    private long result(long value) {
        return value < 0 ? -errno() : value;
    }

    private int intResult(long value) {
        int v = (int) value;
        return v < 0 ? -errno() : v;
    }

    int open(String path, int flags) {
        try (var text = new Slab(path.length() + 1)) {
            byte[] bytes = path.getBytes(StandardCharsets.US_ASCII);
            Memory.copyIn(bytes, 0, text.address(), bytes.length);
            return intResult((long) OPEN.invokeExact(state, text.address(), (long) flags));
        } catch (Throwable t) {
            throw NativeCalls.broken(t);
        }
    }

    int ioctl(int fd, long request, long argument) {
        try {
            return intResult((long) IOCTL.invokeExact(state, (long) fd, request, argument));
        } catch (Throwable t) {
            throw NativeCalls.broken(t);
        }
    }

    int close(int fd) {
        try {
            return intResult((long) CLOSE.invokeExact(state, (long) fd));
        } catch (Throwable t) {
            throw NativeCalls.broken(t);
        }
    }

    int read(int fd, long buffer, long bytes) {
        try {
            return (int) result((long) READ.invokeExact(state, (long) fd, buffer, bytes));
        } catch (Throwable t) {
            throw NativeCalls.broken(t);
        }
    }

    int write(int fd, long buffer, long bytes) {
        try {
            return (int) result((long) WRITE.invokeExact(state, (long) fd, buffer, bytes));
        } catch (Throwable t) {
            throw NativeCalls.broken(t);
        }
    }

    int writev(int fd, long iovecs, int count) {
        try {
            return (int) result((long) WRITEV.invokeExact(state, (long) fd, iovecs, (long) count));
        } catch (Throwable t) {
            throw NativeCalls.broken(t);
        }
    }

    int poll(long fds, int count, int timeoutMillis) {
        try {
            return intResult(
                    (long) POLL.invokeExact(state, fds, (long) count, (long) timeoutMillis));
        } catch (Throwable t) {
            throw NativeCalls.broken(t);
        }
    }

    int eventfd() {
        try {
            return intResult(
                    (long) EVENTFD.invokeExact(state, 0L, (long) (O_NONBLOCK | O_CLOEXEC)));
        } catch (Throwable t) {
            throw NativeCalls.broken(t);
        }
    }

    int socket(int family, int type, int protocol) {
        try {
            return intResult(
                    (long) SOCKET.invokeExact(state, (long) family, (long) type, (long) protocol));
        } catch (Throwable t) {
            throw NativeCalls.broken(t);
        }
    }

    int bind(int fd, long address, int length) {
        try {
            return intResult((long) BIND.invokeExact(state, (long) fd, address, (long) length));
        } catch (Throwable t) {
            throw NativeCalls.broken(t);
        }
    }

    int getsockname(int fd, long address, long length) {
        try {
            return intResult((long) GETSOCKNAME.invokeExact(state, (long) fd, address, length));
        } catch (Throwable t) {
            throw NativeCalls.broken(t);
        }
    }

    int setsockopt(int fd, int level, int option, int value) {
        try (var slab = new Slab(4)) {
            Memory.put32le(slab.address(), value);
            return intResult(
                    (long)
                            SETSOCKOPT.invokeExact(
                                    state,
                                    (long) fd,
                                    (long) level,
                                    (long) option,
                                    slab.address(),
                                    4L));
        } catch (Throwable t) {
            throw NativeCalls.broken(t);
        }
    }

    int sendmsg(int fd, long message) {
        try {
            return (int) result((long) SENDMSG.invokeExact(state, (long) fd, message, 0L));
        } catch (Throwable t) {
            throw NativeCalls.broken(t);
        }
    }

    int recvmsg(int fd, long message) {
        try {
            return (int) result((long) RECVMSG.invokeExact(state, (long) fd, message, 0L));
        } catch (Throwable t) {
            throw NativeCalls.broken(t);
        }
    }

    int sendmmsg(int fd, long messages, int count) {
        try {
            return intResult(
                    (long) SENDMMSG.invokeExact(state, (long) fd, messages, (long) count, 0L));
        } catch (Throwable t) {
            throw NativeCalls.broken(t);
        }
    }

    int recvmmsg(int fd, long messages, int count) {
        try {
            return intResult(
                    (long) RECVMMSG.invokeExact(state, (long) fd, messages, (long) count, 0L, 0L));
        } catch (Throwable t) {
            throw NativeCalls.broken(t);
        }
    }

    /** The result, or an exception that names the call and why it failed. */
    static int must(String what, int result) throws IOException {
        if (result < 0) {
            throw new IOException(what + ": " + reason(-result));
        }
        return result;
    }

    /** What {@code errno} means, in the system's words. */
    public static String reason(int errno) {
        MethodHandle strerror = NativeCalls.bind(NativeCalls.libc(), "strerror", 1);
        try {
            long text = (long) strerror.invokeExact((long) errno);
            return MemorySegment.ofAddress(text).reinterpret(MAX_REASON_BYTES).getString(0)
                    + " (errno "
                    + errno
                    + ")";
        } catch (Throwable t) {
            throw NativeCalls.broken(t);
        }
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
