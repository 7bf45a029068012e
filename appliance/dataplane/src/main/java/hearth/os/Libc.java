package hearth.os;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The libc calls by which packets pass through {@link Tun} and {@link UdpPort}, of one thread: the
 * object holds the memory that errno is caught in. A call gives its result, or -errno when it
 * failed. What sets descriptors up is in {@link LibcSetup}.
 */
public final class Libc implements AutoCloseable {
    // errno.h
    public static final int EINTR = 4;
    public static final int EIO = 5;
    public static final int EAGAIN = 11;
    public static final int EINVAL = 22;
    static final int EMSGSIZE = 90;
    static final int EAFNOSUPPORT = 97;
    static final int EBUSY = 16;
    static final int ENOTTY = 25;
    static final int EADDRINUSE = 98;

    // poll.h
    static final short POLLIN = 1;
    static final int POLLFD_BYTES = 8; // int fd, short events, short revents

    private static final MethodHandle READ = NativeCalls.bindErrno("read", 3);
    private static final MethodHandle WRITE = NativeCalls.bindErrno("write", 3);
    private static final MethodHandle WRITEV = NativeCalls.bindErrno("writev", 3);
    private static final MethodHandle POLL = NativeCalls.bindErrno("poll", 3);
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

    /** What {@code errno} means, in the system's words. */
    public static String reason(int errno) {
        return LibcSetup.reason(errno);
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
