package hearth.os;

import static org.junit.jupiter.api.Assertions.assertEquals;

import hearth.base.IpAddress;
import hearth.base.IpPrefix;
import hearth.os.LocalInterface.Kind;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class LinuxInterfacesTest {
    private static LocalInterface i(String name, Kind kind, String... prefixes) {
        return new LocalInterface(name, kind, Stream.of(prefixes).map(IpPrefix::parse).toList());
    }

    private static final List<LocalInterface> MACHINE =
            List.of(
                    i("docker0", Kind.CONTAINER_BRIDGE, "172.17.0.1/16"),
                    i("eth0", Kind.LAN, "192.168.7.1/24", "fe80::1/64", "fd00:7::1/64"),
                    i("eth1", Kind.LAN, "203.0.113.5/24", "2001:db8::5/64", "100.64.9.9/24"),
                    i("eth2", Kind.LAN, "10.1.0.9/32", "192.168.7.9/24"),
                    i("lo", Kind.LOOPBACK, "127.0.0.1/8", "::1/128"),
                    i("wg0", Kind.TUNNEL, "10.9.0.1/24"));

    @Test
    void offersPrivateNetworksOfRealInterfaces() {
        assertEquals(
                List.of(IpPrefix.parse("192.168.7.0/24"), IpPrefix.parse("fd00:7::/64")),
                LinuxInterfaces.offeredRoutes(MACHINE));
    }

    @Test
    void endpointsLeaveOutLinkLocalTailnetTunnelsAndBridges() {
        assertEquals(
                Stream.of(
                                "10.1.0.9",
                                "192.168.7.1",
                                "192.168.7.9",
                                "203.0.113.5",
                                "2001:db8::5",
                                "fd00:7::1")
                        .map(IpAddress::parse)
                        .toList(),
                LinuxInterfaces.endpointAddresses(MACHINE));
        assertEquals(
                List.of(IpAddress.parse("127.0.0.1"), IpAddress.parse("::1")),
                LinuxInterfaces.endpointAddresses(List.of(MACHINE.get(4))));
    }
}
