package hearth.engine;

import org.jspecify.annotations.Nullable;

/**
 * Chooses the path to one peer. {@link #current} is read by the sender for each train and by the
 * control thread, the others are told by the receiver and the control thread: an implementation
 * publishes its choice through a volatile field. No method allocates while nothing changes.
 */
interface PeerPath {
    /** The path now, or null when there is none: the packet is dropped and counted. */
    @Nullable Path current(long nowNanos);

    /** A packet that the peer's keys authenticate came from this address (IPv4 mapped). */
    void receivedFromUdp(long high, long low, int port, long nowNanos);

    /** A packet that the peer's keys authenticate came by this relay. */
    void receivedFromRelay(DerpRoute relay, long nowNanos);

    /**
     * Nothing came back for some time: a cached choice should be forgotten (WireGuard's timers).
     */
    void silent(long nowNanos);
}
