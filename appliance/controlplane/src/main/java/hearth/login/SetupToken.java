package hearth.login;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.random.RandomGenerator;

/**
 * The secret that only who stands at the machine can read: 60 random bits as {@code XXXX-XXXX-XXXX}
 * from 32 letters and digits without 0, O, 1 and I.
 */
final class SetupToken {
    private static final String ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    private static final int CHARS = 12;

    private SetupToken() {}

    static String create(RandomGenerator random) {
        var out = new StringBuilder(CHARS + 2);
        for (int i = 0; i < CHARS; i++) {
            if (i > 0 && i % 4 == 0) {
                out.append('-');
            }
            out.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return out.toString();
    }

    /** Compares in constant time; case, spaces and dashes do not matter. */
    static boolean matches(String token, String typed) {
        return MessageDigest.isEqual(plain(token), plain(typed));
    }

    private static byte[] plain(String text) {
        return text.replaceAll("[\\s-]", "")
                .toUpperCase(Locale.ROOT)
                .getBytes(StandardCharsets.UTF_8);
    }
}
