package hearth.derp;

import hearth.crypto.NodeKey;
import java.nio.ByteBuffer;

/**
 * Where a local node takes what the relay has for it. Called on whatever thread the packet arrived
 * on: it must neither block nor call the relay back.
 */
public interface PacketSink {
    /** A packet; {@code packet} is valid during the call alone. */
    void packet(NodeKey from, ByteBuffer packet);

    /** {@code peer} cannot be reached through the relay any more. */
    void peerGone(NodeKey peer, DerpFrame.PeerGone.Reason reason);
}
