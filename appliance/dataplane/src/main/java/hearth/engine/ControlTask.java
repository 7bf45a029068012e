package hearth.engine;

import hearth.crypto.NodeKey;

/**
 * Disco, STUN and their timers: everything that comes with the UDP socket or a relay and is not
 * WireGuard. All methods run on the engine's control thread, never at the same time.
 */
interface ControlTask {
    /** Ignores everything. */
    ControlTask NONE =
            new ControlTask() {
                @Override
                public void disco(byte[] datagram, UdpAddress from, long nowNanos) {}

                @Override
                public void discoByRelay(
                        LocalNode to,
                        DerpRoute relay,
                        NodeKey from,
                        byte[] datagram,
                        long nowNanos) {}

                @Override
                public void stun(byte[] datagram, UdpAddress from, long nowNanos) {}

                @Override
                public long poll(long nowNanos) {
                    return nowNanos + Long.MAX_VALUE / 2;
                }
            };

    /** A datagram that starts with the disco magic. */
    void disco(byte[] datagram, UdpAddress from, long nowNanos);

    /** A disco message for {@code to} that came by its relay from the node {@code from}. */
    void discoByRelay(LocalNode to, DerpRoute relay, NodeKey from, byte[] datagram, long nowNanos);

    /** A datagram with the STUN cookie. */
    void stun(byte[] datagram, UdpAddress from, long nowNanos);

    /**
     * A transport message for a session that nobody here knows came from {@code from}: whoever
     * sends there missed that this process is a new one. At most some a second.
     */
    default void unknownSession(UdpAddress from, long nowNanos) {}

    /** The same by a relay: {@code from} believes in a session with {@code to}. */
    default void unknownSessionByRelay(LocalNode to, NodeKey from, long nowNanos) {}

    /**
     * Runs what is due; early and repeated calls are harmless.
     *
     * @return when to call again at the latest
     */
    long poll(long nowNanos);
}
