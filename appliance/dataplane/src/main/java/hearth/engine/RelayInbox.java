package hearth.engine;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Transport messages that came by a relay and wait for the receiver. Bounded in bytes. */
final class RelayInbox {
    private static final int MAX_BYTES = 1 << 20;

    static final class Item {
        final ControlItem.Relayed by;
        final byte[] datagram;

        Item(ControlItem.Relayed by, byte[] datagram) {
            this.by = by;
            this.datagram = datagram;
        }
    }

    private final ConcurrentLinkedQueue<Item> items = new ConcurrentLinkedQueue<>();
    private final AtomicInteger bytes = new AtomicInteger();

    /** Any thread; false when it is full. */
    boolean offer(Item item) {
        if (bytes.addAndGet(item.datagram.length) > MAX_BYTES) {
            bytes.addAndGet(-item.datagram.length);
            return false;
        }
        items.add(item);
        return true;
    }

    /** Receiver thread. */
    @Nullable Item poll() {
        Item item = items.poll();
        if (item != null) {
            bytes.addAndGet(-item.datagram.length);
        }
        return item;
    }
}
