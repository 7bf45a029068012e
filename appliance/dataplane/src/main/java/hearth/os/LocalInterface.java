package hearth.os;

import hearth.base.IpPrefix;
import java.util.List;

/**
 * A network interface of this machine that is up.
 *
 * @param prefixes its addresses with the length of their network
 */
public record LocalInterface(String name, Kind kind, List<IpPrefix> prefixes) {
    /** What an interface is for. */
    public enum Kind {
        /** A network card, or a bridge or VLAN that stands for one. */
        LAN,
        LOOPBACK,
        /** TUN, TAP, WireGuard, PPP and the like. */
        TUNNEL,
        /** A bridge that a container or VM system made for itself. */
        CONTAINER_BRIDGE
    }

    public LocalInterface {
        prefixes = List.copyOf(prefixes);
    }
}
