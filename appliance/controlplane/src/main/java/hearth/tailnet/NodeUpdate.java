package hearth.tailnet;

import hearth.control.Hostinfo;
import hearth.crypto.DiscoKey;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a node tells about itself in a map request; null means "not told, keep".
 *
 * @param homeDerp 0 means "not told": the home is kept per machine
 */
public record NodeUpdate(
        long node,
        @Nullable DiscoKey disco,
        @Nullable List<InetSocketAddress> endpoints,
        int homeDerp,
        @Nullable Hostinfo hostinfo,
        int capver) {
    public NodeUpdate {
        endpoints = endpoints == null ? null : endpoints.stream().distinct().toList();
    }
}
