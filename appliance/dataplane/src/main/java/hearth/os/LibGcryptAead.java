package hearth.os;

import hearth.base.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/** ChaCha20-Poly1305 of libgcrypt (1.9 or later): three calls a packet. */
final class LibGcryptAead extends NativeAead {
    // gcrypt.h
    private static final long CIPHER_CHACHA20 = 316;
    private static final long MODE_POLY1305 = 10;
    private static final long INITIALIZATION_FINISHED = 38;

    private final Calls calls;
    private final long handle;

    private LibGcryptAead(Calls calls, byte[] key) {
        super("libgcrypt", key);
        this.calls = calls;
        try {
            long e = (long) calls.open.invokeExact(scratch, CIPHER_CHACHA20, MODE_POLY1305, 0L);
            handle = Memory.i64le(scratch);
            if ((int) e == 0) {
                e = (long) calls.setKey.invokeExact(handle, this.key, (long) KEY_BYTES);
            }
            forgetKey(); // the library holds a copy
            if ((int) e != 0) {
                throw new IllegalStateException("libgcrypt refused the cipher: " + (int) e);
            }
        } catch (Throwable t) {
            throw NativeCalls.broken(t);
        }
    }

    /** Loads the library; throws IllegalArgumentException or NoSuchElementException without it. */
    static Backend load() {
        var calls = new Calls(SymbolLookup.libraryLookup("libgcrypt.so.20", Arena.global()));
        return new Library("libgcrypt", key -> new LibGcryptAead(calls, key));
    }

    private static final class Calls {
        final MethodHandle open;
        final MethodHandle close;
        final MethodHandle setKey;
        final MethodHandle setIv;
        final MethodHandle encrypt;
        final MethodHandle decrypt;
        final MethodHandle getTag;
        final MethodHandle checkTag;

        Calls(SymbolLookup lib) {
            open = NativeCalls.bind(lib, "gcry_cipher_open", 4);
            close = NativeCalls.bind(lib, "gcry_cipher_close", 1);
            setKey = NativeCalls.bind(lib, "gcry_cipher_setkey", 3);
            setIv = NativeCalls.bindCritical(lib, "gcry_cipher_setiv", 3);
            encrypt = NativeCalls.bindCritical(lib, "gcry_cipher_encrypt", 5);
            decrypt = NativeCalls.bindCritical(lib, "gcry_cipher_decrypt", 5);
            getTag = NativeCalls.bindCritical(lib, "gcry_cipher_gettag", 3);
            checkTag = NativeCalls.bindCritical(lib, "gcry_cipher_checktag", 3);
            MethodHandle version = NativeCalls.bind(lib, "gcry_check_version", 1);
            MethodHandle control =
                    NativeCalls.bind(lib, "gcry_control", 2, Linker.Option.firstVariadicArg(1));
            long text;
            long error;
            try {
                text = (long) version.invokeExact(0L);
                error = (long) control.invokeExact(INITIALIZATION_FINISHED, 0L);
            } catch (Throwable t) {
                throw NativeCalls.broken(t);
            }
            if (text == 0 || (int) error != 0) {
                throw new IllegalArgumentException("libgcrypt does not start");
            }
        }
    }

    @Override
    boolean seal(long address, int length) throws Throwable {
        int error = (int) (long) calls.setIv.invokeExact(handle, nonce, (long) NONCE_BYTES);
        if (length > 0) {
            long bytes = length;
            error |= (int) (long) calls.encrypt.invokeExact(handle, address, bytes, 0L, 0L);
        }
        long tag = address + length;
        error |= (int) (long) calls.getTag.invokeExact(handle, tag, (long) TAG_BYTES);
        return error == 0;
    }

    @Override
    boolean open(long source, int length, long destination) throws Throwable {
        int error = (int) (long) calls.setIv.invokeExact(handle, nonce, (long) NONCE_BYTES);
        if (length > 0) {
            long bytes = length;
            error |=
                    (int)
                            (long)
                                    calls.decrypt.invokeExact(
                                            handle, destination, bytes, source, bytes);
        }
        long tag = source + length;
        error |= (int) (long) calls.checkTag.invokeExact(handle, tag, (long) TAG_BYTES);
        return error == 0;
    }

    @Override
    void free() throws Throwable {
        var _ = (long) calls.close.invokeExact(handle);
    }
}
