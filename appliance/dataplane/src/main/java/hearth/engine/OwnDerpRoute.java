package hearth.engine;

import hearth.crypto.NodeKey;
import hearth.derp.RelayLink;
import java.nio.ByteBuffer;

/** The relay in this process as the engine uses it. */
record OwnDerpRoute(RelayLink relay) implements DerpRoute {
    @Override
    public boolean send(NodeKey to, byte[] datagram) {
        return relay.send(to, ByteBuffer.wrap(datagram));
    }
}
