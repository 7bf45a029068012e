package hearth.os;

import hearth.base.Memory;
import hearth.base.Slab;
import hearth.crypto.Aead;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/** ChaCha20-Poly1305 of libgcrypt (1.9 or later): three calls a packet. */
final class LibGcryptAead implements Aead {
    // gcrypt.h
    private static final long CIPHER_CHACHA20 = 316;
    private static final long MODE_POLY1305 = 10;
    private static final long INITIALIZATION_FINISHED = 38;
    private static final int NONCE_BYTES = 12;
    private static final int KEY_AT = 32;

    private final Calls calls;
    private final Slab slab = new Slab(64);
    private final long nonce = slab.address();
    private final long handle;
    private boolean closed;

    private LibGcryptAead(Calls calls, byte[] key) {
        this.calls = calls;
        try {
            Memory.copyIn(key, 0, nonce + KEY_AT, KEY_BYTES);
            long e = (long) calls.open.invokeExact(nonce + 16, CIPHER_CHACHA20, MODE_POLY1305, 0L);
            handle = Memory.i64le(nonce + 16);
            if ((int) e == 0) {
                e = (long) calls.setKey.invokeExact(handle, nonce + KEY_AT, (long) KEY_BYTES);
            }
            Memory.zero(nonce + KEY_AT, KEY_BYTES);
            if ((int) e != 0) {
                throw new IllegalStateException("libgcrypt refused the cipher: " + (int) e);
            }
        } catch (IllegalStateException e) {
            throw e;
        } catch (Throwable t) {
            throw NativeCalls.broken(t);
        }
    }

    /** Loads the library; throws IllegalArgumentException or NoSuchElementException without it. */
    static Backend load() {
        var calls = new Calls(SymbolLookup.libraryLookup("libgcrypt.so.20", Arena.global()));
        return new Backend() {
            @Override
            public String name() {
                return "libgcrypt";
            }

            @Override
            public Aead withKey(byte[] key) {
                return new LibGcryptAead(calls, key);
            }
        };
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
            try {
                long text = (long) version.invokeExact(0L);
                long error = (long) control.invokeExact(INITIALIZATION_FINISHED, 0L);
                if (text == 0 || (int) error != 0) {
                    throw new IllegalArgumentException("libgcrypt does not start");
                }
            } catch (IllegalArgumentException e) {
                throw e;
            } catch (Throwable t) {
                throw NativeCalls.broken(t);
            }
        }
    }

    @Override
    public void seal(long address, int length, long counter) {
        Memory.put64le(nonce + 4, counter);
        try {
            int error = (int) (long) calls.setIv.invokeExact(handle, nonce, (long) NONCE_BYTES);
            if (length > 0) {
                error |=
                        (int)
                                (long)
                                        calls.encrypt.invokeExact(
                                                handle, address, (long) length, 0L, 0L);
            }
            error |=
                    (int)
                            (long)
                                    calls.getTag.invokeExact(
                                            handle, address + length, (long) TAG_BYTES);
            if (error != 0) {
                throw new IllegalStateException("libgcrypt refused to seal " + length + " bytes");
            }
        } catch (IllegalStateException e) {
            throw e;
        } catch (Throwable t) {
            throw NativeCalls.broken(t);
        }
    }

    @Override
    public boolean open(long source, int length, long destination, long counter) {
        Memory.put64le(nonce + 4, counter);
        try {
            int error = (int) (long) calls.setIv.invokeExact(handle, nonce, (long) NONCE_BYTES);
            if (length > 0) {
                error |=
                        (int)
                                (long)
                                        calls.decrypt.invokeExact(
                                                handle,
                                                destination,
                                                (long) length,
                                                source,
                                                (long) length);
            }
            error |=
                    (int)
                            (long)
                                    calls.checkTag.invokeExact(
                                            handle, source + length, (long) TAG_BYTES);
            return error == 0;
        } catch (Throwable t) {
            throw NativeCalls.broken(t);
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            var _ = (long) calls.close.invokeExact(handle);
        } catch (Throwable t) {
            throw NativeCalls.broken(t);
        }
        slab.close();
    }
}
