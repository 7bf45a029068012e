package hearth.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class PacketHeaderTest {
    private final PacketHeader header = new PacketHeader();

    private @Nullable DropReason read(byte[] packet) {
        return header.read(MemorySegment.ofArray(packet), 0, packet.length);
    }

    @Test
    void readsTcpOverIpv4() {
        assertNull(read(TestPackets.tcp("100.64.0.1", 40000, "192.168.1.7", 443, TestPackets.SYN)));
        assertTrue(header.v4());
        assertEquals(IpProtocol.TCP, header.protocol());
        assertEquals(0x64400001L, header.srcLow);
        assertEquals(0xc0a80107L, header.dstLow);
        assertEquals(40000, header.srcPort);
        assertEquals(443, header.dstPort);
        assertTrue(header.isTcpOpening());
    }

    @Test
    void readsUdpOverIpv6() {
        assertNull(read(TestPackets.udp("fd7a:115c:a1e0::1", 53, "2001:db8::2", 5353)));
        assertFalse(header.v4());
        assertEquals(0xfd7a_115c_a1e0_0000L, header.srcHigh);
        assertEquals(2, header.dstLow);
        assertEquals(53, header.srcPort);
        assertEquals(5353, header.dstPort);
        assertEquals(52, header.lengthBytes);
    }

    @Test
    void ignoresPaddingBehindThePacket() {
        byte[] packet = TestPackets.udp("10.0.0.1", 1, "10.0.0.2", 2);
        assertNull(read(Arrays.copyOf(packet, packet.length + 15)));
        assertEquals(packet.length, header.lengthBytes);
    }

    @Test
    void refusesLengthsThatCannotBe() {
        byte[] packet = TestPackets.udp("10.0.0.1", 1, "10.0.0.2", 2);
        assertEquals(DropReason.MALFORMED, read(Arrays.copyOf(packet, packet.length - 1)));
        assertEquals(DropReason.MALFORMED, read(new byte[19]));
        assertEquals(DropReason.MALFORMED, read(new byte[40]));
        byte[] shortHeader = packet.clone();
        shortHeader[0] = 0x44;
        assertEquals(DropReason.MALFORMED, read(shortHeader));
        byte[] v6 = TestPackets.udp("fd7a::1", 1, "fd7a::2", 2);
        assertEquals(DropReason.MALFORMED, read(Arrays.copyOf(v6, 39)));
    }

    @Test
    void aLaterFragmentMayNotOverwriteHeaders() {
        byte[] packet = TestPackets.udp("10.0.0.1", 1, "10.0.0.2", 2);
        packet[7] = 9; // 72 bytes
        assertEquals(DropReason.BAD_FRAGMENT, read(packet));
        packet[7] = 10;
        assertNull(read(packet));
        assertEquals(0, header.dstPort);
    }

    @Test
    void aFirstFragmentMustHoldThePorts() {
        byte[] packet = TestPackets.ip("10.0.0.1", "10.0.0.2", IpProtocol.TCP, new byte[8]);
        packet[6] = 0x20;
        assertEquals(DropReason.BAD_FRAGMENT, read(packet));
    }

    @Test
    void readsBehindTheIpv6FragmentHeaderOnly() {
        byte[] fragment = new byte[8 + 12];
        fragment[0] = IpProtocol.UDP;
        fragment[3] = 1;
        fragment[9] = 77;
        assertNull(read(TestPackets.ip("fd7a::1", "fd7a::2", IpProtocol.FRAGMENT_V6, fragment)));
        assertEquals(IpProtocol.UDP, header.protocol());
        assertEquals(77, header.srcPort);
        assertEquals(
                DropReason.UNKNOWN_PROTOCOL,
                read(TestPackets.ip("fd7a::1", "fd7a::2", 0, new byte[16])));
        assertEquals(
                DropReason.UNKNOWN_PROTOCOL,
                read(TestPackets.ip("fd7a::1", "fd7a::2", IpProtocol.ICMP_V4, new byte[16])));
    }

    @Test
    void knowsIcmpAnswers() {
        for (int type : new int[] {0, 3, 11, 12}) {
            assertTrue(
                    TestPackets.read(TestPackets.icmp("10.0.0.1", "10.0.0.2", type))
                            .isIcmpAnswer());
        }
        // 18 is 0x12: a constant that has been confused with parameter problem, 12
        for (int type : new int[] {8, 13, 18}) {
            assertFalse(
                    TestPackets.read(TestPackets.icmp("10.0.0.1", "10.0.0.2", type))
                            .isIcmpAnswer());
        }
        assertTrue(TestPackets.read(TestPackets.icmp("fd7a::1", "fd7a::2", 129)).isIcmpAnswer());
        assertTrue(TestPackets.read(TestPackets.icmp("fd7a::1", "fd7a::2", 2)).isIcmpAnswer());
        assertFalse(TestPackets.read(TestPackets.icmp("fd7a::1", "fd7a::2", 128)).isIcmpAnswer());
    }
}
