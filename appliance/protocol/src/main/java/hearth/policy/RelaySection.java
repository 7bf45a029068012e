package hearth.policy;

import hearth.control.DERPRegion;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The {@code derpMap} section: how the relays of the tailnet differ from the server's own.
 *
 * @param omitDefault the server's own relays are to be nobody's home
 * @param regions added, or in the place of the region of that number
 * @param removed numbers of regions that are to go
 * @param scores what a region's measured latency counts times, by its number
 */
public record RelaySection(
        boolean omitDefault,
        Map<Integer, DERPRegion> regions,
        List<Integer> removed,
        Map<Integer, Double> scores) {
    public RelaySection {
        regions = Collections.unmodifiableMap(new TreeMap<>(regions));
        removed = List.copyOf(removed);
        scores = Collections.unmodifiableMap(new TreeMap<>(scores));
    }

    /** Whether a client finds a home among {@link #regions}. */
    public boolean hasHome() {
        return regions.values().stream().anyMatch(DERPRegion::canBeHome);
    }
}
