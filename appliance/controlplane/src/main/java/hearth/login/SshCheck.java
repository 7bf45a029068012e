package hearth.login;

import java.time.Duration;
import java.time.Instant;

/**
 * An SSH session that a check rule holds until its person confirms it. Lives in memory only: a
 * device that asks after a restart gets a new one.
 *
 * @param id what the page's address ends in, 128 random bits in base64url
 * @param source number of the device the session comes from
 * @param destination number of the device it wants to enter
 * @param localUser the account it wants there
 * @param owner login of the source's owner: who may confirm
 * @param period how long the confirmation holds, zero for this session only
 */
public record SshCheck(
        String id,
        long source,
        long destination,
        String localUser,
        String owner,
        Duration period,
        Instant created,
        State state) {
    /** Where it stands. */
    public enum State {
        WAITING,
        CONFIRMED,
        REFUSED,
        /** Nobody waits for it any more. */
        GONE
    }
}
