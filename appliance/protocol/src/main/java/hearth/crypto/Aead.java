package hearth.crypto;

/**
 * ChaCha20-Poly1305 under one key over native memory (RFC 8439), as WireGuard's transport data uses
 * it: nonce = 4 zero bytes and the counter as 64 bits little endian, no additional data.
 *
 * <p>One object serves one direction of one session and is confined to the thread of that
 * direction; it may be made on another thread and handed over. Nothing is allocated per packet by
 * the native backends. The implementations stand in {@code hearth.os}, the JDK's as the fallback in
 * {@link JdkAead}.
 */
public interface Aead extends AutoCloseable {
    int TAG_BYTES = 16;
    int KEY_BYTES = 32;

    /**
     * Encrypts {@code length} bytes at {@code address} in place and writes the tag behind them: 16
     * bytes more must be writable. A counter is used once.
     */
    void seal(long address, int length, long counter);

    /**
     * Decrypts {@code length} bytes at {@code source}, which the tag follows, to {@code
     * destination}: either {@code source} itself or memory that does not overlap it.
     *
     * @return false when the tag is wrong; {@code destination} then holds bytes that must not be
     *     read
     */
    boolean open(long source, int length, long destination, long counter);

    /** Forgets the key. */
    @Override
    void close();

    /** A way to make ciphers: a library, or the JDK. */
    interface Backend {
        /** The name for logs and status, e.g. {@code libcrypto}. */
        String name();

        /** {@code key} holds 32 bytes; the caller may wipe it afterwards. */
        Aead withKey(byte[] key);
    }
}
