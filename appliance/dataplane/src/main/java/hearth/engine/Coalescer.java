package hearth.engine;

import hearth.base.Memory;
import hearth.base.Slab;
import hearth.os.Libc;
import hearth.os.PacketDevice;
import hearth.os.Tun;

/**
 * Writes decrypted packets to the TUN, consecutive ones of a flow as one super-packet: the header
 * of the first, then the payloads from where they were decrypted, gathered by the kernel.
 *
 * <p>A TCP packet joins when nothing differs but length, sequence number, identification, checksum
 * and PSH, it continues the sequence, and its own checksum is right: the kernel computes a new one,
 * which would hide a damaged packet. A packet that stays alone is written as it came. Packets are
 * referred to until {@link #flush}: their memory must stay. Confined to one thread.
 */
final class Coalescer implements AutoCloseable {
    private static final int SLOTS = 8;
    private static final int MAX_PIECES = 128;
    private static final int MAX_BYTES = 65_535;
    private static final int IOVEC = 16;
    private static final int HEADER_ROOM = 192; // virtio header and at most 60 + 60 bytes
    private static final int TCP_SEQ = 4;
    private static final int TCP_ACK = 8;
    private static final int TCP_OFFSET = 12;
    private static final int TCP_FLAGS = 13;
    private static final int TCP_WINDOW = 14;
    private static final int TCP_CHECKSUM = 16;
    private static final int TCP_URGENT = 18;
    private static final int UDP_CHECKSUM = 6;

    /** One super-packet in the making. */
    private static final class Slot {
        long header; // memory of its own: virtio header, then the first packet's headers
        long iovecs;
        long first;
        int firstBytes;
        boolean tcp;
        int ipBytes;
        int headerBytes;
        int segment;
        int payload;
        int nextSeq;
        int lastFlags;
        int pieces;
        boolean closed;
    }

    private final Libc libc;
    private final PacketDevice tun;
    private final EngineCounters counters;
    private boolean joinTcp;
    private boolean joinUdp;
    private final Slab slab =
            new Slab((long) SLOTS * (HEADER_ROOM + (MAX_PIECES + 1) * IOVEC) + 64);
    private final long lone =
            slab.address() + (long) SLOTS * (HEADER_ROOM + (MAX_PIECES + 1) * IOVEC);
    private final Slot[] slots = new Slot[SLOTS]; // the oldest first
    private int used;

    // of the packet at hand
    private boolean tcp;
    private int ipBytes;
    private int headerBytes;

    Coalescer(Libc libc, PacketDevice tun, EngineCounters counters, boolean coalesce) {
        this.libc = libc;
        this.tun = tun;
        this.counters = counters;
        this.joinTcp = coalesce && tun.offload().tcp();
        this.joinUdp = coalesce && tun.offload().udp();
        for (int i = 0; i < SLOTS; i++) {
            slots[i] = new Slot();
            slots[i].header = slab.address() + (long) i * (HEADER_ROOM + (MAX_PIECES + 1) * IOVEC);
            slots[i].iovecs = slots[i].header + HEADER_ROOM;
        }
    }

    /** Takes a packet of {@code length} bytes, as long as its IP header states. */
    void add(long packet, int length) {
        if (!parse(packet, length)) {
            writeLone(packet, length);
            return;
        }
        int i = find(packet);
        int payload = length - headerBytes;
        boolean joinable = payload > 0 && mayJoin(packet) && checksumRight(packet, length);
        if (i >= 0) {
            Slot s = slots[i];
            if (joinable && continues(s, packet, payload)) {
                append(s, packet, payload);
                return;
            }
            flushSlot(i);
        }
        if (!joinable) {
            writeLone(packet, length);
            return;
        }
        if (used == SLOTS) {
            flushSlot(0);
        }
        begin(slots[used++], packet, length, payload);
    }

    /** Writes everything that is held. */
    void flush() {
        while (used > 0) {
            flushSlot(0);
        }
    }

    /** Whether the packet is whole TCP or UDP without IP options; sets the fields of the packet. */
    private boolean parse(long packet, int length) {
        int protocol;
        if (Frame.version(packet) == 4) {
            protocol = Memory.u8(packet + 9);
            ipBytes = Frame.V4_HEADER;
            boolean plain = Memory.u8(packet) == 0x45 && (Memory.u16(packet + 6) & 0x3fff) == 0;
            if (!plain) {
                return false;
            }
        } else {
            protocol = Memory.u8(packet + 6);
            ipBytes = Frame.V6_HEADER;
        }
        if (protocol == Frame.TCP && joinTcp && length >= ipBytes + Frame.TCP_HEADER) {
            tcp = true;
            headerBytes = ipBytes + (Memory.u8(packet + ipBytes + TCP_OFFSET) >>> 4) * 4;
            return headerBytes >= ipBytes + Frame.TCP_HEADER && headerBytes <= length;
        }
        if (protocol == Frame.UDP && joinUdp && length >= ipBytes + Frame.UDP_HEADER) {
            tcp = false;
            headerBytes = ipBytes + Frame.UDP_HEADER;
            return Memory.u16(packet + ipBytes + 4) == length - ipBytes;
        }
        return false;
    }

    private boolean mayJoin(long packet) {
        if (!tcp) {
            return Memory.u16(packet + ipBytes + UDP_CHECKSUM) != 0;
        }
        int flags = Memory.u8(packet + ipBytes + TCP_FLAGS);
        return (flags & ~Frame.PSH) == Frame.ACK;
    }

    private boolean checksumRight(long packet, int length) {
        int bytes = length - ipBytes;
        long sum = Frame.pseudoSum(packet, tcp ? Frame.TCP : Frame.UDP, bytes);
        return Memory.foldSum(Memory.sum(packet + ipBytes, bytes, sum)) == 0xffff;
    }

    /** The slot with this packet's flow, or -1. */
    private int find(long packet) {
        for (int i = used - 1; i >= 0; i--) {
            Slot s = slots[i];
            long other = s.header + Tun.HEADER_BYTES;
            if (s.tcp == tcp
                    && s.ipBytes == ipBytes
                    && Memory.i32(other + ipBytes) == Memory.i32(packet + ipBytes)
                    && sameAddresses(other, packet)) {
                return i;
            }
        }
        return -1;
    }

    private boolean sameAddresses(long a, long b) {
        if (ipBytes == Frame.V4_HEADER) {
            return Memory.i64(a + 12) == Memory.i64(b + 12);
        }
        return Memory.i64(a + 8) == Memory.i64(b + 8)
                && Memory.i64(a + 16) == Memory.i64(b + 16)
                && Memory.i64(a + 24) == Memory.i64(b + 24)
                && Memory.i64(a + 32) == Memory.i64(b + 32);
    }

    private boolean continues(Slot s, long packet, int payload) {
        if (s.closed
                || payload > s.segment
                || s.pieces == MAX_PIECES
                || s.headerBytes + s.payload + payload > MAX_BYTES
                || s.headerBytes != headerBytes) {
            return false;
        }
        long other = s.header + Tun.HEADER_BYTES;
        boolean sameIp =
                ipBytes == Frame.V4_HEADER
                        ? Memory.u8(other + 1) == Memory.u8(packet + 1)
                                && Memory.u16(other + 6) == Memory.u16(packet + 6)
                                && Memory.u8(other + 8) == Memory.u8(packet + 8)
                        : Memory.i32(other) == Memory.i32(packet)
                                && Memory.u8(other + 7) == Memory.u8(packet + 7);
        return sameIp && (!tcp || continuesTcp(s, other + ipBytes, packet + ipBytes));
    }

    private boolean continuesTcp(Slot s, long a, long b) {
        int options = headerBytes - ipBytes - Frame.TCP_HEADER;
        return Memory.i32(b + TCP_SEQ) == s.nextSeq
                && Memory.i32(a + TCP_ACK) == Memory.i32(b + TCP_ACK)
                && Memory.u16(a + TCP_WINDOW) == Memory.u16(b + TCP_WINDOW)
                && Memory.u16(a + TCP_URGENT) == Memory.u16(b + TCP_URGENT)
                && Memory.u8(a + TCP_OFFSET) == Memory.u8(b + TCP_OFFSET)
                && (options == 0
                        || Memory.equal(a + Frame.TCP_HEADER, b + Frame.TCP_HEADER, options));
    }

    private void begin(Slot s, long packet, int length, int payload) {
        s.first = packet;
        s.firstBytes = length;
        s.tcp = tcp;
        s.ipBytes = ipBytes;
        s.headerBytes = headerBytes;
        s.segment = payload;
        s.payload = 0;
        s.pieces = 0;
        s.closed = false;
        s.nextSeq = tcp ? Memory.i32(packet + ipBytes + TCP_SEQ) : 0;
        Memory.copy(packet, s.header + Tun.HEADER_BYTES, headerBytes);
        append(s, packet, payload);
    }

    private void append(Slot s, long packet, int payload) {
        s.pieces++;
        long iovec = s.iovecs + (long) s.pieces * IOVEC;
        Memory.put64le(iovec, packet + headerBytes);
        Memory.put64le(iovec + 8, payload);
        s.payload += payload;
        s.nextSeq += payload;
        s.lastFlags = tcp ? Memory.u8(packet + ipBytes + TCP_FLAGS) : 0;
        s.closed = payload < s.segment || (s.lastFlags & Frame.PSH) != 0;
    }

    private void flushSlot(int i) {
        Slot s = slots[i];
        for (int j = i + 1; j < used; j++) {
            slots[j - 1] = slots[j];
        }
        used--;
        slots[used] = s;
        if (s.pieces == 1) {
            writeLone(s.first, s.firstBytes);
        } else {
            writeSuper(s);
        }
    }

    private void writeSuper(Slot s) {
        long ip = s.header + Tun.HEADER_BYTES;
        int total = s.headerBytes + s.payload;
        boolean v4 = s.ipBytes == Frame.V4_HEADER;
        if (v4) {
            Memory.put16(ip + 2, total);
            Frame.putV4HeaderChecksum(ip, s.ipBytes);
        } else {
            Memory.put16(ip + 4, total - Frame.V6_HEADER);
        }
        long transport = ip + s.ipBytes;
        int transportBytes = total - s.ipBytes;
        int field = s.tcp ? TCP_CHECKSUM : UDP_CHECKSUM;
        int type = s.tcp ? (v4 ? Tun.GSO_TCP4 : Tun.GSO_TCP6) : Tun.GSO_UDP;
        if (s.tcp) {
            Memory.put8(transport + TCP_FLAGS, s.lastFlags);
        } else {
            Memory.put16(transport + 4, transportBytes);
        }
        int pseudo =
                Memory.foldSum(Frame.pseudoSum(ip, s.tcp ? Frame.TCP : Frame.UDP, transportBytes));
        Memory.put16(transport + field, pseudo);
        Frame.putHeader(s.header, type, s.headerBytes, s.segment, s.ipBytes, field);
        Memory.put64le(s.iovecs, s.header);
        Memory.put64le(s.iovecs + 8, Tun.HEADER_BYTES + s.headerBytes);
        int result = tun.write(libc, s.iovecs, s.pieces + 1);
        if (result < 0) {
            refused(s, result);
        }
        counters.count(EngineCounter.TUN_WRITES);
    }

    /** A kernel that does not take a super-packet (EINVAL) gets the packets alone from now on. */
    private void refused(Slot s, int error) {
        if (error != -Libc.EINVAL) {
            counters.add(EngineCounter.DROPPED_TUN_WRITE, s.pieces);
            return;
        }
        joinTcp &= !s.tcp;
        joinUdp &= s.tcp;
        for (int i = 1; i <= s.pieces; i++) {
            long iovec = s.iovecs + (long) i * IOVEC;
            writeLone(Memory.i64le(iovec) - s.headerBytes, Memory.i32le(iovec + 8) + s.headerBytes);
        }
    }

    private void writeLone(long packet, int length) {
        Memory.put64le(lone, 0);
        Memory.put16le(lone + 8, 0);
        long iovecs = lone + 16;
        Memory.put64le(iovecs, lone);
        Memory.put64le(iovecs + 8, Tun.HEADER_BYTES);
        Memory.put64le(iovecs + 16, packet);
        Memory.put64le(iovecs + 24, length);
        if (tun.write(libc, iovecs, 2) < 0) {
            counters.count(EngineCounter.DROPPED_TUN_WRITE);
        }
        counters.count(EngineCounter.TUN_WRITES);
    }

    @Override
    public void close() {
        slab.close();
    }
}
