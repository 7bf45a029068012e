package hearth.packet;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * The header fields of one IP packet, read in place and kept as numbers; one object per thread is
 * reused for every packet. Confined to one thread.
 *
 * <p>An IPv4 address is the low 32 bits of its {@code low} half with {@code high} 0, as in {@link
 * hearth.base.IpAddress}; ports are 0 where the protocol has none or the packet is a later
 * fragment. IPv6 extension headers other than Fragment are not read: such a packet is {@link
 * DropReason#UNKNOWN_PROTOCOL}, as the official clients do.
 */
public final class PacketHeader {
    public static final int TCP_SYN = 0x02;
    public static final int TCP_ACK = 0x10;

    private static final int V4_HEADER_MIN = 20; // RFC 791, 3.1
    private static final int V6_HEADER = 40; // RFC 8200, 3
    private static final int V6_FRAGMENT_HEADER = 8; // RFC 8200, 4.5

    /** A later fragment below this offset could overwrite a transport header. */
    private static final int MIN_FRAGMENT_OFFSET_BYTES = 80;

    private static final int TCP_HEADER_MIN = 20;
    private static final int TCP_FLAGS_AT = 13;
    private static final int UDP_HEADER = 8;
    private static final int SCTP_HEADER = 12;
    private static final int ICMP_HEADER = 8;

    private static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort U16 =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt U32 =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong U64 =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    boolean v4;
    int protocol;
    long srcHigh;
    long srcLow;
    long dstHigh;
    long dstLow;
    int srcPort;
    int dstPort;
    int tcpFlags;
    int icmpType;
    boolean laterFragment;

    /** The packet's own length, header included; at most what was read. */
    int lengthBytes;

    /**
     * Reads the packet of {@code length} bytes at {@code at}; bytes behind its own length field
     * (WireGuard padding) are ignored.
     *
     * @return null when the fields are filled in, else why the packet must be dropped
     */
    public @Nullable DropReason read(MemorySegment memory, long at, int length) {
        if (length < V4_HEADER_MIN) {
            return DropReason.MALFORMED;
        }
        srcPort = 0;
        dstPort = 0;
        tcpFlags = 0;
        icmpType = -1;
        laterFragment = false;
        return switch ((memory.get(U8, at) & 0xf0) >>> 4) {
            case 4 -> readV4(memory, at, length);
            case 6 -> readV6(memory, at, length);
            default -> DropReason.MALFORMED;
        };
    }

    private @Nullable DropReason readV4(MemorySegment memory, long at, int length) {
        v4 = true;
        int headerBytes = (memory.get(U8, at) & 0x0f) * 4;
        lengthBytes = u16(memory, at + 2);
        if (headerBytes < V4_HEADER_MIN || lengthBytes < headerBytes || lengthBytes > length) {
            return DropReason.MALFORMED;
        }
        protocol = memory.get(U8, at + 9) & 0xff;
        srcHigh = 0;
        dstHigh = 0;
        srcLow = memory.get(U32, at + 12) & 0xffff_ffffL;
        dstLow = memory.get(U32, at + 16) & 0xffff_ffffL;
        int fragment = u16(memory, at + 6);
        int offsetBytes = (fragment & 0x1fff) * 8;
        boolean moreFragments = (fragment & 0x2000) != 0;
        return readTransport(
                memory, at + headerBytes, lengthBytes - headerBytes, offsetBytes, moreFragments);
    }

    private @Nullable DropReason readV6(MemorySegment memory, long at, int length) {
        v4 = false;
        if (length < V6_HEADER) {
            return DropReason.MALFORMED;
        }
        lengthBytes = V6_HEADER + u16(memory, at + 4);
        if (lengthBytes > length) {
            return DropReason.MALFORMED;
        }
        protocol = memory.get(U8, at + 6) & 0xff;
        srcHigh = memory.get(U64, at + 8);
        srcLow = memory.get(U64, at + 16);
        dstHigh = memory.get(U64, at + 24);
        dstLow = memory.get(U64, at + 32);
        long transportAt = at + V6_HEADER;
        int left = lengthBytes - V6_HEADER;
        if (protocol != IpProtocol.FRAGMENT_V6) {
            return readTransport(memory, transportAt, left, 0, false);
        }
        if (left < V6_FRAGMENT_HEADER) {
            return DropReason.BAD_FRAGMENT;
        }
        protocol = memory.get(U8, transportAt) & 0xff;
        int fragment = u16(memory, transportAt + 2);
        return readTransport(
                memory,
                transportAt + V6_FRAGMENT_HEADER,
                left - V6_FRAGMENT_HEADER,
                fragment & 0xfff8,
                (fragment & 1) != 0);
    }

    private @Nullable DropReason readTransport(
            MemorySegment memory, long at, int left, int offsetBytes, boolean moreFragments) {
        if (offsetBytes != 0) {
            laterFragment = true;
            return offsetBytes < MIN_FRAGMENT_OFFSET_BYTES ? DropReason.BAD_FRAGMENT : null;
        }
        int need =
                switch (protocol) {
                    case IpProtocol.TCP -> TCP_HEADER_MIN;
                    case IpProtocol.UDP -> UDP_HEADER;
                    case IpProtocol.SCTP -> SCTP_HEADER;
                    case IpProtocol.ICMP_V4, IpProtocol.ICMP_V6 -> ICMP_HEADER;
                    default -> 0;
                };
        if (left < need) {
            return moreFragments ? DropReason.BAD_FRAGMENT : DropReason.MALFORMED;
        }
        switch (protocol) {
            case IpProtocol.TCP -> {
                readPorts(memory, at);
                tcpFlags = memory.get(U8, at + TCP_FLAGS_AT) & 0x3f;
            }
            case IpProtocol.UDP, IpProtocol.SCTP -> readPorts(memory, at);
            case IpProtocol.ICMP_V4 -> {
                if (!v4) {
                    return DropReason.UNKNOWN_PROTOCOL;
                }
                icmpType = memory.get(U8, at) & 0xff;
            }
            case IpProtocol.ICMP_V6 -> {
                if (v4) {
                    return DropReason.UNKNOWN_PROTOCOL;
                }
                icmpType = memory.get(U8, at) & 0xff;
            }
            case 0, 43, 50, 51, 59, 60, 135, 139, 140 -> { // RFC 8200, 4 and IANA
                return v4 ? null : DropReason.UNKNOWN_PROTOCOL;
            }
            default -> {}
        }
        return null;
    }

    private void readPorts(MemorySegment memory, long at) {
        int both = memory.get(U32, at);
        srcPort = both >>> 16;
        dstPort = both & 0xffff;
    }

    private static int u16(MemorySegment memory, long at) {
        return memory.get(U16, at) & 0xffff;
    }

    /** A TCP packet that opens a connection. */
    boolean isTcpOpening() {
        return (tcpFlags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
    }

    /** An ICMP echo reply or error: an answer, never a request. */
    boolean isIcmpAnswer() {
        return v4
                // RFC 792: reply, unreachable, source quench, time exceeded, parameter problem
                ? icmpType == 0
                        || icmpType == 3
                        || icmpType == 4
                        || icmpType == 11
                        || icmpType == 12
                // RFC 4443: errors 1-127, echo reply
                : (icmpType >= 1 && icmpType <= 127) || icmpType == 129;
    }

    boolean hasMulticastDestination() {
        return v4
                ? dstLow >>> 28 == 0xe || dstLow == 0xffff_ffffL || dstLow == 0
                : dstHigh >>> 56 == 0xff || (dstHigh | dstLow) == 0;
    }

    /** 169.254.0.0/16 but for the cloud metadata address, or fe80::/10. */
    boolean hasLinkLocalDestination() {
        return v4
                ? dstLow >>> 16 == 0xa9feL && dstLow != 0xa9fe_a9feL
                : dstHigh >>> 54 == 0xfe80L >>> 6;
    }

    public boolean v4() {
        return v4;
    }

    public int protocol() {
        return protocol;
    }
}
