package hearth.engine;

import hearth.crypto.DiscoKey;
import hearth.crypto.NodeKey;
import hearth.disco.DiscoPacket;
import hearth.packet.DropCounters;
import hearth.packet.DropReason;
import hearth.stun.StunClient;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The paths of all local nodes: gives disco packets to the node that knows their sender, runs the
 * path cores and sends what they want. Runs on the engine's control thread; {@link #later} hands
 * work to it from any other.
 */
public final class Paths implements ControlTask {
    private final BiConsumer<UdpAddress, byte[]> udp;
    private final Consumer<Runnable> control;
    private final List<NodePaths> nodes = new ArrayList<>();
    private final DropCounters drops = new DropCounters();
    private final StunClient stun;
    private Set<InetSocketAddress> mapped = Set.of();

    /**
     * Makes the paths of an engine.
     *
     * @param udp sends a datagram from the engine's port; called on the control thread
     * @param control runs work on the control thread, in order, and polls after it
     * @param random must be a SecureRandom outside tests
     */
    Paths(BiConsumer<UdpAddress, byte[]> udp, Consumer<Runnable> control, RandomGenerator random) {
        this.udp = udp;
        this.control = control;
        this.stun = new StunClient(random);
    }

    /** Runs {@code work} on the control thread. Any thread. */
    void later(Runnable work) {
        control.accept(work);
    }

    /** Makes the control thread poll soon. Any thread. */
    void wake() {
        control.accept(() -> {});
    }

    void send(InetSocketAddress to, byte[] datagram) {
        udp.accept(UdpAddress.of(to), datagram);
    }

    /** Control thread. */
    void add(NodePaths node) {
        nodes.add(node);
        node.mapped(mapped);
    }

    /**
     * Asks {@code servers} from now on how the engine's port looks from outside. Control thread.
     */
    void askStun(List<InetSocketAddress> servers, long nowNanos) {
        stun.setServers(servers, nowNanos);
        tellMapped();
    }

    /** Control thread. */
    void networkChanged(long nowNanos) {
        stun.networkChanged(nowNanos);
        tellMapped();
    }

    private void tellMapped() {
        Set<InetSocketAddress> now = stun.mapped();
        if (!now.equals(mapped)) {
            mapped = now;
            nodes.forEach(n -> n.mapped(now));
        }
    }

    /** Control thread. */
    void remove(NodePaths node) {
        nodes.remove(node);
    }

    @Override
    public void disco(byte[] datagram, UdpAddress from, long nowNanos) {
        count(dispatch(datagram, from.toSocketAddress(), nowNanos));
    }

    private @Nullable DropReason dispatch(byte[] datagram, InetSocketAddress from, long nowNanos) {
        if (!DiscoPacket.isDisco(datagram)) {
            return DropReason.UNKNOWN_DATAGRAM;
        }
        DiscoKey sender = DiscoPacket.sender(datagram);
        DropReason reason = DropReason.DISCO_UNKNOWN_SENDER;
        for (NodePaths n : nodes) {
            if (n.knows(sender)) {
                reason = n.receive(datagram, from, nowNanos);
                if (reason == null) {
                    return null;
                }
            }
        }
        return reason;
    }

    @Override
    public void discoByRelay(
            LocalNode to, DerpRoute relay, NodeKey from, byte[] datagram, long nowNanos) {
        relayed(to.key(), from, relay.region(), datagram, nowNanos);
    }

    /** {@code region}: of the relay, 0 for our own. */
    void relayed(NodeKey to, NodeKey from, int region, byte[] datagram, long nowNanos) {
        for (NodePaths n : nodes) {
            if (n.isFor(to)) {
                count(n.receiveByRelay(datagram, from, region, nowNanos));
            }
        }
    }

    @Override
    public void stun(byte[] datagram, UdpAddress from, long nowNanos) {
        if (stun.receive(datagram, nowNanos)) {
            tellMapped();
        } else {
            count(DropReason.UNKNOWN_DATAGRAM);
        }
    }

    @Override
    public void unknownSession(UdpAddress from, long nowNanos) {
        for (NodePaths n : nodes) {
            n.resume(from.toSocketAddress(), nowNanos);
        }
    }

    @Override
    public void unknownSessionByRelay(LocalNode to, NodeKey from, long nowNanos) {
        for (NodePaths n : nodes) {
            if (n.isFor(to.key())) {
                n.startSession(from);
            }
        }
    }

    private void count(@Nullable DropReason reason) {
        if (reason != null) {
            drops.count(reason);
        }
    }

    @Override
    public long poll(long nowNanos) {
        long wait = Long.MAX_VALUE / 2;
        for (NodePaths n : nodes) {
            wait = Math.min(wait, n.poll(nowNanos) - nowNanos);
        }
        for (StunClient.Request r : stun.poll(nowNanos)) {
            send(r.to(), r.datagram());
        }
        tellMapped();
        wait = Math.min(wait, stun.nextDeadlineNanos(nowNanos) - nowNanos);
        return nowNanos + Math.max(0, wait);
    }

    /** Disco packets that were not heard, by reason. */
    public DropCounters drops() {
        return drops;
    }
}
