package hearth.derp;

import hearth.crypto.NodeKey;
import java.nio.ByteBuffer;

/** One node's place at a relay: at the one in this process, or at another. Thread-safe. */
public interface RelayLink extends AutoCloseable {
    /**
     * Sends the rest of {@code packet} (its position is left alone); false when it was dropped,
     * because nobody is there or too much waits.
     */
    boolean send(NodeKey to, ByteBuffer packet);

    /**
     * Whether a packet can go to {@code peer} now. Our own relay knows who is there; of another one
     * it is only known that we are connected to it and that it has not said that the peer left.
     */
    boolean reaches(NodeKey peer);

    /** Leaves; peers that had packets from this node are told. */
    @Override
    void close();
}
