package hearth.engine;

import hearth.crypto.DiscoKey;
import hearth.crypto.NodeKey;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * What a local node tells the control plane about itself, at every change.
 *
 * @param endpoints where it can be reached, best first
 * @param homeDerp its relay's region, 0 without one
 */
public record NodeReport(
        NodeKey node, DiscoKey disco, List<InetSocketAddress> endpoints, int homeDerp) {
    public NodeReport {
        endpoints = List.copyOf(endpoints);
    }
}
