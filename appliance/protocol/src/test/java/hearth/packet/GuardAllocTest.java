package hearth.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import hearth.base.IpSet;
import hearth.control.FilterRule;
import hearth.control.NetPortRange;
import hearth.control.PortRange;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Header, filter and connection table cost no heap per packet, for known and for new flows. */
final class GuardAllocTest {
    private static final int PACKETS = 100_000;

    @Test
    void noBytesPerPacket() {
        var guard = new Guard(new Flows(0, new Random(1)));
        var port = new NetPortRange("*", PortRange.of(22));
        guard.apply(
                PacketFilter.of(
                        FilterRules.boxes(
                                List.of(FilterRule.ports(List.of("*"), List.of(port))),
                                _ -> IpSet.EMPTY),
                        IpSet.ALL));
        byte[] packet = TestPackets.tcp("100.64.0.2", 9, "100.64.0.1", 22, PacketHeader.TCP_SYN);
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (var arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(packet.length);
            MemorySegment.copy(packet, 0, memory, ValueLayout.JAVA_BYTE, 0, packet.length);
            var header = new PacketHeader();
            long passed = run(guard, header, memory, packet.length); // warm-up
            long before = threads.getCurrentThreadAllocatedBytes();
            passed += run(guard, header, memory, packet.length);
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            assertEquals(2L * PACKETS, passed);
            // the measuring call itself allocates a little; one byte a packet would be 100,000
            assertTrue(allocated < 4_096, "allocated " + allocated);
        }
    }

    private static long run(Guard guard, PacketHeader header, MemorySegment memory, int length) {
        long passed = 0;
        for (int i = 0; i < PACKETS; i++) {
            // another source port every eighth packet: inserts and evictions are covered
            memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, 20, (short) (i >>> 3));
            boolean ok =
                    header.read(memory, 0, length) == null
                            && guard.inbound(header, i) == null
                            && guard.outbound(header, i) == null;
            passed += ok ? 1 : 0;
        }
        return passed;
    }
}
