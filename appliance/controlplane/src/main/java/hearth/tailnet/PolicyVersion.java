package hearth.tailnet;

import java.time.Instant;

/**
 * A policy text as it was saved, byte for byte.
 *
 * @param version 1, 2, 3 …; 0 is the built-in default
 * @param author login, empty for the built-in default
 * @param etag SHA-256 of the text in UTF-8, lower-case hex
 */
public record PolicyVersion(
        long version, String text, String author, Instant time, String comment, String etag) {
    public static PolicyVersion of(
            long version, String text, String author, Instant time, String comment) {
        return new PolicyVersion(version, text, author, time, comment, Secrets.sha256(text));
    }
}
