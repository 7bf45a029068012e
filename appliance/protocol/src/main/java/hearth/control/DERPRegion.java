package hearth.control;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * Relays that know each other's clients.
 *
 * @param regionId 900 to 999 for one's own
 * @param noMeasureNoHome not measured and never chosen as home
 */
public record DERPRegion(
        @JsonProperty("RegionID") int regionId,
        @JsonProperty("RegionCode") String regionCode,
        @JsonProperty("RegionName") String regionName,
        @JsonProperty("NoMeasureNoHome") @JsonInclude(JsonInclude.Include.NON_DEFAULT)
                boolean noMeasureNoHome,
        @JsonProperty("Nodes") List<DERPNode> nodes) {
    public DERPRegion {
        nodes = Lists.of(nodes);
    }

    DERPRegion withoutPins() {
        return new DERPRegion(
                regionId,
                regionCode,
                regionName,
                noMeasureNoHome,
                nodes.stream().map(DERPNode::withoutPin).toList());
    }
}
