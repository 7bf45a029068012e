package hearth.os;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import hearth.base.Memory;
import hearth.base.Slab;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * An eventfd that ends another thread's {@link Poller#await}. Any thread may signal; a second
 * signal before the first is noticed costs one read of memory.
 */
public final class Wakeup implements AutoCloseable {
    private final Libc signaller = new Libc();
    private final Slab one = new Slab(16);
    private final int fd;
    private final AtomicBoolean pending = new AtomicBoolean();

    @GuardedBy("this") private boolean closed;

    public Wakeup() throws IOException {
        fd = LibcSetup.must("eventfd", LibcSetup.eventfd());
        Memory.put64le(one.address(), 1);
    }

    int fd() {
        return fd;
    }

    public void signal() {
        if (!pending.get() && pending.compareAndSet(false, true)) {
            write();
        }
    }

    private synchronized void write() {
        if (!closed) {
            signaller.write(fd, one.address(), 8);
        }
    }

    /** The waiting thread: takes the signal back, before it looks for work. */
    void clear(Libc libc) {
        if (pending.get()) {
            libc.read(fd, one.address() + 8, 8);
            pending.set(false);
        }
    }

    /** After the waiting thread has ended. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            LibcSetup.close(fd);
            signaller.close();
            one.close();
        }
    }
}
