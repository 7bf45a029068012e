package hearth.engine;

import hearth.base.IpPrefix;
import hearth.crypto.NodeKey;
import hearth.disco.PathPeer;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * The WireGuard side and the paths of one local node, changed together. Confined to the control
 * thread.
 */
final class NodeSessions {
    private final LocalNode node;

    NodeSessions(LocalNode node) {
        this.node = node;
    }

    /**
     * Makes {@code allowedIps} the node's peers; those left out lose their sessions at once, the
     * others keep theirs.
     */
    void apply(
            List<IpPrefix> own,
            Map<NodeKey, List<IpPrefix>> allowedIps,
            NodePaths ways,
            Collection<PathPeer> paths,
            long nowNanos) {
        List<PeerSpec> specs =
                allowedIps.entrySet().stream()
                        .map(e -> spec(e.getKey(), e.getValue(), ways))
                        .toList();
        node.setAddresses(own);
        node.setPeers(specs);
        ways.apply(paths, nowNanos);
    }

    private static PeerSpec spec(NodeKey key, List<IpPrefix> allowedIps, NodePaths ways) {
        return new PeerSpec(key, allowedIps, ways.path(key), Duration.ZERO);
    }
}
