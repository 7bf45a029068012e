package hearth.os;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import hearth.base.Memory;
import hearth.base.Slab;
import java.io.IOException;

/**
 * The libc calls that make and set up descriptors, by JNA's direct mapping: seldom called, from any
 * thread. What passes with every packet is in {@link Libc}. A call gives its result, or -errno when
 * it failed; pointers are addresses. The variadic ones among them are called as if they were not,
 * which is the same for integers (System V x86-64 and AAPCS64 calling conventions).
 */
final class LibcSetup {
    // fcntl.h, sys/eventfd.h
    static final int O_RDWR = 2;
    static final int O_NONBLOCK = 0x800;
    static final int O_CLOEXEC = 0x80000;

    /** The functions themselves, by their names in C. */
    private static final class Raw {
        static {
            Native.register(Raw.class, NativeLibrary.getInstance("c"));
        }

        private Raw() {}

        static native int open(String path, int flags);

        static native int ioctl(int fd, long request, long argument);

        static native int close(int fd);

        static native int eventfd(int start, int flags);

        static native int socket(int family, int type, int protocol);

        static native int bind(int fd, long address, int length);

        static native int getsockname(int fd, long address, long length);

        static native int setsockopt(int fd, int level, int option, long value, int length);

        static native String strerror(int errno);
    }

    private LibcSetup() {}

    private static int result(int value) {
        return value < 0 ? -Native.getLastError() : value;
    }

    static int open(String path, int flags) {
        return result(Raw.open(path, flags));
    }

    static int ioctl(int fd, long request, long argument) {
        return result(Raw.ioctl(fd, request, argument));
    }

    static int close(int fd) {
        return result(Raw.close(fd));
    }

    static int eventfd() {
        return result(Raw.eventfd(0, O_NONBLOCK | O_CLOEXEC));
    }

    static int socket(int family, int type, int protocol) {
        return result(Raw.socket(family, type, protocol));
    }

    static int bind(int fd, long address, int length) {
        return result(Raw.bind(fd, address, length));
    }

    static int getsockname(int fd, long address, long length) {
        return result(Raw.getsockname(fd, address, length));
    }

    static int setsockopt(int fd, int level, int option, int value) {
        try (var slab = new Slab(Integer.BYTES)) {
            Memory.put32le(slab.address(), value);
            return result(Raw.setsockopt(fd, level, option, slab.address(), Integer.BYTES));
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
    static String reason(int errno) {
        return Raw.strerror(errno) + " (errno " + errno + ")";
    }
}
