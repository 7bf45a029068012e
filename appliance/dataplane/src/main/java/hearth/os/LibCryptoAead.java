package hearth.os;

import static java.nio.charset.StandardCharsets.US_ASCII;

import hearth.base.Memory;
import hearth.base.Slab;
import hearth.crypto.Aead;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * ChaCha20-Poly1305 of OpenSSL 3 by its public EVP interface: one context per key and direction,
 * per packet only the nonce is set anew. OPENSSL_ia32cap must not be set to an empty text: it
 * switches the vector code off.
 */
final class LibCryptoAead implements Aead {
    private static final int CTRL_GET_TAG = 0x10;
    private static final int CTRL_SET_TAG = 0x11;
    private static final int OUT_LENGTH_AT = 16;
    private static final int KEY_AT = 32;

    private final Calls calls;
    private final Slab slab = new Slab(64);
    private final long nonce = slab.address();
    private final long outLength = nonce + OUT_LENGTH_AT;
    private long encrypting;
    private long decrypting;
    private boolean closed;

    private LibCryptoAead(Calls calls, byte[] key) {
        this.calls = calls;
        Memory.copyIn(key, 0, nonce + KEY_AT, KEY_BYTES);
    }

    /** Loads the library; throws IllegalArgumentException or NoSuchElementException without it. */
    static Backend load() {
        var calls = new Calls(SymbolLookup.libraryLookup("libcrypto.so.3", Arena.global()));
        return new Backend() {
            @Override
            public String name() {
                return "libcrypto";
            }

            @Override
            public Aead withKey(byte[] key) {
                return new LibCryptoAead(calls, key);
            }
        };
    }

    /** The handles, bound once per process. */
    private static final class Calls {
        final MethodHandle contextNew;
        final MethodHandle contextFree;
        final MethodHandle encryptInit;
        final MethodHandle encryptUpdate;
        final MethodHandle encryptFinal;
        final MethodHandle decryptInit;
        final MethodHandle decryptUpdate;
        final MethodHandle decryptFinal;
        final MethodHandle control;
        final long cipher;

        Calls(SymbolLookup lib) {
            contextNew = NativeCalls.bindCritical(lib, "EVP_CIPHER_CTX_new", 0);
            contextFree = NativeCalls.bindCritical(lib, "EVP_CIPHER_CTX_free", 1);
            encryptInit = NativeCalls.bindCritical(lib, "EVP_EncryptInit_ex", 5);
            encryptUpdate = NativeCalls.bindCritical(lib, "EVP_EncryptUpdate", 5);
            encryptFinal = NativeCalls.bindCritical(lib, "EVP_EncryptFinal_ex", 3);
            decryptInit = NativeCalls.bindCritical(lib, "EVP_DecryptInit_ex", 5);
            decryptUpdate = NativeCalls.bindCritical(lib, "EVP_DecryptUpdate", 5);
            decryptFinal = NativeCalls.bindCritical(lib, "EVP_DecryptFinal_ex", 3);
            control = NativeCalls.bindCritical(lib, "EVP_CIPHER_CTX_ctrl", 4);
            MethodHandle fetch = NativeCalls.bind(lib, "EVP_CIPHER_fetch", 3);
            try (var text = new Slab(32)) {
                byte[] name = "ChaCha20-Poly1305".getBytes(US_ASCII);
                Memory.copyIn(name, 0, text.address(), name.length);
                cipher = (long) fetch.invokeExact(0L, text.address(), 0L);
            } catch (Throwable t) {
                throw NativeCalls.broken(t);
            }
            if (cipher == 0) {
                throw new IllegalArgumentException("libcrypto has no ChaCha20-Poly1305");
            }
        }
    }

    @Override
    public void seal(long address, int length, long counter) {
        Memory.put64le(nonce + 4, counter);
        try {
            if (encrypting == 0) {
                encrypting = context(calls.encryptInit);
            }
            long c = encrypting;
            int ok = (int) (long) calls.encryptInit.invokeExact(c, 0L, 0L, 0L, nonce);
            if (length > 0) {
                ok &=
                        (int)
                                (long)
                                        calls.encryptUpdate.invokeExact(
                                                c, address, outLength, address, (long) length);
            }
            long tag = address + length;
            ok &= (int) (long) calls.encryptFinal.invokeExact(c, tag, outLength);
            ok &=
                    (int)
                            (long)
                                    calls.control.invokeExact(
                                            c, (long) CTRL_GET_TAG, (long) TAG_BYTES, tag);
            if (ok != 1) {
                throw new IllegalStateException("libcrypto refused to seal " + length + " bytes");
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
            if (decrypting == 0) {
                decrypting = context(calls.decryptInit);
            }
            long c = decrypting;
            int ok = (int) (long) calls.decryptInit.invokeExact(c, 0L, 0L, 0L, nonce);
            ok &=
                    (int)
                            (long)
                                    calls.control.invokeExact(
                                            c,
                                            (long) CTRL_SET_TAG,
                                            (long) TAG_BYTES,
                                            source + length);
            if (length > 0) {
                ok &=
                        (int)
                                (long)
                                        calls.decryptUpdate.invokeExact(
                                                c, destination, outLength, source, (long) length);
            }
            ok &= (int) (long) calls.decryptFinal.invokeExact(c, destination + length, outLength);
            return ok == 1;
        } catch (Throwable t) {
            throw NativeCalls.broken(t);
        }
    }

    private long context(MethodHandle init) throws Throwable {
        long c = (long) calls.contextNew.invokeExact();
        if (c == 0) {
            throw new IllegalStateException("libcrypto gave no context");
        }
        long ok = (long) init.invokeExact(c, calls.cipher, 0L, nonce + KEY_AT, nonce);
        if ((int) ok != 1) {
            throw new IllegalStateException("libcrypto refused the key");
        }
        return c;
    }

    @Override
    public void close() {
        try {
            if (encrypting != 0) {
                var _ = (long) calls.contextFree.invokeExact(encrypting);
            }
            if (decrypting != 0) {
                var _ = (long) calls.contextFree.invokeExact(decrypting);
            }
        } catch (Throwable t) {
            throw NativeCalls.broken(t);
        }
        encrypting = 0;
        decrypting = 0;
        if (!closed) {
            closed = true;
            Memory.zero(nonce + KEY_AT, KEY_BYTES);
            slab.close();
        }
    }
}
