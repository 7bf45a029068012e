package hearth.wireguard;

/** What {@link WireGuard} wants done. Drained after each call by {@link WireGuard#nextOutput}. */
public sealed interface Output {

    /** Send a handshake message to the peer by its path. */
    final class Send implements Output {
        private final Peer peer;
        private final byte[] datagram;

        Send(Peer peer, byte[] datagram) {
            this.peer = peer;
            this.datagram = datagram;
        }

        public Peer peer() {
            return peer;
        }

        /** The datagram; the caller's from now on. */
        public byte[] datagram() {
            return datagram;
        }
    }

    /** Send a cookie reply to where the message came from that was given last. */
    final class Reply implements Output {
        private final byte[] datagram;

        Reply(byte[] datagram) {
            this.datagram = datagram;
        }

        /** The datagram; the caller's from now on. */
        public byte[] datagram() {
            return datagram;
        }
    }

    /** Sender thread: send what is staged; when nothing is and {@code keepalive}, a keepalive. */
    record Flush(Peer peer, boolean keepalive) implements Output {}

    /** Sender thread: drop what is staged, the peer does not answer or is gone. */
    record DropStaged(Peer peer) implements Output {}

    /** The peer is silent: a cached source address should be forgotten. */
    record Silent(Peer peer) implements Output {}

    /** A session is out of use: its halves are to be closed by their threads. */
    record Retired(Peer peer, Keypair keypair) implements Output {}
}
