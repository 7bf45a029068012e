package hearth.control;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The relays. Keys of {@code regions} equal their {@code RegionID}; there is never a null region
 * (the client guards against it, and falls over without the guard).
 *
 * @param homeParams how a home is chosen, null for by latency alone
 */
public record DERPMap(
        @JsonProperty("HomeParams") @JsonInclude(JsonInclude.Include.NON_NULL)
                @Nullable HomeParams homeParams,
        @JsonProperty("Regions") Map<Integer, DERPRegion> regions,
        @JsonProperty("omitDefaultRegions") @JsonInclude(JsonInclude.Include.NON_DEFAULT)
                boolean omitDefaultRegions) {
    public static final DERPMap EMPTY = new DERPMap(null, Map.of(), false);

    /**
     * How a client weighs regions.
     *
     * @param regionScore a region's measured latency counts times this; absent: 1
     */
    public record HomeParams(@JsonProperty("RegionScore") Map<Integer, Double> regionScore) {
        public HomeParams {
            regionScore = Lists.sorted(regionScore);
        }
    }

    public DERPMap {
        regions = Lists.sorted(regions);
    }

    /** The same without pinned certificates. */
    public DERPMap withoutPins() {
        Map<Integer, DERPRegion> out = new TreeMap<>();
        regions.forEach((id, region) -> out.put(id, region.withoutPins()));
        return new DERPMap(homeParams, out, omitDefaultRegions);
    }

    /** A map of one region. */
    public static DERPMap of(DERPRegion region) {
        return new DERPMap(null, Map.of(region.regionId(), region), false);
    }
}
