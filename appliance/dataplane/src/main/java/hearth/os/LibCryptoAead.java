package hearth.os;

import static java.nio.charset.StandardCharsets.US_ASCII;

import hearth.base.Memory;
import hearth.base.Slab;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * ChaCha20-Poly1305 of OpenSSL 3 by its public EVP interface: one context per key and direction,
 * per packet only the nonce is set anew. OPENSSL_ia32cap must not be set to an empty text: it
 * switches the vector code off.
 */
final class LibCryptoAead extends NativeAead {
    // openssl/evp.h
    private static final long CTRL_GET_TAG = 0x10;
    private static final long CTRL_SET_TAG = 0x11;

    private final Calls calls;
    private final long outLength = scratch;
    private long encrypting;
    private long decrypting;

    private LibCryptoAead(Calls calls, byte[] key) {
        super("libcrypto", key);
        this.calls = calls;
    }

    /** Loads the library; throws IllegalArgumentException or NoSuchElementException without it. */
    static Backend load() {
        var calls = new Calls(SymbolLookup.libraryLookup("libcrypto.so.3", Arena.global()));
        return new Library("libcrypto", key -> new LibCryptoAead(calls, key));
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
    boolean seal(long address, int length) throws Throwable {
        if (encrypting == 0) {
            encrypting = context(calls.encryptInit);
        }
        long c = encrypting;
        int ok = (int) (long) calls.encryptInit.invokeExact(c, 0L, 0L, 0L, nonce);
        if (length > 0) {
            long bytes = length;
            ok &=
                    (int)
                            (long)
                                    calls.encryptUpdate.invokeExact(
                                            c, address, outLength, address, bytes);
        }
        long tag = address + length;
        ok &= (int) (long) calls.encryptFinal.invokeExact(c, tag, outLength);
        ok &= (int) (long) calls.control.invokeExact(c, CTRL_GET_TAG, (long) TAG_BYTES, tag);
        return ok == 1;
    }

    @Override
    boolean open(long source, int length, long destination) throws Throwable {
        if (decrypting == 0) {
            decrypting = context(calls.decryptInit);
        }
        long c = decrypting;
        long tag = source + length;
        int ok = (int) (long) calls.decryptInit.invokeExact(c, 0L, 0L, 0L, nonce);
        ok &= (int) (long) calls.control.invokeExact(c, CTRL_SET_TAG, (long) TAG_BYTES, tag);
        if (length > 0) {
            long bytes = length;
            ok &=
                    (int)
                            (long)
                                    calls.decryptUpdate.invokeExact(
                                            c, destination, outLength, source, bytes);
        }
        ok &= (int) (long) calls.decryptFinal.invokeExact(c, destination + length, outLength);
        return ok == 1;
    }

    private long context(MethodHandle init) throws Throwable {
        long c = (long) calls.contextNew.invokeExact();
        if (c == 0) {
            throw new IllegalStateException("libcrypto gave no context");
        }
        long ok = (long) init.invokeExact(c, calls.cipher, 0L, key, nonce);
        if ((int) ok != 1) {
            free(c);
            throw new IllegalStateException("libcrypto refused the key");
        }
        return c;
    }

    @Override
    void free() throws Throwable {
        free(encrypting);
        free(decrypting);
    }

    private void free(long context) throws Throwable {
        var _ = (long) calls.contextFree.invokeExact(context); // does nothing with 0
    }
}
