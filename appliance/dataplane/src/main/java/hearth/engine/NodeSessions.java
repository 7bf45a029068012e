package hearth.engine;

import hearth.base.IpPrefix;
import hearth.crypto.NodeKey;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The WireGuard side of one local node, as the application of a network map needs it. */
interface NodeSessions {
    /**
     * Makes {@code allowedIps} the node's peers; those left out lose their sessions at once, the
     * others keep theirs.
     *
     * @param path the path of a peer, asked once for each new one
     */
    void apply(Map<NodeKey, List<IpPrefix>> allowedIps, Function<NodeKey, PeerPath> path);

    /** Begins the session with {@code peer} anew at its next packet. */
    void reset(NodeKey peer);
}
