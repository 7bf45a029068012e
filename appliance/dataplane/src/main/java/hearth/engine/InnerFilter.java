package hearth.engine;

/**
 * Decides about inner packets. The packet is native memory ({@code hearth.base.Memory}) from its IP
 * header on; {@code length} is its length, up to 65,535 for a super-packet that is not cut yet.
 * Both methods run per packet: no allocation, no lock that is held for long.
 */
interface InnerFilter {
    /** Lets everything pass. */
    InnerFilter ALLOW_ALL =
            new InnerFilter() {
                @Override
                public boolean admits(RemotePeer from, long packet, int length) {
                    return true;
                }

                @Override
                public boolean leaves(RemotePeer to, long packet, int length) {
                    return true;
                }
            };

    /**
     * Receiver thread: whether a decrypted packet, whose source address {@code from} owns, may go
     * on to the TUN.
     */
    boolean admits(RemotePeer from, long packet, int length);

    /** Sender thread: whether a packet of the TUN may go to {@code to}; records its flow. */
    boolean leaves(RemotePeer to, long packet, int length);
}
