package hearth.os;

import hearth.base.IpPrefix;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the machine's network stack shall look like.
 *
 * @param addresses of the TUN: the local node's own, as /32 and /128
 * @param routes what goes into the TUN
 * @param forwarding pass packets between the TUN and other interfaces
 * @param masquerade forwarded packets leave with the machine's own address; otherwise the other
 *     side must route the tailnet's addresses back
 * @param siteGateway hosts outside may open connections into the tailnet
 */
public record RouterState(
        Set<IpPrefix> addresses,
        Set<IpPrefix> routes,
        boolean forwarding,
        boolean masquerade,
        boolean siteGateway) {
    public static final RouterState NOTHING =
            new RouterState(Set.of(), Set.of(), false, true, false);

    public RouterState {
        addresses = Collections.unmodifiableSet(new TreeSet<>(addresses));
        routes = Collections.unmodifiableSet(new TreeSet<>(routes));
    }
}
