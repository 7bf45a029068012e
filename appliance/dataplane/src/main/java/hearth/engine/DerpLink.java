package hearth.engine;

import hearth.crypto.NodeKey;
import java.nio.ByteBuffer;

/** The relay in this process as the engine uses it. */
record DerpLink(hearth.derp.RelayLink relay) implements RelayLink {
    @Override
    public boolean send(NodeKey to, byte[] datagram) {
        return relay.send(to, ByteBuffer.wrap(datagram));
    }
}
