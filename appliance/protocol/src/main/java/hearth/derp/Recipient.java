package hearth.derp;

import hearth.crypto.NodeKey;

/** One connection or local link of a key. */
sealed interface Recipient permits DerpSession, LocalLink {
    /** Takes or drops a packet from {@code from}; false when this recipient has ended. */
    boolean deliver(NodeKey from, byte[] in, int offset, int count, boolean disco);

    void tellGone(NodeKey peer, DerpFrame.PeerGone.Reason reason);

    /** Keys that had packets over this connection. */
    Iterable<NodeKey> targets();

    void end(EndReason reason);
}
