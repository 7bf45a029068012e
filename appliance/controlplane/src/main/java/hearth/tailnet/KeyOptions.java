package hearth.tailnet;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an auth key is wanted for.
 *
 * @param user login of the owner-to-be of its devices, null for the maker
 * @param expiry 90 days when null
 */
public record KeyOptions(
        @Nullable String user,
        List<String> tags,
        boolean reusable,
        boolean ephemeral,
        boolean preauthorized,
        @Nullable Duration expiry,
        String description) {
    public static final Duration DEFAULT_EXPIRY = Duration.ofDays(90);

    public KeyOptions {
        tags = List.copyOf(tags);
    }

    /** A one-off key for the maker's own devices. */
    public static KeyOptions oneOff() {
        return new KeyOptions(null, List.of(), false, false, false, null, "");
    }

    /** A key for any number of the maker's own devices. */
    public static KeyOptions manyTimes() {
        return new KeyOptions(null, List.of(), true, false, false, null, "");
    }

    public KeyOptions withTags(String... wanted) {
        return new KeyOptions(
                user, List.of(wanted), reusable, ephemeral, preauthorized, expiry, description);
    }
}
