package hearth.engine;

import hearth.crypto.NodeKey;

/** A peer as one local node sees it: its key and the way to it. */
public final class RemotePeer {
    private final LocalNode node;
    private final NodeKey key;
    private final PeerPath path;

    RemotePeer(LocalNode node, NodeKey key, PeerPath path) {
        this.node = node;
        this.key = key;
        this.path = path;
    }

    public LocalNode node() {
        return node;
    }

    public NodeKey key() {
        return key;
    }

    public PeerPath path() {
        return path;
    }
}
