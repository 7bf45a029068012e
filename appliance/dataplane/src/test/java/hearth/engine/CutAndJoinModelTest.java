package hearth.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.base.Memory;
import hearth.base.Slab;
import hearth.os.Libc;
import hearth.os.PipeDevice;
import hearth.os.Tun;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is cut is whole, and what is joined gives the same packets when it is cut again. */
final class CutAndJoinModelTest {
    private final Cutter cutter = new Cutter();

    @Test
    void everySegmentOfASuperPacketIsValid() {
        for (int seed = 0; seed < 60; seed++) {
            var random = new Random(seed);
            boolean v4 = random.nextBoolean();
            boolean tcp = random.nextBoolean();
            int segment = 1 + random.nextInt(1400);
            byte[] payload = TestPackets.random(random, 1 + random.nextInt(20_000));
            int flags = Frame.ACK | (random.nextBoolean() ? Frame.PSH | Frame.FIN : 0);
            byte[] packet =
                    tcp
                            ? TestPackets.tcp(v4, 1, 2, 1000, -500, flags, payload)
                            : TestPackets.udp(v4, 1, 2, 1000, payload);
            List<byte[]> cut = cut(superFrame(packet, tcp, segment));
            assertEquals((payload.length + segment - 1) / segment, cut.size(), "seed " + seed);
            int header = packet.length - payload.length;
            int at = 0;
            for (byte[] p : cut) {
                assertTrue(TestPackets.valid(p), "seed " + seed);
                int length = p.length - header;
                assertArrayEquals(
                        Arrays.copyOfRange(payload, at, at + length),
                        Arrays.copyOfRange(p, header, p.length));
                at += length;
                boolean last = at == payload.length;
                if (tcp) {
                    int seen = p[TestPackets.ipBytes(p) + 13];
                    assertEquals(last ? flags : Frame.ACK, seen, "FIN and PSH on the last only");
                }
            }
        }
    }

    @Test
    void contradictingHeadersAreRefused() {
        byte[] packet = TestPackets.tcp(true, 1, 2, 1, 0, Frame.ACK, new byte[3000]);
        assertTrue(starts(TestPackets.frame(Tun.GSO_TCP4, 1000, 20, 16, packet)));
        assertFalse(starts(TestPackets.frame(Tun.GSO_TCP6, 1000, 20, 16, packet)));
        assertFalse(starts(TestPackets.frame(Tun.GSO_TCP4, 0, 20, 16, packet)));
        assertFalse(starts(TestPackets.frame(Tun.GSO_TCP4, 1000, 4000, 16, packet)));
        assertFalse(starts(TestPackets.frame(Tun.GSO_TCP4, 1000, 0, 16, packet)));
        assertFalse(starts(TestPackets.frame(3, 1000, 20, 16, packet)), "UFO is not asked for");
    }

    @Test
    void halfDoneChecksumIsCompleted() {
        for (boolean tcp : new boolean[] {true, false}) {
            byte[] want =
                    tcp
                            ? TestPackets.tcp(true, 1, 2, 1, 0, Frame.ACK, new byte[] {1, 2, 3})
                            : TestPackets.udp(false, 1, 2, 1, new byte[] {1, 2, 3});
            byte[] frame = superFrame(want, tcp, 0);
            try (var slab = new Slab(frame.length)) {
                Memory.copyIn(frame, 0, slab.address(), frame.length);
                assertTrue(Cutter.complete(slab.address(), want.length));
                assertArrayEquals(
                        want, Memory.bytes(slab.address() + Tun.HEADER_BYTES, want.length));
                Memory.put16le(slab.address() + 6, want.length);
                assertFalse(Cutter.complete(slab.address(), want.length), "outside");
            }
        }
    }

    @Test
    void joinedPacketsAreThePacketsThatCame() throws IOException {
        for (int seed = 0; seed < 40; seed++) {
            var random = new Random(seed);
            List<byte[]> packets = traffic(random, 10 + random.nextInt(300));
            List<byte[]> frames = join(packets, Tun.Offload.ALL);
            List<byte[]> out = new ArrayList<>();
            for (byte[] frame : frames) {
                if (frame[1] == Tun.GSO_NONE) {
                    out.add(TestPackets.packetOf(frame));
                } else {
                    out.addAll(cut(frame));
                }
            }
            assertEquals(byFlow(packets), byFlow(out), "seed " + seed);
            assertTrue(frames.size() <= packets.size());
        }
    }

    @Test
    void oneFlowBecomesOneWrite() throws IOException {
        List<byte[]> packets = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            int flags = Frame.ACK | (i == 39 ? Frame.PSH : 0);
            packets.add(TestPackets.tcp(true, 1, 2, 9, 1000 * i, flags, new byte[1000]));
        }
        List<byte[]> frames = join(packets, Tun.Offload.ALL);
        assertEquals(1, frames.size());
        assertEquals(Tun.NEEDS_CSUM, frames.getFirst()[0]);
        assertEquals(40, join(packets, Tun.Offload.NONE).size());
    }

    @Test
    void fragmentsAreNeverJoined() throws IOException {
        for (int fragment : new int[] {0x2000, 0x0001, 0x2001}) { // first, last, middle
            List<byte[]> packets = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                byte[] p = TestPackets.tcp(true, 1, 2, 9, 1000 * i, Frame.ACK, new byte[1000]);
                p[6] = (byte) (fragment >>> 8);
                p[7] = (byte) fragment;
                packets.add(p);
            }
            List<byte[]> frames = join(packets, Tun.Offload.ALL);
            assertEquals(4, frames.size());
            for (int i = 0; i < 4; i++) {
                assertArrayEquals(packets.get(i), TestPackets.packetOf(frames.get(i)));
            }
        }
    }

    @Test
    void damagedPacketIsWrittenAsItCame() throws IOException {
        List<byte[]> packets = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            packets.add(TestPackets.tcp(true, 1, 2, 9, 1000 * i, Frame.ACK, new byte[1000]));
        }
        packets.get(1)[200] ^= 1;
        List<byte[]> frames = join(packets, Tun.Offload.ALL);
        assertEquals(3, frames.size());
        assertArrayEquals(packets.get(1), TestPackets.packetOf(frames.get(1)));
    }

    /** Three flows of each kind that now and then break off, in random order. */
    private static List<byte[]> traffic(Random random, int count) {
        int[] seq = random.ints(6).toArray();
        List<byte[]> out = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int f = random.nextInt(6);
            boolean v4 = f % 2 == 0;
            int length = random.nextInt(5) == 0 ? random.nextInt(700) : 700;
            byte[] payload = TestPackets.random(random, length);
            if (random.nextInt(4) == 0) {
                out.add(TestPackets.udp(v4, 1, 2, 100 + f, payload));
                continue;
            }
            int flags = Frame.ACK;
            flags |= random.nextInt(10) == 0 ? Frame.PSH : 0;
            flags |= random.nextInt(20) == 0 ? Frame.FIN : 0;
            if (random.nextInt(20) == 0) {
                seq[f] += 5;
            }
            byte[] p = TestPackets.tcp(v4, 1, 2, 200 + f, seq[f], flags, payload);
            if (random.nextInt(20) == 0) {
                p[p.length - 1] ^= 1;
            }
            seq[f] += length;
            out.add(p);
        }
        return out;
    }

    /** Packets of each flow in order; the identification of IPv4 is not kept. */
    private static Map<String, List<String>> byFlow(List<byte[]> packets) {
        Map<String, List<String>> out = new HashMap<>();
        for (byte[] p : packets) {
            byte[] q = p.clone();
            int at = TestPackets.ipBytes(q);
            if (at == 20) {
                Arrays.fill(q, 4, 6, (byte) 0);
                Arrays.fill(q, 10, 12, (byte) 0);
            }
            String flow = at + "/" + q[at == 20 ? 9 : 6] + "/" + TestPackets.u16(q, at);
            out.computeIfAbsent(flow, _ -> new ArrayList<>()).add(Arrays.toString(q));
        }
        return out;
    }

    private static List<byte[]> join(List<byte[]> packets, Tun.Offload offload) throws IOException {
        int bytes = packets.stream().mapToInt(p -> p.length).sum();
        try (var device = new PipeDevice(offload);
                var libc = new Libc();
                var slab = new Slab(bytes);
                var c = new Coalescer(libc, device, new EngineCounters(), true)) {
            long at = slab.address();
            List<byte[]> out = new ArrayList<>();
            for (byte[] p : packets) {
                Memory.copyIn(p, 0, at, p.length);
                c.add(at, p.length);
                at += p.length;
                for (byte[] f = device.take(); f != null; f = device.take()) {
                    out.add(f);
                }
            }
            c.flush();
            for (byte[] f = device.take(); f != null; f = device.take()) {
                out.add(f);
            }
            return out;
        }
    }

    /** As the kernel hands it over: the checksum field holds the pseudo header's sum. */
    private static byte[] superFrame(byte[] packet, boolean tcp, int segment) {
        int at = TestPackets.ipBytes(packet);
        int field = tcp ? 16 : 6;
        byte[] half = packet.clone();
        try (var slab = new Slab(packet.length)) {
            Memory.copyIn(packet, 0, slab.address(), packet.length);
            long pseudo =
                    Frame.pseudoSum(
                            slab.address(), tcp ? Frame.TCP : Frame.UDP, packet.length - at);
            int sum = Memory.foldSum(pseudo);
            half[at + field] = (byte) (sum >>> 8);
            half[at + field + 1] = (byte) sum;
        }
        int type = segment == 0 ? 0 : tcp ? (at == 20 ? Tun.GSO_TCP4 : Tun.GSO_TCP6) : Tun.GSO_UDP;
        return TestPackets.frame(type, segment, at, field, half);
    }

    private boolean starts(byte[] frame) {
        try (var slab = new Slab(frame.length)) {
            Memory.copyIn(frame, 0, slab.address(), frame.length);
            return cutter.start(slab.address(), frame.length - Tun.HEADER_BYTES);
        }
    }

    private List<byte[]> cut(byte[] frame) {
        List<byte[]> out = new ArrayList<>();
        try (var in = new Slab(frame.length);
                var to = new Slab(70_000)) {
            Memory.copyIn(frame, 0, in.address(), frame.length);
            assertTrue(cutter.start(in.address(), frame.length - Tun.HEADER_BYTES));
            while (cutter.hasNext()) {
                int length = cutter.nextLength();
                cutter.next(to.address());
                out.add(Memory.bytes(to.address(), length));
            }
        }
        return out;
    }
}
