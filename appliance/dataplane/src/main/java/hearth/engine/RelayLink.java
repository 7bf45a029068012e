package hearth.engine;

import hearth.crypto.NodeKey;

/**
 * One local node's login at one relay. What comes from the relay is given to {@code
 * LocalNode.receiveFromRelay}.
 */
public interface RelayLink {
    /**
     * Queues a datagram for {@code to}; the array is the relay's from now on. Never blocks,
     * callable from any thread.
     *
     * @return false when it was dropped
     */
    boolean send(NodeKey to, byte[] datagram);
}
