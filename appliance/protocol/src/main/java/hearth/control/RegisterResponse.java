package hearth.control;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;

/**
 * Answer of {@code POST /machine/register}, always with status 200: a refusal stands in {@code
 * error}, which the user reads. Every field is always sent, tailscale-rs wants them all.
 *
 * @param authUrl empty unless the user must log in there
 */
public record RegisterResponse(
        @JsonProperty("User") User user,
        @JsonProperty("Login") Login login,
        @JsonProperty("NodeKeyExpired") boolean nodeKeyExpired,
        @JsonProperty("MachineAuthorized") boolean machineAuthorized,
        @JsonProperty("AuthURL") String authUrl,
        @JsonProperty("Error") String error) {
    private static final User NO_USER = new User(0, "", "", Instant.parse("0001-01-01T00:00:00Z"));
    private static final Login NO_LOGIN = new Login(0, "", "", "", "");

    /** The owner of the node. */
    public record User(
            @JsonProperty("ID") long id,
            @JsonProperty("DisplayName") String displayName,
            @JsonProperty("ProfilePicURL") String profilePicUrl,
            @JsonProperty("Created") Instant created) {}

    /** The account that logged in. */
    public record Login(
            @JsonProperty("ID") long id,
            @JsonProperty("Provider") String provider,
            @JsonProperty("LoginName") String loginName,
            @JsonProperty("DisplayName") String displayName,
            @JsonProperty("ProfilePicURL") String profilePicUrl) {}

    public static RegisterResponse accepted(User user, Login login, boolean machineAuthorized) {
        return new RegisterResponse(user, login, false, machineAuthorized, "", "");
    }

    public static RegisterResponse needsLogin(String url) {
        return new RegisterResponse(NO_USER, NO_LOGIN, false, false, url, "");
    }

    /** The presented key has ended: the client makes a new one and asks again at once. */
    public static RegisterResponse keyExpired() {
        return new RegisterResponse(NO_USER, NO_LOGIN, true, false, "", "");
    }

    public static RegisterResponse failed(String error) {
        return new RegisterResponse(NO_USER, NO_LOGIN, false, false, "", error);
    }
}
