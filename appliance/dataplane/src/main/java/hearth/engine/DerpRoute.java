package hearth.engine;

import hearth.crypto.NodeKey;

/**
 * One local node's login at one relay. What comes from the relay is given to {@code
 * LocalNode.receiveFromRelay}.
 */
public interface DerpRoute {
    /**
     * Queues a datagram for {@code to}; the array is the relay's from now on. Never blocks,
     * callable from any thread.
     *
     * @return false when it was dropped
     */
    boolean send(NodeKey to, byte[] datagram);

    /** The region of the relay map, 0 for our own, whatever its number is. */
    default int region() {
        return 0;
    }

    /** The same for what is sent to {@code peer} now. */
    default int regionTo(NodeKey peer) {
        return region();
    }
}
