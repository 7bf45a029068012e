package hearth.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.base.IpAddress;
import hearth.base.IpPrefix;
import hearth.control.DERPMap;
import hearth.control.FilterRule;
import hearth.control.NetMap;
import hearth.control.NetPortRange;
import hearth.control.PortRange;
import hearth.crypto.NodeKey;
import hearth.crypto.SecretKey;
import hearth.packet.DropReason;
import hearth.packet.Flows;
import hearth.packet.Guard;
import hearth.packet.PacketHeader;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class NetMapPlanTest {
    private static final Random RANDOM = new Random(8);
    private static final NodeKey SELF = SecretKey.generate(RANDOM).nodeKey();
    private static final NodeKey PEER = SecretKey.generate(RANDOM).nodeKey();
    private static final List<IpPrefix> ATTACHED = prefixes("198.51.100.0/24", "192.168.7.0/24");

    private static List<IpPrefix> prefixes(String... texts) {
        return Stream.of(texts).map(IpPrefix::parse).toList();
    }

    private static NetMapPlan plan(boolean selfExpired, boolean peerExpired, String... routes) {
        List<IpPrefix> own = prefixes("100.64.0.1/32", "fd7a:115c:a1e0::1/128");
        List<IpPrefix> allowed = Stream.concat(own.stream(), prefixes(routes).stream()).toList();
        var self = new NetMap.Self(1, "hearth.", SELF, own, allowed, selfExpired);
        List<IpPrefix> peerOwn = prefixes("100.64.0.2/32", "fd7a:115c:a1e0::2/128");
        var peer =
                new NetMap.Peer(
                        2,
                        "peer.",
                        PEER,
                        null,
                        peerOwn,
                        prefixes(
                                "100.64.0.2/32",
                                "fd7a:115c:a1e0::2/128",
                                "10.9.0.0/16",
                                "0.0.0.0/0"),
                        List.of(),
                        900,
                        true,
                        peerExpired);
        var all = new NetPortRange("*", PortRange.ALL);
        var rule = FilterRule.ports(List.of("*"), List.of(all));
        var map = new NetMap(self, List.of(peer), List.of(rule), DERPMap.EMPTY, 0);
        return NetMapPlan.of(map, ATTACHED, RoutingOptions.DEFAULT);
    }

    /** What the plan's filter says to a ping from the peer. */
    private static @Nullable DropReason ping(NetMapPlan plan, String to) {
        ByteBuffer b = ByteBuffer.allocate(28);
        b.put(0, (byte) 0x45).putShort(2, (short) 28).put(9, (byte) 1).put(20, (byte) 8);
        b.put(12, IpAddress.parse("100.64.0.2").bytes()).put(16, IpAddress.parse(to).bytes());
        var header = new PacketHeader();
        assertNull(header.read(MemorySegment.ofBuffer(b), 0, 28));
        var guard = new Guard(new Flows(0, RANDOM));
        guard.apply(plan.filter());
        return guard.inbound(header, 1);
    }

    @Test
    void peersOwnTheirAddressesAlone() {
        NetMapPlan plan = plan(false, false);
        List<IpPrefix> own = prefixes("100.64.0.2/32", "fd7a:115c:a1e0::2/128");
        assertEquals(own, plan.peers().get(PEER));
        assertEquals(Set.copyOf(own), plan.router().routes());
        assertFalse(plan.router().forwarding());
    }

    @Test
    void aSubnetRouterReachesItsSubnetAlone() {
        NetMapPlan plan = plan(false, false, "192.168.7.0/24");
        assertTrue(plan.router().forwarding());
        assertNull(ping(plan, "100.64.0.1"));
        assertNull(ping(plan, "192.168.7.9"));
        assertEquals(DropReason.NOT_LOCAL, ping(plan, "192.168.8.9"));
        assertEquals(DropReason.NOT_LOCAL, ping(plan, "203.0.113.9"));
    }

    @Test
    void anExitNodeReachesTheInternetAndNoLan() {
        NetMapPlan plan = plan(false, false, "0.0.0.0/0", "::/0");
        assertNull(ping(plan, "203.0.113.9"));
        for (String private_ :
                List.of("192.168.7.9", "10.0.0.1", "100.64.0.3", "169.254.169.254", "127.0.0.1")) {
            assertEquals(DropReason.NOT_LOCAL, ping(plan, private_), private_);
        }
        assertEquals(DropReason.NOT_LOCAL, ping(plan, "198.51.100.7"), "attached");
    }

    @Test
    void anExitNodeThatRoutesASubnetTooReachesBoth() {
        NetMapPlan plan = plan(false, false, "0.0.0.0/0", "::/0", "192.168.7.0/24");
        assertNull(ping(plan, "203.0.113.9"));
        assertNull(ping(plan, "192.168.7.9"));
    }

    @Test
    void theExpiredAreCutOff() {
        NetMapPlan peer = plan(false, true);
        assertTrue(peer.peers().isEmpty() && peer.paths().isEmpty());
        assertTrue(peer.router().routes().isEmpty());
        NetMapPlan self = plan(true, false);
        assertTrue(self.peers().isEmpty() && self.paths().isEmpty());
        assertEquals(DropReason.NOT_LOCAL, ping(self, "100.64.0.1"));
    }
}
