package hearth.control;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/** What a node's SSH server lets in; the first rule that matches decides. */
public record SSHPolicy(@JsonProperty("rules") List<SSHRule> rules) {
    public SSHPolicy {
        rules = Lists.of(rules);
    }
}
