package hearth.tailnet;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A key that enrols devices; the key itself is known only to whoever made it.
 *
 * @param userId who made it and who owns the devices, unless it has tags
 * @param secretHash SHA-256 of the key's 256 random bits as lower-case hex
 * @param revoked when it was revoked, or null
 * @param uses nodes enrolled by it so far
 */
public record AuthKey(
        String id,
        long userId,
        List<String> tags,
        boolean reusable,
        boolean ephemeral,
        boolean preauthorized,
        Instant created,
        Instant expires,
        @Nullable Instant revoked,
        int uses,
        String description,
        String secretHash) {
    public AuthKey {
        tags = List.copyOf(tags);
    }

    /** Whether it may enrol one more device. */
    public boolean valid(Instant now) {
        return revoked == null && now.isBefore(expires) && (reusable || uses == 0);
    }

    AuthKey used() {
        return new AuthKey(
                id,
                userId,
                tags,
                reusable,
                ephemeral,
                preauthorized,
                created,
                expires,
                revoked,
                uses + 1,
                description,
                secretHash);
    }

    AuthKey revokedAt(Instant now) {
        return new AuthKey(
                id,
                userId,
                tags,
                reusable,
                ephemeral,
                preauthorized,
                created,
                expires,
                now,
                uses,
                description,
                secretHash);
    }

    @Override
    public String toString() {
        return "AuthKey[" + id + "]";
    }
}
