package hearth.tailnet;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/** Random texts and their hashes. */
final class Secrets {
    /** Crockford's base 32: no letter that is read as a digit. */
    private static final String ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    private static final String LETTERS =
            "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"; // base 58

    private Secrets() {}

    /** Lower-case hex of SHA-256 of {@code text} in UTF-8. */
    static String sha256(String text) {
        try {
            MessageDigest d = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(d.digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** Compares in a time that does not depend on where they differ. */
    static boolean same(String a, String b) {
        return MessageDigest.isEqual(
                a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
    }

    /** {@code length} characters of base 58, 5.8 bits each. */
    static String base58(RandomGenerator random, int length) {
        return draw(random, LETTERS, length);
    }

    /** {@code length} characters of base 32, 5 bits each. */
    static String base32(RandomGenerator random, int length) {
        return draw(random, ALPHABET, length);
    }

    private static String draw(RandomGenerator random, String alphabet, int length) {
        StringBuilder out = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            out.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return out.toString();
    }
}
