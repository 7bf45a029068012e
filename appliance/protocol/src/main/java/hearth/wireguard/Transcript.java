package hearth.wireguard;

import static java.nio.charset.StandardCharsets.US_ASCII;

import hearth.crypto.Blake2s;
import hearth.crypto.ChaChaPoly;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Chaining key and hash of one Noise_IKpsk2 handshake (WireGuard paper, 5.4.2 and 5.4.3). */
final class Transcript {
    private static final byte[] CHAIN_START =
            Blake2s.hash("Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s".getBytes(US_ASCII));
    private static final byte[] HASH_START =
            Blake2s.hash(CHAIN_START, "WireGuard v1 zx2c4 Jason@zx2c4.com".getBytes(US_ASCII));

    byte[] chain;
    byte[] hash;

    private Transcript(byte[] chain, byte[] hash) {
        this.chain = chain;
        this.hash = hash;
    }

    static Transcript start(byte[] responderPublic) {
        return new Transcript(CHAIN_START.clone(), Blake2s.hash(HASH_START, responderPublic));
    }

    /** A copy to try a message with: a message that fails must not change the state. */
    Transcript copy() {
        return new Transcript(chain.clone(), hash.clone());
    }

    void mixHash(byte[] data) {
        hash = Blake2s.hash(hash, data);
    }

    void mixChain(byte[] data) {
        chain = Blake2s.kdf(1, chain, data)[0];
    }

    /** Mixes a shared secret; the result is the key of the next sealed field. */
    byte[] mixKey(byte[] secret) {
        byte[][] t = Blake2s.kdf(2, chain, secret);
        chain = t[0];
        return t[1];
    }

    /** Mixes the pre-shared key; the result is the key of the next sealed field. */
    byte[] mixPresharedKey(byte[] psk) {
        byte[][] t = Blake2s.kdf(3, chain, psk);
        chain = t[0];
        mixHash(t[1]);
        return t[2];
    }

    byte[] seal(byte[] key, byte[] plain) {
        byte[] sealed = ChaChaPoly.seal(key, plain, hash);
        mixHash(sealed);
        return sealed;
    }

    /** Opens a field of {@code message}, or null when its tag is wrong. */
    byte @Nullable [] open(byte[] key, byte[] message, int offset, int length) {
        byte[] plain = ChaChaPoly.open(key, message, offset, length, hash);
        if (plain != null) {
            mixHash(Arrays.copyOfRange(message, offset, offset + length));
        }
        return plain;
    }

    /**
     * The two transport keys: initiator to responder, responder to initiator. Ends the handshake.
     */
    byte[][] split() {
        byte[][] keys = Blake2s.kdf(2, chain, new byte[0]);
        wipe();
        return keys;
    }

    void wipe() {
        Arrays.fill(chain, (byte) 0);
        Arrays.fill(hash, (byte) 0);
    }
}
