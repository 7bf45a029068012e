package hearth.policy;

import hearth.control.PortRange;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * One entry of {@code acls} or {@code grants}, in the common form that is compiled.
 *
 * @param place of the entry
 * @param action what it does to a flow that matches
 * @param postures of which the source must fulfil one; empty when none is asked
 * @param via tags of the routers that lead to the destinations; empty for all
 * @param openings network access, one for each set of protocols
 * @param app capabilities with their arguments
 * @param appTo where the capabilities hold
 */
record Rule(
        Place place,
        Action action,
        List<Selector> sources,
        List<String> postures,
        List<String> via,
        List<Opening> openings,
        Map<String, List<JsonNode>> app,
        List<Selector> appTo) {

    /** Whether it stands in {@code grants}, which count after every acl. */
    boolean isGrant() {
        return place.path().startsWith("grants");
    }

    enum Action {
        ACCEPT,
        DENY
    }

    /**
     * Destinations that may be reached by the same protocols.
     *
     * @param protocols numbers; empty means TCP, UDP, ICMP and ICMPv6
     */
    record Opening(List<Integer> protocols, List<Target> targets) {}

    /** A destination and its open ports. */
    record Target(Selector to, List<PortRange> ports) {}
}
