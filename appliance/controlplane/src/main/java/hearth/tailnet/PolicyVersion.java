package hearth.tailnet;

import hearth.policy.hujson.HuJsonException;
import hearth.policy.hujson.PolicyTag;
import java.time.Instant;

/**
 * A policy text as it was saved, byte for byte.
 *
 * @param version 1, 2, 3 …; 0 is the built-in default
 * @param author login, empty for the built-in default
 */
public record PolicyVersion(
        long version, String text, String author, Instant time, String comment) {
    /**
     * SHA-256 of the text in the service's layout ({@link PolicyTag}) as lower-case hex; of the
     * text as it is when it is no HuJSON.
     */
    public String etag() {
        return etag(text);
    }

    /** The tag that {@code text} would have. */
    public static String etag(String text) {
        try {
            return PolicyTag.hex(text);
        } catch (HuJsonException _) {
            return Secrets.sha256(text);
        }
    }
}
