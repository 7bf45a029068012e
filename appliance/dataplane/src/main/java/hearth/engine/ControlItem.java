package hearth.engine;

import hearth.crypto.NodeKey;
import hearth.wireguard.Keypair;
import org.jspecify.annotations.Nullable;

/** What the other threads hand to the control thread. */
sealed interface ControlItem {
    /** A datagram that is no transport message, with its source: an address or a relay. */
    final class Datagram implements ControlItem {
        enum Kind {
            HANDSHAKE,
            DISCO,
            STUN
        }

        final Kind kind;
        final byte[] bytes;
        final @Nullable UdpAddress from;
        final @Nullable Relayed relayed;

        Datagram(Kind kind, byte[] bytes, @Nullable UdpAddress from, @Nullable Relayed relayed) {
            this.kind = kind;
            this.bytes = bytes;
            this.from = from;
            this.relayed = relayed;
        }
    }

    /** By which relay and from whom a datagram came for a local node. */
    record Relayed(LocalNode to, DerpRoute relay, NodeKey from) {}

    /** The sender or the receiver wants new keys. */
    record Handshake(RemotePeer peer) implements ControlItem {}

    /** The receiver saw the first packet of a session. */
    record Confirmed(Keypair session) implements ControlItem {}

    record Task(Runnable what) implements ControlItem {}
}
