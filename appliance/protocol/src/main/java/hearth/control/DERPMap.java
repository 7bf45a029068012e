package hearth.control;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * The relays. Keys of {@code regions} equal their {@code RegionID}; there is never a null region
 * (the client guards against it, and falls over without the guard).
 */
public record DERPMap(
        @JsonProperty("Regions") Map<Integer, DERPRegion> regions,
        @JsonProperty("omitDefaultRegions") @JsonInclude(JsonInclude.Include.NON_DEFAULT)
                boolean omitDefaultRegions) {
    public static final DERPMap EMPTY = new DERPMap(Map.of(), false);

    public DERPMap {
        regions = regions == null ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(regions));
    }

    /** A map of one region. */
    public static DERPMap of(DERPRegion region) {
        return new DERPMap(Map.of(region.regionId(), region), false);
    }
}
