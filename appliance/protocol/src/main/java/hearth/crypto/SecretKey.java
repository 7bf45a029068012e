package hearth.crypto;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.bouncycastle.math.ec.rfc7748.X25519;

/** A Curve25519 secret key, clamped (RFC 7748, 5). Never prints, wiped on close. */
public final class SecretKey implements AutoCloseable {
    public static final int LENGTH = 32;

    private final byte[] secret;
    private final byte[] publicBytes = new byte[LENGTH];

    public SecretKey(byte[] secret) {
        if (secret.length != LENGTH) {
            throw new IllegalArgumentException(
                    "secret key of " + secret.length + " bytes, expected 32");
        }
        this.secret = secret.clone();
        this.secret[0] &= (byte) 248;
        this.secret[31] &= 127;
        this.secret[31] |= 64;
        X25519.scalarMultBase(this.secret, 0, publicBytes, 0);
    }

    /** {@code random} must be a SecureRandom outside tests. */
    public static SecretKey generate(RandomGenerator random) {
        byte[] b = new byte[LENGTH];
        random.nextBytes(b);
        try {
            return new SecretKey(b);
        } finally {
            Arrays.fill(b, (byte) 0);
        }
    }

    public byte[] publicBytes() {
        return publicBytes.clone();
    }

    public NodeKey nodeKey() {
        return new NodeKey(publicBytes);
    }

    public MachineKey machineKey() {
        return new MachineKey(publicBytes);
    }

    public DiscoKey discoKey() {
        return new DiscoKey(publicBytes);
    }

    /**
     * X25519 with {@code peerPublic}, 32 bytes into {@code out} at {@code offset}.
     *
     * @return false when the result is all zero (a low-order point): it must not be used
     */
    public boolean agree(byte[] peerPublic, byte[] out, int offset) {
        return X25519.calculateAgreement(secret, 0, peerPublic, 0, out, offset);
    }

    /** The clamped bytes, for the key file alone; the caller wipes them. */
    public byte[] secretBytes() {
        return secret.clone();
    }

    @Override
    public void close() {
        Arrays.fill(secret, (byte) 0);
    }

    @Override
    public String toString() {
        return "[redacted]";
    }
}
