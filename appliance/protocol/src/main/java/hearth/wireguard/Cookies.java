package hearth.wireguard;

import static java.nio.charset.StandardCharsets.US_ASCII;

import hearth.crypto.Blake2s;
import hearth.crypto.ChaChaPoly;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * MAC1, MAC2 and cookies of one local node (WireGuard paper, 5.4.4 and 5.4.7). The secret that
 * makes cookies changes every 120 s. Confined to the control thread.
 */
final class Cookies {
    private static final byte[] LABEL_MAC1 = "mac1----".getBytes(US_ASCII);
    private static final byte[] LABEL_COOKIE = "cookie--".getBytes(US_ASCII);

    private final RandomGenerator random;
    private final byte[] mac1Key;
    private final byte[] cookieKey;
    private final byte[] secret = new byte[Blake2s.HASH_BYTES];
    private boolean haveSecret;
    private long secretNanos;

    Cookies(byte[] ownPublic, RandomGenerator random) {
        this.random = random;
        this.mac1Key = mac1Key(ownPublic);
        this.cookieKey = cookieKey(ownPublic);
    }

    static byte[] mac1Key(byte[] receiverPublic) {
        return Blake2s.hash(LABEL_MAC1, receiverPublic);
    }

    static byte[] cookieKey(byte[] replierPublic) {
        return Blake2s.hash(LABEL_COOKIE, replierPublic);
    }

    /** Whether MAC1 of an initiation or response is made for this node. */
    boolean mac1Valid(byte[] message) {
        int at = Messages.macsAt(message);
        byte[] want = Blake2s.mac(mac1Key, message, 0, at);
        byte[] got = Arrays.copyOfRange(message, at, at + Messages.MAC_BYTES);
        return MessageDigest.isEqual(want, got);
    }

    /** Whether MAC2 proves that the sender owns {@code source}: address and port. */
    boolean mac2Valid(byte[] message, byte[] source, long nowNanos) {
        if (!haveSecret || nowNanos - secretNanos >= Limits.COOKIE_LIFE) {
            return false;
        }
        int at = Messages.macsAt(message) + Messages.MAC_BYTES;
        byte[] want = Blake2s.mac(cookie(source), message, 0, at);
        byte[] got = Arrays.copyOfRange(message, at, at + Messages.MAC_BYTES);
        return MessageDigest.isEqual(want, got);
    }

    /** The cookie reply to {@code message}, which came from {@code source}. */
    byte[] reply(byte[] message, byte[] source, long nowNanos) {
        if (!haveSecret || nowNanos - secretNanos >= Limits.COOKIE_LIFE) {
            random.nextBytes(secret);
            secretNanos = nowNanos;
            haveSecret = true;
        }
        byte[] nonce = new byte[Messages.COOKIE_NONCE_BYTES];
        random.nextBytes(nonce);
        int at = Messages.macsAt(message);
        byte[] mac1 = Arrays.copyOfRange(message, at, at + Messages.MAC_BYTES);
        byte[] sealed = ChaChaPoly.xSeal(cookieKey, nonce, cookie(source), mac1);
        byte[] out = new byte[Messages.COOKIE_BYTES];
        out[0] = Messages.COOKIE;
        System.arraycopy(message, Messages.SENDER, out, Messages.COOKIE_RECEIVER, 4);
        System.arraycopy(nonce, 0, out, Messages.COOKIE_NONCE, nonce.length);
        System.arraycopy(sealed, 0, out, Messages.COOKIE_SEALED, sealed.length);
        return out;
    }

    private byte[] cookie(byte[] source) {
        return Blake2s.mac(secret, source, 0, source.length);
    }

    /** The initiating side: signs messages to one peer and keeps the cookie it sent. */
    static final class Signer {
        private final byte[] mac1Key;
        private final byte[] cookieKey;
        private byte @Nullable [] lastMac1;
        private byte @Nullable [] cookie;
        private long cookieNanos;

        Signer(byte[] peerPublic) {
            this.mac1Key = mac1Key(peerPublic);
            this.cookieKey = cookieKey(peerPublic);
        }

        /** Fills in both MACs. */
        void sign(byte[] message, long nowNanos) {
            int at = Messages.macsAt(message);
            byte[] mac1 = Blake2s.mac(mac1Key, message, 0, at);
            System.arraycopy(mac1, 0, message, at, mac1.length);
            lastMac1 = mac1;
            byte[] c = cookie;
            if (c != null && nowNanos - cookieNanos < Limits.COOKIE_LIFE) {
                byte[] mac2 = Blake2s.mac(c, message, 0, at + Messages.MAC_BYTES);
                System.arraycopy(mac2, 0, message, at + Messages.MAC_BYTES, mac2.length);
            }
        }

        /** Takes the cookie of a reply to the message that was signed last; else false. */
        boolean take(byte[] reply, long nowNanos) {
            byte[] mac1 = lastMac1;
            if (mac1 == null) {
                return false;
            }
            byte[] nonce =
                    Arrays.copyOfRange(
                            reply,
                            Messages.COOKIE_NONCE,
                            Messages.COOKIE_NONCE + Messages.COOKIE_NONCE_BYTES);
            byte[] plain =
                    ChaChaPoly.xOpen(
                            cookieKey,
                            nonce,
                            reply,
                            Messages.COOKIE_SEALED,
                            Messages.COOKIE_SEALED_BYTES,
                            mac1);
            if (plain == null) {
                return false;
            }
            cookie = plain;
            cookieNanos = nowNanos;
            lastMac1 = null;
            return true;
        }
    }
}
