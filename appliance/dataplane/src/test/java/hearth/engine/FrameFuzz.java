package hearth.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.base.Memory;
import hearth.base.Slab;
import hearth.os.Libc;
import hearth.os.PipeDevice;
import hearth.os.Tun;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Damaged frames and packets: no exception, no access outside the slab (checked by assertions). */
final class FrameFuzz {
    private static final long BUDGET_NANOS = 500_000_000L;
    private static final int ROOM = 4096;

    @Test
    void cutterStaysInsideItsFrame() {
        var random = new Random(1);
        var cutter = new Cutter();
        try (var out = new Slab(ROOM + Cutter.MAX_PACKET)) {
            long end = System.nanoTime() + BUDGET_NANOS;
            while (System.nanoTime() - end < 0) {
                byte[] frame = damaged(random);
                try (var slab = new Slab(frame.length)) {
                    Memory.copyIn(frame, 0, slab.address(), frame.length);
                    int length = frame.length - Tun.HEADER_BYTES;
                    Cutter.complete(slab.address(), length);
                    if (cutter.start(slab.address(), length)) {
                        while (cutter.hasNext()) {
                            int next = cutter.nextLength();
                            assertTrue(next > 0 && next <= Cutter.MAX_PACKET);
                            cutter.next(out.address());
                        }
                    }
                }
            }
        }
    }

    @Test
    void coalescerLosesNothingAndStaysInside() throws Exception {
        var random = new Random(2);
        try (var device = new PipeDevice(Tun.Offload.ALL);
                var libc = new Libc();
                var c = new Coalescer(libc, device, new EngineCounters(), true)) {
            long end = System.nanoTime() + BUDGET_NANOS;
            while (System.nanoTime() - end < 0) {
                byte[] frame = damaged(random);
                int length = frame.length - Tun.HEADER_BYTES;
                try (var slab = new Slab(length)) {
                    Memory.copyIn(frame, Tun.HEADER_BYTES, slab.address(), length);
                    int stated = Frame.statedLength(slab.address(), length);
                    if (stated > 0) {
                        c.add(slab.address(), stated);
                    }
                    c.flush();
                    assertEquals(stated > 0, device.drop() > 0);
                }
            }
        }
    }

    @Test
    void classifierTakesAnything() {
        var random = new Random(3);
        try (var slab = new Slab(2048)) {
            for (int i = 0; i < 200_000; i++) {
                int length = random.nextInt(200);
                for (int j = 0; j < 8; j++) {
                    Memory.put8(slab.address() + j, random.nextInt(5));
                }
                int kind = Classifier.kind(slab.address(), length);
                assertEquals(kind, Classifier.kind(Memory.bytes(slab.address(), length)));
            }
        }
    }

    private static byte[] damaged(Random random) {
        boolean v4 = random.nextBoolean();
        byte[] payload = TestPackets.random(random, random.nextInt(ROOM - 200));
        boolean tcp = random.nextBoolean();
        byte[] packet =
                tcp
                        ? TestPackets.tcp(v4, 1, 2, 3, 4, Frame.ACK, payload)
                        : TestPackets.udp(v4, 1, 2, 3, payload);
        int type = tcp ? (v4 ? Tun.GSO_TCP4 : Tun.GSO_TCP6) : Tun.GSO_UDP;
        byte[] frame = TestPackets.frame(type, 100, v4 ? 20 : 40, tcp ? 16 : 6, packet);
        for (int i = random.nextInt(5); i > 0; i--) {
            frame[random.nextInt(Math.min(frame.length, 90))] = (byte) random.nextInt(256);
        }
        return frame;
    }
}
