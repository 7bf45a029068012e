package hearth.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import hearth.base.IpAddress;
import hearth.control.DERPMap;
import hearth.control.DERPNode;
import hearth.control.DERPRegion;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class OutsideViewTest {
    private static DERPRegion region(
            int id, @Nullable String ipv4, @Nullable String ipv6, int stunPort) {
        var node = new DERPNode("a", id, "relay.test", null, ipv4, ipv6, stunPort, false, 0, false);
        return new DERPRegion(id, "r", "R", List.of(node));
    }

    private static InetSocketAddress at(String address, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(address), port);
    }

    private static OutsideView view(DERPRegion one, DERPRegion other) {
        var map = new DERPMap(null, Map.of(one.regionId(), one, other.regionId(), other), false);
        return OutsideView.of(map, 900, Set.of(IpAddress.parse("10.0.0.2")), 41641);
    }

    @Test
    void theOwnRelayIsNotAsked() {
        assertEquals(
                new OutsideView(List.of(), List.of()),
                view(region(900, "10.0.0.2", "none", 0), region(901, "10.0.0.2", null, 3479)));
    }

    @Test
    void behindANatTheRelaysAddressIsAskedAndTold() {
        assertEquals(
                new OutsideView(
                        List.of(at("192.0.2.9", 3478), at("2001:db8::9", 3478)),
                        List.of(at("192.0.2.9", 41641), at("2001:db8::9", 41641))),
                view(region(900, "192.0.2.9", "2001:db8::9", 0), region(901, null, null, 3479)));
    }

    @Test
    void aForeignServerIsAskedButForwardsNothing() {
        assertEquals(
                new OutsideView(List.of(at("198.51.100.1", 3480)), List.of()),
                view(region(1, "198.51.100.1", "none", 3480), region(2, "198.51.100.2", "x", -1)));
    }
}
