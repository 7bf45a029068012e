package hearth.packet;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Messages between nodes inside the tunnel, IP protocol 99 (tailscale/tailscale
 * net/packet/tsmp.go); the machine's own network stack never sees one. Big-endian, behind an IP
 * header without options:
 *
 * <pre>
 * ping      'p' ‖ data 8
 * pong      'o' ‖ data 8 ‖ peerapi port u16, 0 for none
 * rejected  '!' ‖ protocol u8 ‖ reason u8 ‖ source port u16 ‖ destination port u16
 * </pre>
 *
 * The ports of a rejection are those of the refused packet. Other types are not answered.
 */
public final class Tsmp {
    /** Bytes of a packet that {@link #answer} and {@link #rejected} may read. */
    public static final int HEAD_BYTES = 128;

    private static final int PING = 'p';
    private static final int PONG = 'o';
    private static final int REJECTED = '!';
    private static final int REASON_ACL = 'A';
    private static final int DATA_BYTES = 8;
    private static final int V4_HEADER = 20;
    private static final int V6_HEADER = 40;
    private static final int TTL = 64;

    private Tsmp() {}

    /**
     * What a TSMP packet is answered with, a whole IP packet, or null for nothing.
     *
     * @param packet the first bytes of the IP packet, at most {@value #HEAD_BYTES}
     */
    public static byte @Nullable [] answer(byte[] packet) {
        int at = headerBytes(packet);
        if (at < 0 || packet.length < at + 1 + DATA_BYTES || packet[at] != PING) {
            return null;
        }
        byte[] message = new byte[1 + DATA_BYTES + Short.BYTES];
        ByteBuffer.wrap(message).put((byte) PONG).put(packet, at + 1, DATA_BYTES);
        return reply(packet, message);
    }

    /**
     * Tells the sender of a packet that opens a TCP connection that the policy refuses it; null for
     * every other packet.
     *
     * @param packet the first bytes of the IP packet, at most {@value #HEAD_BYTES}
     */
    public static byte @Nullable [] rejected(byte[] packet) {
        int at = headerBytes(packet);
        if (at < 0 || packet.length < at + 14 || protocol(packet) != IpProtocol.TCP) {
            return null;
        }
        int flags = packet[at + 13] & (PacketHeader.TCP_SYN | PacketHeader.TCP_ACK);
        if (flags != PacketHeader.TCP_SYN) {
            return null;
        }
        byte[] message = {REJECTED, IpProtocol.TCP, REASON_ACL, 0, 0, 0, 0};
        System.arraycopy(packet, at, message, 3, 2 * Short.BYTES);
        return reply(packet, message);
    }

    private static boolean v4(byte[] packet) {
        return packet[0] >>> 4 == 4;
    }

    private static int protocol(byte[] packet) {
        return packet[v4(packet) ? 9 : 6] & 0xff;
    }

    /** Where the message starts, or -1: later fragments and IPv6 extension headers have none. */
    private static int headerBytes(byte[] packet) {
        if (packet.length >= V4_HEADER && v4(packet)) {
            boolean whole = (ByteBuffer.wrap(packet).getShort(6) & 0x3fff) == 0;
            int bytes = (packet[0] & 0xf) * 4;
            return whole && bytes >= V4_HEADER ? bytes : -1;
        }
        return packet.length >= V6_HEADER && packet[0] >>> 4 == 6 ? V6_HEADER : -1;
    }

    /** A packet with {@code message} back to where {@code packet} came from. */
    private static byte[] reply(byte[] packet, byte[] message) {
        boolean v4 = v4(packet);
        byte[] reply = new byte[(v4 ? V4_HEADER : V6_HEADER) + message.length];
        ByteBuffer out = ByteBuffer.wrap(reply);
        if (v4) {
            out.put((byte) 0x45).put((byte) 0).putShort((short) reply.length).putInt(0);
            out.put((byte) TTL).put((byte) IpProtocol.TSMP).putShort((short) 0);
            out.put(packet, 16, 4).put(packet, 12, 4);
            out.putShort(10, headerChecksum(reply));
        } else {
            out.putInt(6 << 28).putShort((short) message.length);
            out.put((byte) IpProtocol.TSMP).put((byte) TTL);
            out.put(packet, 24, 16).put(packet, 8, 16);
        }
        out.put(message);
        return reply;
    }

    private static short headerChecksum(byte[] packet) {
        ByteBuffer header = ByteBuffer.wrap(packet, 0, V4_HEADER);
        int sum = 0;
        while (header.hasRemaining()) {
            sum += header.getShort() & 0xffff;
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        return (short) ~((sum & 0xffff) + (sum >>> 16));
    }
}
