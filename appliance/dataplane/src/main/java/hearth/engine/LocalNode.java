package hearth.engine;

import hearth.crypto.NodeKey;

/** A node that this engine plays: own keys, own peers; shares the UDP port and the TUN. */
public final class LocalNode {
    private final NodeKey key;

    LocalNode(NodeKey key) {
        this.key = key;
    }

    public NodeKey key() {
        return key;
    }
}
