package hearth.derp;

import hearth.crypto.NodeKey;

/** One connection or local link of a key. */
sealed interface Recipient permits DerpSession, LocalLink {
    /** What became of a packet. */
    enum Delivery {
        /** The recipient has ended. */
        GONE,
        /** Taken, or dropped and counted. */
        DONE,
        /** Taken, and {@link #wake} is to be called when the sender has no more to deliver now. */
        WAKE
    }

    /** Takes or drops a packet from {@code from}. */
    Delivery deliver(NodeKey from, byte[] in, int offset, int count, boolean disco);

    void wake();

    void tellGone(NodeKey peer, DerpFrame.PeerGone.Reason reason);

    /** Keys that had packets over this connection. */
    Iterable<NodeKey> targets();

    void end(EndReason reason);
}
