package hearth.engine;

import hearth.crypto.NodeKey;
import hearth.derp.DerpFrame;
import hearth.derp.PacketSink;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** What a relay has for a local node. */
final class RelayInlet implements PacketSink {
    /** Takes a datagram and the link by which it came; {@link LocalNode#receiveFromRelay}. */
    @FunctionalInterface
    interface Receiver {
        void receive(DerpRoute by, NodeKey from, byte[] datagram);
    }

    private final Receiver node;
    private volatile @Nullable DerpRoute link;

    RelayInlet(Receiver node) {
        this.node = node;
    }

    /** The link by which it is answered; nothing is taken before. */
    void comesBy(DerpRoute by) {
        link = by;
    }

    @Override
    public void packet(NodeKey from, ByteBuffer packet) {
        DerpRoute by = link;
        if (by != null) {
            byte[] datagram = new byte[packet.remaining()];
            packet.get(datagram);
            node.receive(by, from, datagram);
        }
    }

    @Override
    public void peerGone(NodeKey peer, DerpFrame.PeerGone.Reason reason) {
        // a direct path stays; without one the peer's packets are lost until it comes back
    }
}
