package hearth.control;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Capabilities of a rule's sources at the destinations.
 *
 * @param dsts prefixes
 * @param caps value-less capabilities
 * @param capMap capability to its values; null values mean "held, without a value"
 */
public record CapGrant(
        @JsonProperty("Dsts") List<String> dsts,
        @JsonProperty("Caps") @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> caps,
        @JsonProperty("CapMap")
                @JsonInclude(
                        value = JsonInclude.Include.NON_EMPTY,
                        content = JsonInclude.Include.ALWAYS)
                Map<String, @Nullable List<JsonNode>> capMap) {
    public CapGrant {
        dsts = Lists.of(dsts);
        caps = Lists.of(caps);
        capMap = Lists.ordered(capMap);
    }
}
