package hearth.login;

import java.time.Instant;

/**
 * A signed-in browser.
 *
 * @param id what the store and the page know it by: hex SHA-256 of the cookie's value
 * @param csrf the token that every form of this session carries
 */
public record Session(
        String id,
        String login,
        String csrf,
        Instant created,
        Instant lastUsed,
        String address,
        String agent) {
    @Override
    public String toString() {
        return "Session[" + login + "]";
    }
}
