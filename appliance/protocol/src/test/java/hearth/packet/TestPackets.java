package hearth.packet;

import static org.junit.jupiter.api.Assertions.assertNull;

import hearth.base.IpAddress;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** Builds packets without valid checksums: the cores under test do not look at them. */
final class TestPackets {
    static final int SYN = PacketHeader.TCP_SYN;
    static final int ACK = PacketHeader.TCP_ACK;

    private TestPackets() {}

    static byte[] ip(String src, String dst, int protocol, byte[] transport) {
        IpAddress from = IpAddress.parse(src);
        IpAddress to = IpAddress.parse(dst);
        ByteBuffer b = ByteBuffer.allocate((from.v4() ? 20 : 40) + transport.length);
        if (from.v4()) {
            b.put(0, (byte) 0x45).putShort(2, (short) b.capacity()).put(8, (byte) 64);
            b.put(9, (byte) protocol).position(12);
        } else {
            b.put(0, (byte) 0x60).putShort(4, (short) transport.length);
            b.put(6, (byte) protocol).put(7, (byte) 64).position(8);
        }
        return b.put(from.bytes()).put(to.bytes()).put(transport).array();
    }

    static byte[] tcp(String src, int srcPort, String dst, int dstPort, int flags) {
        ByteBuffer t = ByteBuffer.allocate(20);
        t.putShort((short) srcPort).putShort((short) dstPort);
        t.put(12, (byte) 0x50).put(13, (byte) flags);
        return ip(src, dst, IpProtocol.TCP, t.array());
    }

    static byte[] udp(String src, int srcPort, String dst, int dstPort) {
        ByteBuffer t = ByteBuffer.allocate(8 + 4);
        t.putShort((short) srcPort).putShort((short) dstPort).putShort((short) 12);
        return ip(src, dst, IpProtocol.UDP, t.array());
    }

    static byte[] icmp(String src, String dst, int type) {
        byte[] t = new byte[8];
        t[0] = (byte) type;
        boolean v4 = IpAddress.parse(src).v4();
        return ip(src, dst, v4 ? IpProtocol.ICMP_V4 : IpProtocol.ICMP_V6, t);
    }

    static PacketHeader read(byte[] packet) {
        var h = new PacketHeader();
        assertNull(h.read(MemorySegment.ofArray(packet), 0, packet.length));
        return h;
    }
}
