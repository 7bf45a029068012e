package hearth.derp;

import hearth.crypto.NodeKey;
import java.nio.ByteBuffer;

/** A local node's place at the relay: no transport, no login. Thread-safe. */
public interface RelayLink extends AutoCloseable {
    /**
     * Sends the rest of {@code packet} (its position is left alone); false when nobody is there.
     */
    boolean send(NodeKey to, ByteBuffer packet);

    /** Leaves; peers that had packets from this node are told. */
    @Override
    void close();
}
