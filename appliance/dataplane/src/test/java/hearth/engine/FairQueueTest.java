package hearth.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.base.Memory;
import hearth.os.Tun;
import java.util.ArrayDeque;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class FairQueueTest {
    private static final int FRAME = Tun.HEADER_BYTES + 60;

    private final FairQueue queue = new FairQueue();

    @AfterEach
    void close() {
        queue.close();
    }

    /** A TCP packet from {@code port}, its sequence number is {@code mark}. */
    private void put(int port, int mark) {
        long packet = queue.free() + Tun.HEADER_BYTES;
        Memory.zero(packet, 60);
        Memory.put8(packet, 0x45);
        Memory.put8(packet + 9, Frame.TCP);
        Memory.put16(packet + 20, port);
        Memory.put32(packet + 24, mark);
    }

    private int mark() {
        return Memory.i32(queue.head() + Tun.HEADER_BYTES + 24);
    }

    @Test
    void servesInOrderOverRandomFillings() {
        var random = new Random(3);
        var expected = new ArrayDeque<Integer>();
        for (int i = 0; i < 100_000; i++) {
            boolean fill = queue.isEmpty() || (random.nextInt(20) < 10 + i / 10_000);
            if (fill && !queue.full()) {
                put(random.nextInt(5), i);
                queue.add(FRAME);
                expected.add(i);
            } else {
                assertEquals(FRAME, queue.headBytes());
                assertEquals(expected.remove(), mark());
                queue.removeHead();
            }
            assertEquals(expected.isEmpty(), queue.isEmpty());
            assertEquals(expected.size() == FairQueue.SLOTS, queue.full());
        }
    }

    @Test
    void overtakesOnlyFlowsWithoutBacklogAndOnlyWhenSmall() {
        put(1, 0);
        assertTrue(queue.mayOvertake(FRAME));
        assertFalse(queue.mayOvertake(Tun.HEADER_BYTES + FairQueue.SMALL_BYTES + 1));
        queue.add(FRAME);
        put(1, 1);
        assertFalse(queue.mayOvertake(FRAME));
        put(2, 2);
        assertTrue(queue.mayOvertake(FRAME));
        queue.removeHead();
        put(1, 3);
        assertTrue(queue.mayOvertake(FRAME));
    }

    @Test
    void usesTheSameSlotAgainWhenItIsFree() {
        long slot = queue.free();
        for (int i = 0; i < 3; i++) {
            put(1, i);
            queue.add(FRAME);
            queue.removeHead();
            assertEquals(slot, queue.free());
        }
    }
}
