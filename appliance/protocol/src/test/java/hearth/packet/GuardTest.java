package hearth.packet;

import static hearth.packet.TestPackets.ACK;
import static hearth.packet.TestPackets.SYN;
import static hearth.packet.TestPackets.icmp;
import static hearth.packet.TestPackets.ip;
import static hearth.packet.TestPackets.read;
import static hearth.packet.TestPackets.tcp;
import static hearth.packet.TestPackets.udp;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import hearth.base.IpPrefix;
import hearth.base.IpSet;
import hearth.control.FilterRule;
import hearth.control.NetPortRange;
import hearth.control.PortRange;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

final class GuardTest {
    private static final String PEER = "100.64.0.2";
    private static final String OTHER = "100.64.0.3";
    private static final String HOST = "192.168.7.9";
    private static final String PEER6 = "fd7a:115c:a1e0::2";
    private static final String HOST6 = "fd00:7::9";
    private static final int SYN_ACK = SYN | ACK;
    private static final IpSet LOCAL =
            IpSet.of(IpPrefix.parse("100.64.0.1/32"), IpPrefix.parse("192.168.7.0/24"))
                    .union(IpSet.of(IpPrefix.parse("fd00:7::/64")));

    private long now = Long.MAX_VALUE - 1_000_000_000L; // crosses the wrap
    private final Guard guard = guard();

    private Guard guard() {
        var flows = new Flows(64, now, new Random(1));
        now += Flows.PICK_UP_NANOS;
        var g = new Guard(flows);
        g.apply(filter(rule(PEER, HOST, 22), rule(PEER6, HOST6, 22)));
        return g;
    }

    private static FilterRule rule(String src, String dst, int port) {
        return FilterRule.ports(List.of(src), List.of(new NetPortRange(dst, PortRange.of(port))));
    }

    private static PacketFilter filter(FilterRule... rules) {
        return PacketFilter.of(FilterRules.boxes(List.of(rules), _ -> IpSet.EMPTY), LOCAL);
    }

    private @Nullable DropReason in(byte[] packet) {
        return guard.inbound(read(packet), now);
    }

    private @Nullable DropReason out(byte[] packet) {
        return guard.outbound(read(packet), now);
    }

    record Case(String name, ByteBuffer packet, @Nullable DropReason want) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Case c(String name, byte[] packet, @Nullable DropReason want) {
        return new Case(name, ByteBuffer.wrap(packet), want);
    }

    static final List<Case> CASES =
            List.of(
                    c("syn to an open port", tcp(PEER, 9, HOST, 22, SYN), null),
                    c("syn to a closed port", tcp(PEER, 9, HOST, 23, SYN), DropReason.NOT_ALLOWED),
                    c("syn of another", tcp(OTHER, 9, HOST, 22, SYN), DropReason.NOT_ALLOWED),
                    c("ack in an allowed flow", tcp(PEER, 9, HOST, 22, ACK), null),
                    c("stray ack", tcp(PEER, 9, HOST, 23, ACK), DropReason.NOT_ALLOWED),
                    c("stray syn+ack", tcp(PEER, 22, HOST, 9, SYN_ACK), DropReason.NOT_ALLOWED),
                    c("udp to an open port", udp(PEER, 9, HOST, 22), null),
                    c("udp to a closed port", udp(PEER, 9, HOST, 23), DropReason.NOT_ALLOWED),
                    c("v6 syn to an open port", tcp(PEER6, 9, HOST6, 22, SYN), null),
                    c("v6 closed port", tcp(PEER6, 9, HOST6, 23, SYN), DropReason.NOT_ALLOWED),
                    c("ping of an allowed host", icmp(PEER, HOST, 8), null),
                    c("v6 ping of an allowed host", icmp(PEER6, HOST6, 128), null),
                    c("ping by another", icmp(OTHER, HOST, 8), DropReason.NOT_ALLOWED),
                    c("echo reply", icmp(OTHER, HOST, 0), null),
                    c("icmp error", icmp(OTHER, HOST, 3), null),
                    c("foreign host", tcp(PEER, 9, "10.0.0.1", 22, SYN), DropReason.NOT_LOCAL),
                    c("tsmp", ip(OTHER, "100.64.0.1", IpProtocol.TSMP, new byte[7]), null),
                    c("gre", ip(PEER, HOST, 47, new byte[8]), DropReason.NOT_ALLOWED),
                    c("multicast", udp(PEER, 9, "224.0.0.251", 5353), DropReason.MULTICAST),
                    c("v6 multicast", udp(PEER6, 9, "ff02::fb", 5353), DropReason.MULTICAST),
                    c("link-local", udp(PEER, 9, "169.254.1.1", 22), DropReason.LINK_LOCAL),
                    c("v6 link-local", udp(PEER6, 9, "fe80::1", 22), DropReason.LINK_LOCAL));

    @ParameterizedTest(name = "{0}")
    @FieldSource("CASES")
    void judgesInbound(Case c) {
        assertEquals(c.want(), in(c.packet().array()));
    }

    @Test
    void aProtocolWithoutPortsNeedsAllOfThem() {
        var all = new NetPortRange(HOST, PortRange.ALL);
        var gre = new FilterRule(List.of(PEER), List.of(all), List.of(47), List.of());
        guard.apply(filter(gre));
        assertNull(in(ip(PEER, HOST, 47, new byte[8])));
        assertEquals(DropReason.NOT_ALLOWED, in(ip(PEER, HOST, 50, new byte[8])));
        assertEquals(DropReason.NOT_ALLOWED, in(tcp(PEER, 9, HOST, 22, SYN)));
    }

    @Test
    void answersToWhatWasSentPass() {
        assertNull(out(udp(HOST, 53, OTHER, 99)));
        assertNull(in(udp(OTHER, 99, HOST, 53)));
        assertEquals(DropReason.NOT_ALLOWED, in(udp(OTHER, 98, HOST, 53)));
        assertNull(out(tcp(HOST, 999, OTHER, 80, SYN)));
        assertNull(in(tcp(OTHER, 80, HOST, 999, SYN_ACK)));
        assertNull(in(tcp(OTHER, 80, HOST, 999, ACK)));
    }

    @Test
    void anAnswerDoesNotOpenTheWayBack() {
        assertNull(in(udp(PEER, 9, HOST, 22)));
        assertNull(out(udp(HOST, 22, PEER, 9)));
        guard.apply(filter());
        assertEquals(DropReason.PERMISSION_LOST, in(udp(PEER, 9, HOST, 22)));
        assertEquals(DropReason.PERMISSION_LOST, out(udp(HOST, 22, PEER, 9)));
        assertEquals(DropReason.PERMISSION_LOST, in(udp(PEER, 9, HOST, 22)));
    }

    @Test
    void aLostTcpFlowEndsInBothDirectionsAndComesBackWithItsRule() {
        assertNull(in(tcp(PEER, 9, HOST, 22, SYN)));
        assertNull(out(tcp(HOST, 22, PEER, 9, SYN_ACK)));
        guard.apply(filter(rule(PEER, HOST, 80)));
        assertEquals(DropReason.PERMISSION_LOST, in(tcp(PEER, 9, HOST, 22, ACK)));
        assertEquals(DropReason.PERMISSION_LOST, out(tcp(HOST, 22, PEER, 9, ACK)));
        guard.apply(filter(rule(PEER, HOST, 22)));
        assertNull(out(tcp(HOST, 22, PEER, 9, ACK)));
        assertNull(in(tcp(PEER, 9, HOST, 22, ACK)));
    }

    @Test
    void aRuleUpdateKeepsFlowsThatWeOpened() {
        assertNull(out(udp(HOST, 53, OTHER, 99)));
        guard.apply(filter());
        assertNull(in(udp(OTHER, 99, HOST, 53)));
    }

    @Test
    void idleFlowsEnd() {
        assertNull(out(udp(HOST, 53, OTHER, 99)));
        now += ConnectionTable.UDP_IDLE_NANOS;
        assertNull(in(udp(OTHER, 99, HOST, 53)));
        now += ConnectionTable.UDP_IDLE_NANOS + 1;
        assertEquals(DropReason.NOT_ALLOWED, in(udp(OTHER, 99, HOST, 53)));
        assertNull(out(udp(HOST, 53, OTHER, 99)));
        assertNull(in(udp(OTHER, 99, HOST, 53)));
    }

    @Test
    void aFloodOfFlowsCostsTheIdleOnesFirst() {
        assertNull(out(udp(HOST, 53, OTHER, 99)));
        for (int i = 0; i < 2_000; i++) {
            now++;
            assertNull(out(udp(HOST, i, PEER, 7)));
            assertNull(out(udp(HOST, 53, OTHER, 99)));
        }
        assertNull(in(udp(OTHER, 99, HOST, 53)));
        assertNull(in(udp(PEER, 7, HOST, 1_999)));
    }

    @Test
    void aConnectionInItsMiddleIsPickedUpOnlyAfterAStart() {
        assertNull(out(tcp(HOST, 999, OTHER, 80, ACK)));
        assertEquals(DropReason.NOT_ALLOWED, in(tcp(OTHER, 80, HOST, 999, ACK)));
        var fresh = new Guard(new Flows(64, now, new Random(1)));
        fresh.apply(filter());
        assertNull(fresh.outbound(read(tcp(HOST, 999, OTHER, 80, ACK)), now));
        assertNull(fresh.inbound(read(tcp(OTHER, 80, HOST, 999, ACK)), now));
    }

    @Test
    void outboundMulticastStaysHome() {
        assertEquals(DropReason.MULTICAST, out(udp(HOST, 1, "239.255.255.250", 1900)));
        assertEquals(DropReason.LINK_LOCAL, out(udp(HOST6, 1, "fe80::2", 1)));
    }
}
