package hearth.engine;

import org.jspecify.annotations.Nullable;

/**
 * The path of a plain WireGuard peer: the configured address until an authenticated packet comes
 * from another one (WireGuard paper, 2.1). A peer that comes by relay is answered by relay.
 */
final class RoamingPath implements PeerPath {
    private volatile @Nullable Path path;

    RoamingPath(@Nullable Path start) {
        this.path = start;
    }

    @Override
    public @Nullable Path current(long nowNanos) {
        return path;
    }

    @Override
    public void receivedFromUdp(long high, long low, int port, long nowNanos) {
        Path p = path;
        UdpAddress udp = p == null ? null : p.udp();
        if (udp == null || udp.low() != low || udp.high() != high || udp.port() != port) {
            path = new Path(new UdpAddress(high, low, port), null);
        }
    }

    @Override
    public void receivedFromRelay(DerpRoute relay, long nowNanos) {
        Path p = path;
        if (p == null || !relay.equals(p.relay()) || p.udp() != null) {
            path = new Path(null, relay);
        }
    }

    @Override
    public void silent(long nowNanos) {
        // the last address is all that a plain peer has
    }
}
