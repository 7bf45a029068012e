package hearth.control;

import com.fasterxml.jackson.annotation.JsonProperty;
import hearth.crypto.NodeKey;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Body of {@code POST /machine/register}. The machine key is the Noise connection's, never a
 * field's.
 *
 * @param version the client's capability version
 * @param oldNodeKey all zero when there was none
 * @param expiry the zero time (year 1) means "as it is"; a past one logs the node out
 * @param followup the address of the login that the client waits for
 */
public record RegisterRequest(
        @JsonProperty("Version") int version,
        @JsonProperty("NodeKey") NodeKey nodeKey,
        @JsonProperty("OldNodeKey") @Nullable NodeKey oldNodeKey,
        @JsonProperty("Auth") @Nullable Auth auth,
        @JsonProperty("Expiry") @Nullable Instant expiry,
        @JsonProperty("Followup") @Nullable String followup,
        @JsonProperty("Hostinfo") @Nullable Hostinfo hostinfo,
        @JsonProperty("Ephemeral") boolean ephemeral,
        @JsonProperty("Tailnet") @Nullable String tailnet) {
    private static final Instant YEAR_TWO = Instant.parse("0002-01-01T00:00:00Z");

    /** How the client proves who it is. */
    public record Auth(@JsonProperty("AuthKey") @Nullable String authKey) {
        /** The key is not printed. */
        @Override
        public String toString() {
            return authKey == null || authKey.isEmpty() ? "Auth[]" : "Auth[redacted]";
        }
    }

    /** The auth key, or null when there is none. */
    public @Nullable String authKey() {
        return auth == null || auth.authKey == null || auth.authKey.isBlank() ? null : auth.authKey;
    }

    /** The asked-for expiry, or null for Go's zero time. */
    public @Nullable Instant wantedExpiry() {
        return expiry == null || expiry.isBefore(YEAR_TWO) ? null : expiry;
    }

    /** The old key, or null when it is absent or zero. */
    public @Nullable NodeKey previousKey() {
        return oldNodeKey == null || oldNodeKey.isZero() ? null : oldNodeKey;
    }
}
