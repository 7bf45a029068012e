package hearth.control;

import hearth.base.IpPrefix;
import hearth.crypto.DiscoKey;
import hearth.crypto.NodeKey;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a node inside this process must know: built by the control plane for each relevant change,
 * applied whole by the engine.
 *
 * @param peers ordered by id; never the node itself
 * @param packetFilter the rules whose destinations include this node
 * @param ownRegion number of this appliance's relay in {@code derpMap}; 0 when it is not there
 */
public record NetMap(
        Self self,
        List<Peer> peers,
        List<FilterRule> packetFilter,
        DERPMap derpMap,
        int ownRegion) {
    public NetMap {
        peers = List.copyOf(peers);
        packetFilter = List.copyOf(packetFilter);
    }

    /**
     * The node itself.
     *
     * @param name its full name with the trailing dot
     * @param allowedIps its addresses and the routes that are approved for it
     * @param expired its key has ended: it talks to nobody
     */
    public record Self(
            long id,
            String name,
            NodeKey key,
            List<IpPrefix> addresses,
            List<IpPrefix> allowedIps,
            boolean expired) {
        public Self {
            addresses = List.copyOf(addresses);
            allowedIps = List.copyOf(allowedIps);
        }
    }

    /**
     * Another node.
     *
     * @param disco null while it has not told one
     * @param allowedIps its addresses and the routes that this node may use through it
     * @param homeDerp region number, 0 when unknown
     */
    public record Peer(
            long id,
            String name,
            NodeKey key,
            @Nullable DiscoKey disco,
            List<IpPrefix> addresses,
            List<IpPrefix> allowedIps,
            List<InetSocketAddress> endpoints,
            int homeDerp,
            boolean online,
            boolean expired) {
        public Peer {
            addresses = List.copyOf(addresses);
            allowedIps = List.copyOf(allowedIps);
            endpoints = List.copyOf(endpoints);
        }
    }
}
