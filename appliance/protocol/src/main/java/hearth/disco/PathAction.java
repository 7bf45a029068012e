package hearth.disco;

import hearth.crypto.NodeKey;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** What a {@link PathFinder} wants done; the arrays belong to whoever does it. */
public sealed interface PathAction {
    /** Send a datagram from the engine's UDP port. */
    @SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
    record ToUdp(InetSocketAddress to, byte[] datagram) implements PathAction {}

    /** Send a datagram by the local node's relay. */
    @SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
    record ToRelay(NodeKey to, byte[] datagram) implements PathAction {}

    /**
     * The peer's packets go to {@code direct} alone until {@code trustedUntilNanos}, after it by
     * relay as well; with null by relay alone.
     */
    record Routed(NodeKey peer, @Nullable InetSocketAddress direct, long trustedUntilNanos)
            implements PathAction {}

    /** The peer has restarted: its WireGuard session is worth nothing any more. */
    record ResetSession(NodeKey peer) implements PathAction {}

    /** A peer saw us at this address, which is none of our own endpoints. */
    record SeenAs(InetSocketAddress own) implements PathAction {}
}
