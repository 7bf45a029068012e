package hearth.os;

import hearth.base.Memory;
import hearth.base.Slab;
import hearth.crypto.Aead;
import java.util.function.Function;

/**
 * A cipher of a native library: holds the nonce, and the key for as long as the library wants it,
 * in native memory. Its implementations make the calls.
 */
abstract class NativeAead implements Aead {
    static final int NONCE_BYTES = 12;
    private static final int COUNTER_AT = 4;
    private static final int SCRATCH_AT = 16;
    private static final int KEY_AT = 32;

    private final String library;
    private final Slab slab = new Slab(64);

    /** Where the nonce of the packet at hand stands. */
    final long nonce = slab.address();

    /** 16 bytes for what a call gives back. */
    final long scratch = nonce + SCRATCH_AT;

    /** Where the key stands until {@link #forgetKey}. */
    final long key = nonce + KEY_AT;

    private boolean closed;

    NativeAead(String library, byte[] key) {
        this.library = library;
        Memory.copyIn(key, 0, this.key, KEY_BYTES);
    }

    /** A library by its name, and how a cipher of it is made. */
    record Library(String name, Function<byte[], Aead> cipher) implements Backend {
        @Override
        public Aead withKey(byte[] key) {
            return cipher.apply(key);
        }
    }

    /** As {@link #seal(long, int, long)} with {@link #nonce}; whether the library did it. */
    abstract boolean seal(long address, int length) throws Throwable;

    /** As {@link #open(long, int, long, long)} with {@link #nonce}. */
    abstract boolean open(long source, int length, long destination) throws Throwable;

    /** Frees what the library gave; called once. */
    abstract void free() throws Throwable;

    final void forgetKey() {
        Memory.zero(key, KEY_BYTES);
    }

    @Override
    public final void seal(long address, int length, long counter) {
        Memory.put64le(nonce + COUNTER_AT, counter);
        try {
            if (seal(address, length)) {
                return;
            }
        } catch (Throwable t) {
            throw NativeCalls.broken(t);
        }
        throw new IllegalStateException(library + " refused to seal " + length + " bytes");
    }

    @Override
    public final boolean open(long source, int length, long destination, long counter) {
        Memory.put64le(nonce + COUNTER_AT, counter);
        try {
            return open(source, length, destination);
        } catch (Throwable t) {
            throw NativeCalls.broken(t);
        }
    }

    @Override
    public final void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            free();
        } catch (Throwable t) {
            throw NativeCalls.broken(t);
        } finally {
            forgetKey();
            slab.close();
        }
    }
}
