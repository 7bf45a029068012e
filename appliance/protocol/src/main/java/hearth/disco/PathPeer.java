package hearth.disco;

import hearth.crypto.DiscoKey;
import hearth.crypto.NodeKey;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A peer as the network map gives it; without a disco key it is reached by relay alone. */
public record PathPeer(NodeKey key, @Nullable DiscoKey disco, List<InetSocketAddress> endpoints) {
    public PathPeer {
        endpoints = List.copyOf(endpoints);
    }
}
