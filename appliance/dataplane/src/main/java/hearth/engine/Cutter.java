package hearth.engine;

import hearth.base.Memory;
import hearth.os.Tun;

/**
 * Cuts a super-packet of the TUN into packets with headers and checksums of their own (TCP: RFC
 * 9293; the rules are those of the kernel's own segmentation). Stateless between frames, one
 * thread.
 */
final class Cutter {
    /** Longest packet that is sealed: the largest MTU with room to spare. */
    static final int MAX_PACKET = 10_000;

    private static final int TCP_SEQ = 4;
    private static final int TCP_OFFSET = 12;
    private static final int TCP_FLAGS = 13;
    private static final int TCP_CHECKSUM = 16;
    private static final int UDP_CHECKSUM = 6;

    private long packet;
    private boolean tcp;
    private int ipBytes;
    private int headerBytes;
    private int payloadBytes;
    private int segmentBytes;
    private int at;
    private int index;

    /**
     * Starts a frame.
     *
     * @param length of the packet without the virtio header
     * @return false when its headers contradict each other
     */
    boolean start(long frame, int length) {
        packet = frame + Tun.HEADER_BYTES;
        int type = Frame.gsoType(frame) & 0x7f; // the top bit says that ECN is used
        ipBytes = Frame.csumStart(frame);
        segmentBytes = Frame.gsoSize(frame);
        tcp = type == Tun.GSO_TCP4 || type == Tun.GSO_TCP6;
        boolean v4 = Frame.version(packet) == 4;
        int least = v4 ? Frame.V4_HEADER : Frame.V6_HEADER;
        int transport = tcp ? Frame.TCP_HEADER : Frame.UDP_HEADER;
        boolean typeFits = tcp ? v4 == (type == Tun.GSO_TCP4) : type == Tun.GSO_UDP;
        if (!typeFits || segmentBytes == 0 || ipBytes < least || ipBytes + transport > length) {
            return false;
        }
        headerBytes =
                ipBytes
                        + (tcp
                                ? (Memory.u8(packet + ipBytes + TCP_OFFSET) >>> 4) * 4
                                : Frame.UDP_HEADER);
        payloadBytes = length - headerBytes;
        at = 0;
        index = 0;
        if (headerBytes + segmentBytes > MAX_PACKET) {
            return false;
        }
        return payloadBytes > 0 && headerBytes >= ipBytes + transport;
    }

    boolean hasNext() {
        return at < payloadBytes;
    }

    /** Length of the next packet. */
    int nextLength() {
        return headerBytes + Math.min(segmentBytes, payloadBytes - at);
    }

    /** Writes the next packet to {@code out}. */
    void next(long out) {
        int payload = Math.min(segmentBytes, payloadBytes - at);
        boolean last = at + payload >= payloadBytes;
        Memory.copy(packet, out, headerBytes);
        Memory.copy(packet + headerBytes + at, out + headerBytes, payload);
        int total = headerBytes + payload;
        if (Frame.version(out) == 4) {
            Memory.put16(out + 2, total);
            Memory.put16(out + 4, Memory.u16(packet + 4) + index);
            Frame.putV4HeaderChecksum(out, ipBytes);
        } else {
            Memory.put16(out + 4, total - Frame.V6_HEADER);
        }
        long transport = out + ipBytes;
        int transportBytes = total - ipBytes;
        if (tcp) {
            Memory.put32(transport + TCP_SEQ, Memory.i32(transport + TCP_SEQ) + at);
            int flags = Memory.u8(transport + TCP_FLAGS);
            flags &= last ? 0xff : ~(Frame.FIN | Frame.PSH);
            flags &= index == 0 ? 0xff : ~Frame.CWR;
            Memory.put8(transport + TCP_FLAGS, flags);
            putChecksum(out, Frame.TCP, transport, transportBytes, TCP_CHECKSUM);
        } else {
            Memory.put16(transport + 4, transportBytes);
            putChecksum(out, Frame.UDP, transport, transportBytes, UDP_CHECKSUM);
        }
        at += payload;
        index++;
    }

    private static void putChecksum(long out, int protocol, long transport, int bytes, int offset) {
        Memory.put16(transport + offset, 0);
        long sum = Memory.sum(transport, bytes, Frame.pseudoSum(out, protocol, bytes));
        int checksum = ~Memory.foldSum(sum) & 0xffff;
        Memory.put16(
                transport + offset, checksum == 0 && protocol == Frame.UDP ? 0xffff : checksum);
    }

    /**
     * Completes the checksum of an uncut packet: its field holds the pseudo header's sum.
     *
     * @return false when the field lies outside
     */
    static boolean complete(long frame, int length) {
        long packet = frame + Tun.HEADER_BYTES;
        int start = Frame.csumStart(frame);
        int field = start + Frame.csumOffset(frame);
        if (start >= length || field + 2 > length) {
            return false;
        }
        int checksum = ~Memory.foldSum(Memory.sum(packet + start, length - start, 0)) & 0xffff;
        boolean udp = Frame.csumOffset(frame) == UDP_CHECKSUM;
        Memory.put16(packet + field, checksum == 0 && udp ? 0xffff : checksum);
        return true;
    }
}
