package hearth.control;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/** Who may connect: the first of the fields that is set counts. */
public record SSHPrincipal(
        @JsonProperty("node") @Nullable String node,
        @JsonProperty("nodeIP") @Nullable String nodeIP,
        @JsonProperty("userLogin") @Nullable String userLogin,
        @JsonProperty("any") @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean any) {
    public static SSHPrincipal ofNodeIp(String ip) {
        return new SSHPrincipal(null, ip, null, false);
    }

    public static SSHPrincipal ofUser(String login) {
        return new SSHPrincipal(null, null, login, false);
    }
}
