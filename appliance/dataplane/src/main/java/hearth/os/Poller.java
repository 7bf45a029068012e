package hearth.os;

import hearth.base.Memory;
import hearth.base.Slab;

/**
 * Waits until a descriptor is readable, a {@link Wakeup} comes or time is over. Confined to one
 * thread.
 */
public final class Poller implements AutoCloseable {
    private final Libc libc;
    private final Wakeup wakeup;
    private final int count;
    private final Slab fds;

    /** A descriptor below 0 is never readable. */
    public Poller(Libc libc, Wakeup wakeup, int... descriptors) {
        this.libc = libc;
        this.wakeup = wakeup;
        this.count = descriptors.length + 1;
        this.fds = new Slab((long) count * Libc.POLLFD_BYTES);
        set(0, wakeup.fd());
        for (int i = 1; i < count; i++) {
            set(i, descriptors[i - 1]);
        }
    }

    private long at(int index) {
        return fds.address() + (long) index * Libc.POLLFD_BYTES;
    }

    private void set(int index, int fd) {
        Memory.put32le(at(index), fd);
        Memory.put16le(at(index) + 4, Libc.POLLIN);
        Memory.put16le(at(index) + 6, 0);
    }

    /** Waits for {@code descriptor}, one of those given, no more. */
    public void forget(int descriptor) {
        for (int i = 1; i < count; i++) {
            if (Memory.i32le(at(i)) == descriptor) {
                set(i, -1);
            }
        }
    }

    /**
     * Waits.
     *
     * @param timeoutMillis -1 to wait without end
     * @return whether a descriptor has something to read, or an error to be read
     */
    public boolean await(int timeoutMillis) {
        int ready = libc.poll(fds.address(), count, timeoutMillis);
        boolean woken = ready > 0 && Memory.u16le(at(0) + 6) != 0;
        wakeup.clear(libc);
        return ready > (woken ? 1 : 0);
    }

    @Override
    public void close() {
        fds.close();
    }
}
