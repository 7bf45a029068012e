package hearth.engine;

import hearth.base.Memory;
import hearth.base.Slab;
import hearth.os.Tun;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;

/** Makes and checks inner packets. Addresses are 10.0.0.x or fd00::x. */
final class TestPackets {
    static final int TIMESTAMPS = 12; // a TCP header with the usual option

    private TestPackets() {}

    /** A frame of the TUN: virtio header and packet. */
    static byte[] frame(int gsoType, int segment, int csumStart, int csumOffset, byte[] packet) {
        byte[] out = new byte[Tun.HEADER_BYTES + packet.length];
        System.arraycopy(packet, 0, out, Tun.HEADER_BYTES, packet.length);
        try (var slab = new Slab(Tun.HEADER_BYTES)) {
            Frame.putHeader(slab.address(), gsoType, 0, segment, csumStart, csumOffset);
            Memory.copyOut(slab.address(), out, 0, Tun.HEADER_BYTES);
        }
        return out;
    }

    /** A frame that needs nothing. */
    static byte[] frame(byte[] packet) {
        byte[] out = new byte[Tun.HEADER_BYTES + packet.length];
        System.arraycopy(packet, 0, out, Tun.HEADER_BYTES, packet.length);
        return out;
    }

    static byte[] udp(boolean v4, int from, int to, int port, byte[] payload) {
        ByteBuffer b = ByteBuffer.allocate((v4 ? 20 : 40) + 8 + payload.length);
        ip(b, v4, Frame.UDP, from, to, 8 + payload.length);
        b.putShort((short) port).putShort((short) 53).putShort((short) (8 + payload.length));
        b.putShort((short) 0).put(payload);
        return checksummed(b.array());
    }

    static byte[] tcp(boolean v4, int from, int to, int port, int seq, int flags, byte[] payload) {
        ByteBuffer b = ByteBuffer.allocate((v4 ? 20 : 40) + 20 + TIMESTAMPS + payload.length);
        ip(b, v4, Frame.TCP, from, to, 20 + TIMESTAMPS + payload.length);
        b.putShort((short) port).putShort((short) 80).putInt(seq).putInt(77);
        b.put((byte) (((20 + TIMESTAMPS) / 4) << 4)).put((byte) flags).putShort((short) 4096);
        b.putShort((short) 0).putShort((short) 0);
        b.putInt(0x0101080a).putInt(1234).putInt(5678).put(payload);
        return checksummed(b.array());
    }

    private static void ip(ByteBuffer b, boolean v4, int protocol, int from, int to, int bytes) {
        if (v4) {
            b.put((byte) 0x45).put((byte) 0).putShort((short) (20 + bytes)).putShort((short) 9);
            b.putShort((short) 0x4000).put((byte) 64).put((byte) protocol).putShort((short) 0);
            b.putInt(0x0a000000 | from).putInt(0x0a000000 | to);
        } else {
            b.putInt(0x60000000).putShort((short) bytes).put((byte) protocol).put((byte) 64);
            b.putLong(0xfd00_0000_0000_0000L).putLong(from);
            b.putLong(0xfd00_0000_0000_0000L).putLong(to);
        }
    }

    static byte[] random(Random random, int length) {
        byte[] b = new byte[length];
        random.nextBytes(b);
        return b;
    }

    static int ipBytes(byte[] packet) {
        return packet[0] >>> 4 == 4 ? 20 : 40;
    }

    private static boolean isTcp(byte[] packet) {
        return packet[ipBytes(packet) == 20 ? 9 : 6] == Frame.TCP;
    }

    static byte[] checksummed(byte[] packet) {
        int at = ipBytes(packet);
        if (at == 20) {
            put16(packet, 10, 0);
            put16(packet, 10, ~fold(words(packet, 0, 20)));
        }
        int field = at + (isTcp(packet) ? 16 : 6);
        put16(packet, field, 0);
        int checksum = ~fold(words(packet, at, packet.length) + pseudo(packet)) & 0xffff;
        put16(packet, field, checksum == 0 && !isTcp(packet) ? 0xffff : checksum);
        return packet;
    }

    /** Whether the lengths and all checksums of a TCP or UDP packet are right. */
    static boolean valid(byte[] packet) {
        int at = ipBytes(packet);
        int stated = at == 20 ? u16(packet, 2) : 40 + u16(packet, 4);
        boolean header = at == 40 || fold(words(packet, 0, 20)) == 0xffff;
        boolean lengths = isTcp(packet) || u16(packet, at + 4) == packet.length - at;
        return stated == packet.length
                && header
                && lengths
                && fold(words(packet, at, packet.length) + pseudo(packet)) == 0xffff;
    }

    static byte[] packetOf(byte[] frame) {
        return Arrays.copyOfRange(frame, Tun.HEADER_BYTES, frame.length);
    }

    private static long pseudo(byte[] packet) {
        int at = ipBytes(packet);
        long sum = at == 20 ? words(packet, 12, 20) : words(packet, 8, 40);
        return sum + (isTcp(packet) ? Frame.TCP : Frame.UDP) + (packet.length - at);
    }

    private static long words(byte[] b, int from, int to) {
        long sum = 0;
        for (int i = from; i < to; i++) {
            sum += (long) (b[i] & 0xff) << ((i - from) % 2 == 0 ? 8 : 0);
        }
        return sum;
    }

    private static int fold(long sum) {
        long s = sum;
        while (s >>> 16 != 0) {
            s = (s & 0xffff) + (s >>> 16);
        }
        return (int) s;
    }

    static int u16(byte[] b, int i) {
        return (b[i] & 0xff) << 8 | (b[i + 1] & 0xff);
    }

    private static void put16(byte[] b, int i, int value) {
        b[i] = (byte) (value >>> 8);
        b[i + 1] = (byte) value;
    }
}
