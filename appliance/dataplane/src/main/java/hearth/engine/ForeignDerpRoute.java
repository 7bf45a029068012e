package hearth.engine;

import hearth.crypto.NodeKey;
import hearth.derp.RelayLink;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The way to peers whose home is a relay of somebody else. Where we are not connected to it and the
 * peer is at our own, because it called us, that one is taken: no connection is opened for an
 * answer (magicsock's derpRoute, by knowledge instead of by memory).
 */
record ForeignDerpRoute(int region, RelayLink foreign, @Nullable RelayLink own)
        implements DerpRoute {
    @Override
    public boolean send(NodeKey to, byte[] datagram) {
        return relayTo(to).send(to, ByteBuffer.wrap(datagram));
    }

    @Override
    public int regionTo(NodeKey peer) {
        return foreign.equals(relayTo(peer)) ? region : 0;
    }

    private RelayLink relayTo(NodeKey peer) {
        return own != null && !foreign.reaches(peer) && own.reaches(peer) ? own : foreign;
    }
}
