package hearth.control;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * Relays that know each other's clients.
 *
 * @param regionId 900 to 999 for one's own
 * @param latitude of its city in degrees, 0 when nobody said
 * @param longitude as {@code latitude}
 * @param avoid what clients before 1.82 took for {@code noMeasureNoHome}, more or less
 * @param noMeasureNoHome not measured and never chosen as home
 */
public record DERPRegion(
        @JsonProperty("RegionID") int regionId,
        @JsonProperty("RegionCode") String regionCode,
        @JsonProperty("RegionName") String regionName,
        @JsonProperty("Latitude") @JsonInclude(JsonInclude.Include.NON_DEFAULT) double latitude,
        @JsonProperty("Longitude") @JsonInclude(JsonInclude.Include.NON_DEFAULT) double longitude,
        @JsonProperty("Avoid") @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean avoid,
        @JsonProperty("NoMeasureNoHome") @JsonInclude(JsonInclude.Include.NON_DEFAULT)
                boolean noMeasureNoHome,
        @JsonProperty("Nodes") List<DERPNode> nodes) {
    public DERPRegion {
        nodes = Lists.of(nodes);
    }

    /** A region of which the place is not said. */
    public DERPRegion(int id, String code, String name, List<DERPNode> nodes) {
        this(id, code, name, 0, 0, false, false, nodes);
    }

    /** The same relays under another number. */
    public DERPRegion withId(int id) {
        return with(id, noMeasureNoHome, nodes.stream().map(n -> n.inRegion(id)).toList());
    }

    /** The same, used only to reach a peer whose home it is. */
    public DERPRegion noHome() {
        return with(regionId, true, nodes);
    }

    /** Whether clients may choose it as their home: it is measured, and has a relay. */
    public boolean canBeHome() {
        return !noMeasureNoHome && !nodes.stream().allMatch(DERPNode::stunOnly);
    }

    DERPRegion withoutPins() {
        return with(regionId, noMeasureNoHome, nodes.stream().map(DERPNode::withoutPin).toList());
    }

    private DERPRegion with(int id, boolean nobodysHome, List<DERPNode> relays) {
        return new DERPRegion(
                id, regionCode, regionName, latitude, longitude, avoid, nobodysHome, relays);
    }
}
