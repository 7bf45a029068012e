package hearth.control;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;

/** Who an id in a map is. The login looks like a mail address; SSH rules match it. */
public record UserProfile(
        @JsonProperty("ID") long id,
        @JsonProperty("LoginName") String loginName,
        @JsonProperty("DisplayName") String displayName,
        @JsonProperty("ProfilePicURL") @JsonInclude(JsonInclude.Include.NON_EMPTY)
                String profilePicUrl) {}
