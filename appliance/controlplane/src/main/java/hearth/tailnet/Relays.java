package hearth.tailnet;

import hearth.control.DERPMap;
import hearth.control.DERPRegion;
import hearth.policy.RelaySection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The relays that devices are told of: the appliance's own, and what the policy's {@code derpMap}
 * makes of them.
 *
 * <p>The own relay never leaves the map, because the appliance's own node has no other: where the
 * policy omits it, it is nobody else's home. Where the policy gives one of its numbers to another
 * region, it takes a free one.
 *
 * @param own number of the appliance's own relay, 0 when it has none
 */
record Relays(DERPMap map, int own) {
    private static final int LAST_OF_ONES_OWN = 999; // numbers from 900 on are for private relays

    /** What a region's latency counts times for clients before 1.82 to make it nobody's home. */
    private static final double NEVER_HOME = 1000;

    static Relays of(DERPMap own, @Nullable RelaySection policy) {
        int first = own.regions().keySet().stream().findFirst().orElse(0);
        if (policy == null) {
            return new Relays(own, first);
        }
        boolean omit =
                policy.hasHome() && (policy.omitDefault() || policy.removed().contains(first));
        Map<Integer, DERPRegion> regions = new HashMap<>(policy.regions());
        Map<Integer, Double> scores = new HashMap<>();
        int at = first;
        for (DERPRegion r : own.regions().values()) {
            int old = r.regionId();
            if (old != first && policy.removed().contains(old)) {
                continue;
            }
            int id = regions.containsKey(old) ? free(regions, own) : old;
            at = old == first ? id : at;
            regions.put(id, omit ? r.withId(id).noHome() : r.withId(id));
            Double score =
                    own.homeParams() == null ? null : own.homeParams().regionScore().get(old);
            if (omit || score != null) {
                scores.put(id, omit ? NEVER_HOME : score);
            }
        }
        scores.putAll(policy.scores());
        return new Relays(
                new DERPMap(
                        scores.isEmpty() ? null : new DERPMap.HomeParams(scores), regions, false),
                at);
    }

    private static int free(Map<Integer, DERPRegion> taken, DERPMap own) {
        int id = LAST_OF_ONES_OWN;
        while (taken.containsKey(id) || own.regions().containsKey(id)) {
            id--;
        }
        return id;
    }
}
