package hearth.engine;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import hearth.base.Memory;
import hearth.base.Slab;
import hearth.os.Ciphers;
import hearth.os.Tun;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Once warm, packets cost no memory on the sender and on the receiver. */
final class EngineAllocTest {
    private static final int WARM_UP = 30_000;
    private static final int MEASURED = 20_000;

    /** The compiler may come late on a busy machine: so long a round without is waited for. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final double LIMIT = 0.5;

    @Test
    void packetsAllocateNothing() throws Exception {
        var cipher = Ciphers.available().getFirst();
        try (var pair = new EnginePair(EngineSettings.onPort(0), cipher, false);
                var slab = new Slab(32_768)) {
            byte[] small = TestPackets.frame(TestPackets.udp(true, 1, 2, 7, new byte[100]));
            byte[] tcp = TestPackets.tcp(true, 1, 2, 9, 1, Frame.ACK, new byte[12_000]);
            byte[] big = TestPackets.frame(Tun.GSO_TCP4, 1200, 20, 16, tcp);
            assertTrue(pair.a.device.put(small));
            assertNotNull(pair.b.take());
            exchange(pair, slab, small, big, WARM_UP);
            double each = Double.MAX_VALUE;
            long start = System.nanoTime();
            while (each > LIMIT && System.nanoTime() - start < PATIENCE.toNanos()) {
                long before = allocated();
                exchange(pair, slab, small, big, MEASURED);
                each = (allocated() - before) / (double) MEASURED;
            }
            assertTrue(each <= LIMIT, each + " bytes a packet");
        }
    }

    private static void exchange(EnginePair pair, Slab slab, byte[] small, byte[] big, int packets)
            throws InterruptedException {
        Memory.copyIn(small, 0, slab.address(), small.length);
        Memory.copyIn(big, 0, slab.address() + 4096, big.length);
        int sent = 0;
        while (sent < packets) {
            pair.a.device.put(slab.address(), small.length);
            pair.a.device.put(slab.address() + 4096, big.length);
            sent += 11;
            int idle = 0;
            while (idle < 3) {
                if (pair.b.device.drop() > 0) {
                    idle = 0;
                } else {
                    idle++;
                    Thread.onSpinWait();
                }
            }
        }
    }

    /** What all senders and receivers of this process have allocated so far. */
    private static long allocated() {
        var beans = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        return Arrays.stream(beans.getThreadInfo(beans.getAllThreadIds()))
                .filter(t -> t != null)
                .filter(
                        t ->
                                t.getThreadName().equals("hearth-send")
                                        || t.getThreadName().equals("hearth-receive"))
                .mapToLong(t -> beans.getThreadAllocatedBytes(t.getThreadId()))
                .sum();
    }
}
