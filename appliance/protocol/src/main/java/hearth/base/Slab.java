package hearth.base;

import java.lang.foreign.Arena;

/**
 * A block of zeroed native memory, aligned to 64 bytes, given back on close. The owner closes it
 * only after the last thread that uses its addresses has ended.
 */
public final class Slab implements AutoCloseable {
    private static final long ALIGNMENT = 64;

    private final Arena arena = Arena.ofShared();
    private final long address;
    private final long bytes;

    public Slab(long bytes) {
        this.bytes = bytes;
        this.address = arena.allocate(bytes, ALIGNMENT).address();
        Memory.opened(address, bytes);
    }

    public long address() {
        return address;
    }

    public long bytes() {
        return bytes;
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            Memory.closed(address);
            arena.close();
        }
    }
}
