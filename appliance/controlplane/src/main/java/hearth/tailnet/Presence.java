package hearth.tailnet;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Whether a node is connected.
 *
 * @param lastSeen since when it is connected, or when it was last; null while it never was
 */
public record Presence(boolean online, @Nullable Instant lastSeen) {
    public static final Presence NEVER = new Presence(false, null);
}
