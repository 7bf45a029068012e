package hearth.os;

import hearth.base.Memory;
import hearth.base.Slab;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/** A packet device whose other end the test holds: a pair of datagram sockets. */
public final class PipeDevice implements PacketDevice {
    private static final int AF_UNIX = 1;
    private static final MethodHandle SOCKETPAIR = NativeCalls.bindErrno("socketpair", 4);
    private static final int SOL_SOCKET = 1;
    private static final int SO_SNDBUFFORCE = 32;

    private final Libc libc = new Libc();
    private final Slab slab = new Slab(Tun.MAX_READ + 64);
    private final Tun.Offload offload;
    private final int inner;
    private final int outer;

    public PipeDevice(Tun.Offload offload) throws IOException {
        this.offload = offload;
        try (var fds = new Slab(8);
                var arena = Arena.ofConfined()) {
            var state = arena.allocate(Linker.Option.captureStateLayout());
            long type = UdpPort.SOCK_DGRAM | LibcSetup.O_NONBLOCK | LibcSetup.O_CLOEXEC;
            long made =
                    (long) SOCKETPAIR.invokeExact(state, (long) AF_UNIX, type, 0L, fds.address());
            LibcSetup.must("socketpair", (int) made);
            inner = Memory.i32le(fds.address());
            outer = Memory.i32le(fds.address() + 4);
        } catch (IOException e) {
            throw e;
        } catch (Throwable t) {
            throw NativeCalls.broken(t);
        }
        LibcSetup.setsockopt(inner, SOL_SOCKET, SO_SNDBUFFORCE, 8 << 20);
        LibcSetup.setsockopt(outer, SOL_SOCKET, SO_SNDBUFFORCE, 8 << 20);
    }

    @Override
    public int fd() {
        return inner;
    }

    @Override
    public Tun.Offload offload() {
        return offload;
    }

    @Override
    public int read(Libc caller, long buffer) {
        return caller.read(inner, buffer, Tun.MAX_READ);
    }

    @Override
    public int write(Libc caller, long iovecs, int count) {
        return caller.writev(inner, iovecs, count);
    }

    /** The test's end: hands a frame (virtio header and packet) to the engine; false when full. */
    public boolean put(byte[] frame) {
        Memory.copyIn(frame, 0, slab.address(), frame.length);
        return libc.write(outer, slab.address(), frame.length) == frame.length;
    }

    /** As {@link #put}, of a frame in native memory and without allocation. */
    public boolean put(long frame, int length) {
        return libc.write(outer, frame, length) == length;
    }

    /** The test's end: the next frame of the engine, or null. */
    public byte @Nullable [] take() {
        int n = libc.read(outer, slab.address(), Tun.MAX_READ);
        return n <= 0 ? null : Memory.bytes(slab.address(), n);
    }

    /** As {@link #take}, the length alone; 0 when there is none. */
    public int drop() {
        return Math.max(0, libc.read(outer, slab.address(), Tun.MAX_READ));
    }

    @Override
    public void close() {
        LibcSetup.close(inner);
        LibcSetup.close(outer);
        libc.close();
        slab.close();
    }
}
