package hearth.engine;

import hearth.base.Memory;
import hearth.os.Tun;

/** Offsets in a TUN frame (virtio header, IP packet) and in the packets themselves. */
final class Frame {
    static final int TCP = 6;
    static final int UDP = 17;
    static final int V4_HEADER = 20;
    static final int V6_HEADER = 40;
    static final int UDP_HEADER = 8;
    static final int TCP_HEADER = 20;
    static final int FIN = 0x01;
    static final int PSH = 0x08;
    static final int ACK = 0x10;
    static final int CWR = 0x80;

    private Frame() {}

    static int flags(long frame) {
        return Memory.u8(frame);
    }

    static int gsoType(long frame) {
        return Memory.u8(frame + 1);
    }

    static int gsoSize(long frame) {
        return Memory.u16le(frame + 4);
    }

    static int csumStart(long frame) {
        return Memory.u16le(frame + 6);
    }

    static int csumOffset(long frame) {
        return Memory.u16le(frame + 8);
    }

    static void putHeader(
            long frame, int gsoType, int headerBytes, int segment, int csumStart, int csumOffset) {
        Memory.put8(frame, gsoType == Tun.GSO_NONE ? 0 : Tun.NEEDS_CSUM);
        Memory.put8(frame + 1, gsoType);
        Memory.put16le(frame + 2, headerBytes);
        Memory.put16le(frame + 4, segment);
        Memory.put16le(frame + 6, csumStart);
        Memory.put16le(frame + 8, csumOffset);
    }

    static int version(long packet) {
        return Memory.u8(packet) >>> 4;
    }

    static int protocol(long packet) {
        return Memory.u8(packet + (version(packet) == 4 ? 9 : 6));
    }

    /** The length that the IP header states, or -1 when there is none within {@code available}. */
    static int statedLength(long packet, int available) {
        if (available < V4_HEADER) {
            return -1;
        }
        int stated =
                switch (version(packet)) {
                    case 4 -> Memory.u16(packet + 2);
                    case 6 -> V6_HEADER + Memory.u16(packet + 4);
                    default -> -1;
                };
        int least = version(packet) == 6 ? V6_HEADER : V4_HEADER;
        return stated < least || stated > available ? -1 : stated;
    }

    /**
     * The unfolded sum of the pseudo header; {@code transportBytes} is the upper layer's length.
     */
    static long pseudoSum(long packet, int protocol, int transportBytes) {
        long s =
                version(packet) == 4
                        ? Memory.sum(packet + 12, 8, 0)
                        : Memory.sum(packet + 8, 32, 0);
        return s
                + Memory.wordForSum(protocol)
                + Memory.wordForSum(transportBytes & 0xffff)
                + Memory.wordForSum(transportBytes >>> 16);
    }

    static void putV4HeaderChecksum(long packet, int headerBytes) {
        Memory.put16(packet + 10, 0);
        Memory.put16(packet + 10, ~Memory.foldSum(Memory.sum(packet, headerBytes, 0)));
    }
}
