package hearth.engine;

import hearth.packet.DropCounters;
import hearth.packet.DropReason;
import hearth.packet.Flows;
import hearth.packet.Guard;
import hearth.packet.PacketFilter;
import hearth.packet.PacketHeader;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The packet filter of one local node over the engine's connection table. {@link #admits} belongs
 * to the receiving thread, {@link #leaves} to the sending one; both allocate nothing.
 */
final class GuardFilter implements InnerFilter {
    private static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private final Guard guard;
    private final LongSupplier nanoTime;
    private final PacketHeader received = new PacketHeader();
    private final PacketHeader sent = new PacketHeader();
    private final DropCounters receiveDrops = new DropCounters();
    private final DropCounters sendDrops = new DropCounters();

    /** Refuses everything inbound until a filter is applied. */
    GuardFilter(Flows flows, LongSupplier nanoTime) {
        this.guard = new Guard(flows);
        this.nanoTime = nanoTime;
    }

    /** Judges by {@code filter} from now on, flows that are open too. Any thread. */
    void apply(PacketFilter filter) {
        guard.apply(filter);
    }

    @Override
    public boolean admits(RemotePeer from, long packet, int length) {
        DropReason reason = received.read(MEMORY, packet, length);
        if (reason == null) {
            reason = guard.inbound(received, nanoTime.getAsLong());
        }
        return counted(receiveDrops, reason);
    }

    @Override
    public boolean leaves(RemotePeer to, long packet, int length) {
        DropReason reason = sent.read(MEMORY, packet, length);
        if (reason == null) {
            reason = guard.outbound(sent, nanoTime.getAsLong());
        }
        return counted(sendDrops, reason);
    }

    private static boolean counted(DropCounters counters, @Nullable DropReason reason) {
        if (reason == null) {
            return true;
        }
        counters.count(reason);
        return false;
    }

    /** Adds what was dropped in both directions to {@code sums}. */
    void addTo(Map<DropReason, Long> sums) {
        receiveDrops.addTo(sums);
        sendDrops.addTo(sums);
    }
}
