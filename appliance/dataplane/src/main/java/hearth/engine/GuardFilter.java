package hearth.engine;

import hearth.packet.DropCounters;
import hearth.packet.DropReason;
import hearth.packet.Flows;
import hearth.packet.Guard;
import hearth.packet.PacketFilter;
import hearth.packet.PacketHeader;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The packet filters of all local nodes, over one connection table. {@link #admits} belongs to the
 * receiving thread, {@link #leaves} to the sending one; both allocate nothing.
 */
public final class GuardFilter implements InnerFilter {
    private static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private final Flows flows;
    private final LongSupplier nanoTime;
    private final PacketHeader received = new PacketHeader();
    private final PacketHeader sent = new PacketHeader();
    private final DropCounters receiveDrops = new DropCounters();
    private final DropCounters sendDrops = new DropCounters();
    private volatile Map<LocalNode, Guard> guards = Map.of();

    public GuardFilter(LongSupplier nanoTime, RandomGenerator random) {
        this.nanoTime = nanoTime;
        this.flows = new Flows(nanoTime.getAsLong(), random);
    }

    /** Judges the packets of {@code node} by {@code filter} from now on. */
    public synchronized void apply(LocalNode node, PacketFilter filter) {
        Guard guard = guards.get(node);
        if (guard == null) {
            guard = new Guard(flows);
            guard.apply(filter);
            var next = new HashMap<>(guards);
            next.put(node, guard);
            guards = next;
        } else {
            guard.apply(filter);
        }
    }

    public synchronized void remove(LocalNode node) {
        var next = new HashMap<>(guards);
        next.remove(node);
        guards = next;
    }

    @Override
    public boolean admits(RemotePeer from, long packet, int length) {
        DropReason reason = received.read(MEMORY, packet, length);
        if (reason == null) {
            Guard guard = guards.get(from.node());
            reason =
                    guard == null
                            ? DropReason.NOT_LOCAL
                            : guard.inbound(received, nanoTime.getAsLong());
        }
        return counted(receiveDrops, reason);
    }

    @Override
    public boolean leaves(RemotePeer to, long packet, int length) {
        DropReason reason = sent.read(MEMORY, packet, length);
        if (reason == null) {
            Guard guard = guards.get(to.node());
            reason =
                    guard == null ? DropReason.NO_PEER : guard.outbound(sent, nanoTime.getAsLong());
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
    public void addTo(Map<DropReason, Long> sums) {
        receiveDrops.addTo(sums);
        sendDrops.addTo(sums);
    }
}
