package hearth.engine;

import hearth.base.IpAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * A UDP address as numbers: 128 bits of address, IPv4 mapped as {@code ::ffff:a.b.c.d}, and the
 * port. Link-local scope is not carried.
 */
record UdpAddress(long high, long low, int port) {
    private static final long MAPPED = 0x0000_ffff_0000_0000L;

    static UdpAddress of(InetSocketAddress address) {
        InetAddress a = address.getAddress();
        if (a == null) {
            throw new IllegalArgumentException("unresolved address " + address);
        }
        return of(IpAddress.of(a), address.getPort());
    }

    static UdpAddress of(IpAddress a, int port) {
        return new UdpAddress(a.high(), a.v4() ? MAPPED | a.low() : a.low(), port);
    }

    public boolean v4() {
        return high == 0 && low >>> 32 == 0xffffL;
    }

    public IpAddress address() {
        return new IpAddress(false, high, low).unmapped();
    }

    public InetSocketAddress toSocketAddress() {
        return new InetSocketAddress(address().toInetAddress(), port);
    }

    @Override
    public String toString() {
        return address().withPort(port);
    }
}
