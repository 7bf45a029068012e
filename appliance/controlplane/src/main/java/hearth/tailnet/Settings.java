package hearth.tailnet;

import java.time.Duration;

/**
 * Switches of the whole tailnet.
 *
 * @param deviceApproval new devices wait for an administrator, unless their key is pre-approved
 * @param keyExpiry node keys expire at all
 * @param keyDuration how long a login lasts
 */
public record Settings(boolean deviceApproval, boolean keyExpiry, Duration keyDuration) {
    public static final Settings DEFAULT = new Settings(false, true, Duration.ofDays(180));
}
