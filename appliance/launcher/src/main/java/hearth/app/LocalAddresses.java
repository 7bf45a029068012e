package hearth.app;

import hearth.base.IpAddress;
import hearth.listen.HostNames;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import org.jspecify.annotations.Nullable;

/** The machine's own addresses. */
final class LocalAddresses {
    // RFC 5737: never reached, a connected UDP socket only asks the routing table
    private static final InetSocketAddress ELSEWHERE = new InetSocketAddress("192.0.2.1", 9);
    private static final InetSocketAddress ELSEWHERE_V6 =
            new InetSocketAddress(IpAddress.parse("2001:db8::1").toInetAddress(), 9); // RFC 3849
    private static final IpAddress LOOPBACK = IpAddress.parse("127.0.0.1");

    private LocalAddresses() {}

    /** The IPv6 address that the default route uses, null without one. */
    private static @Nullable IpAddress mainV6() {
        try (var socket = DatagramChannel.open(StandardProtocolFamily.INET6)) {
            socket.connect(ELSEWHERE_V6);
            var local = (InetSocketAddress) socket.getLocalAddress();
            IpAddress ip = IpAddress.of(local.getAddress());
            return local.getAddress().isAnyLocalAddress()
                            || local.getAddress().isLinkLocalAddress()
                            || local.getAddress().isLoopbackAddress()
                            || ip.v4()
                    ? null
                    : ip;
        } catch (IOException | UnsupportedOperationException e) {
            return null; // no IPv6, or no way out by it
        }
    }

    /** By which others reach this machine, null for a family that it does not have. */
    record Main(@Nullable IpAddress v4, @Nullable IpAddress v6) {
        /** The IPv4 address, without one the IPv6 address, else loopback. */
        IpAddress any() {
            return v4 != null ? v4 : v6 != null ? v6 : LOOPBACK;
        }
    }

    /** Asks the system, with a socket for each family. */
    static Main main() {
        return new Main(mainV4(), mainV6());
    }

    /** The IPv4 address that the default route uses, else the lowest one, null without one. */
    private static @Nullable IpAddress mainV4() {
        try (var socket = DatagramChannel.open(StandardProtocolFamily.INET)) {
            socket.connect(ELSEWHERE);
            var local = (InetSocketAddress) socket.getLocalAddress();
            if (!local.getAddress().isAnyLocalAddress()) {
                return IpAddress.of(local.getAddress());
            }
        } catch (IOException e) {
            // no default route: the list decides
        }
        return HostNames.localAddresses().stream()
                .filter(a -> a.v4() && !a.equals(LOOPBACK))
                .min(IpAddress::compareTo)
                .orElse(null);
    }
}
