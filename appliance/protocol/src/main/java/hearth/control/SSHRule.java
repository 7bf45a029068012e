package hearth.control;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One SSH rule.
 *
 * @param sshUsers asked-for user, or {@code *}, to local user: {@code =} the same, empty text no
 *     match
 * @param acceptEnv environment variables, with {@code *} and {@code ?}
 */
public record SSHRule(
        @JsonProperty("ruleExpires") @Nullable Instant ruleExpires,
        @JsonProperty("principals") List<SSHPrincipal> principals,
        @JsonProperty("sshUsers") Map<String, String> sshUsers,
        @JsonProperty("action") SSHAction action,
        @JsonProperty("acceptEnv") @JsonInclude(JsonInclude.Include.NON_EMPTY)
                List<String> acceptEnv) {
    public SSHRule {
        principals = Lists.of(principals);
        sshUsers = Lists.ordered(sshUsers);
        acceptEnv = Lists.of(acceptEnv);
    }
}
