package hearth.os;

import hearth.base.Memory;
import hearth.base.Slab;

/** Waits until one descriptor is readable, a {@link Wakeup} comes or time is over. One thread. */
public final class Poller implements AutoCloseable {
    private final Libc libc;
    private final Wakeup wakeup;
    private final Slab fds = new Slab(2 * Libc.POLLFD_BYTES);

    public Poller(Libc libc, Wakeup wakeup, int fd) {
        this.libc = libc;
        this.wakeup = wakeup;
        set(fds.address(), wakeup.fd());
        set(fds.address() + Libc.POLLFD_BYTES, fd);
    }

    private static void set(long pollfd, int fd) {
        Memory.put32le(pollfd, fd);
        Memory.put16le(pollfd + 4, Libc.POLLIN);
    }

    /**
     * Waits.
     *
     * @param timeoutMillis -1 to wait without end
     * @return whether the descriptor has something to read, or an error to be read
     */
    public boolean await(int timeoutMillis) {
        long fd = fds.address() + Libc.POLLFD_BYTES;
        Memory.put16le(fd + 6, 0);
        int ready = libc.poll(fds.address(), 2, timeoutMillis);
        wakeup.clear(libc);
        return ready > 0 && Memory.u16le(fd + 6) != 0;
    }

    @Override
    public void close() {
        fds.close();
    }
}
