package hearth.policy.hujson;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The ETag of a policy: SHA-256 of its text in the service's layout, 64 hex digits in double
 * quotes, always strong. Clients make the same of a local file to learn whether it is saved
 * already.
 */
public final class PolicyTag {
    /** Stands for the policy of a new tailnet in {@code If-Match}. */
    public static final String UNTOUCHED = "\"ts-default\"";

    private PolicyTag() {}

    /** With its quotes. */
    public static String of(String text) throws HuJsonException {
        return "\"" + hex(text) + "\"";
    }

    /** Without quotes. */
    public static String hex(String text) throws HuJsonException {
        byte[] bytes = HuJson.format(text).getBytes(StandardCharsets.UTF_8);
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /**
     * Whether a save with this {@code If-Match} may replace the current text; without the header it
     * may. Quotes around a tag may be missing.
     *
     * @param current tag of the current text, without quotes
     * @param untouched whether the current text is the one of a new tailnet
     */
    public static boolean matches(@Nullable String ifMatch, String current, boolean untouched) {
        if (ifMatch == null || ifMatch.strip().equals("*")) {
            return true;
        }
        for (String part : ifMatch.split(",", -1)) {
            String asked = part.strip();
            String quoted = asked.startsWith("\"") ? asked : "\"" + asked + "\"";
            if (quoted.equals("\"" + current + "\"") || (untouched && quoted.equals(UNTOUCHED))) {
                return true;
            }
        }
        return false;
    }
}
