package hearth.app;

import hearth.base.IpAddress;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** The machine's own addresses. */
final class LocalAddresses {
    // RFC 5737: never reached, a connected UDP socket only asks the routing table
    private static final InetSocketAddress ELSEWHERE = new InetSocketAddress("192.0.2.1", 9);

    private LocalAddresses() {}

    /** The address that the default route uses, else the first one that is not loopback. */
    static Optional<IpAddress> main() {
        try (var socket = DatagramChannel.open(StandardProtocolFamily.INET)) {
            socket.connect(ELSEWHERE);
            var local = (InetSocketAddress) socket.getLocalAddress();
            if (!local.getAddress().isAnyLocalAddress()) {
                return Optional.of(IpAddress.of(local.getAddress()));
            }
        } catch (IOException e) {
            // no default route: the list below decides
        }
        return all().stream().filter(IpAddress::v4).findFirst();
    }

    /** All unicast addresses of interfaces that are up, without loopback and link-local. */
    static List<IpAddress> all() {
        List<IpAddress> out = new ArrayList<>();
        try {
            for (NetworkInterface nic : Collections.list(NetworkInterface.getNetworkInterfaces())) {
                if (!nic.isUp() || nic.isLoopback()) {
                    continue;
                }
                for (InterfaceAddress ia : nic.getInterfaceAddresses()) {
                    InetAddress a = ia.getAddress();
                    if (!a.isLinkLocalAddress()
                            && !(a instanceof Inet6Address && a.isMulticastAddress())) {
                        out.add(IpAddress.of(a));
                    }
                }
            }
        } catch (SocketException e) {
            return out; // interfaces vanish while they are listed
        }
        return out;
    }
}
