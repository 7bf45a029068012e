package hearth.engine;

import hearth.base.Memory;
import hearth.base.Slab;
import hearth.crypto.NodeKey;
import hearth.os.Libc;
import hearth.os.UdpPort;
import hearth.os.UdpSender;
import hearth.wireguard.Gatekeeper;
import hearth.wireguard.HandshakeSource;
import hearth.wireguard.Messages;
import hearth.wireguard.Output;
import hearth.wireguard.Peer;
import hearth.wireguard.WireGuard;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The control thread's work: handshakes, timers, disco, and whoever calls {@link Engine#execute}.
 * Confined to that thread but for {@link #offer} and {@link #hasRoom}.
 */
final class Control implements AutoCloseable {
    private static final int MAX_DATAGRAM = 2048;
    private static final long NANOS_PER_MILLI = 1_000_000L;

    private final Engine engine;
    private final EngineCounters counters;
    private final UdpSender sender;
    private final Gatekeeper gate;
    private final Slab slab = new Slab(MAX_DATAGRAM);
    private final Map<NodeKey, WireGuard> nodes = new LinkedHashMap<>();
    private final LinkedBlockingQueue<ControlItem> queue = new LinkedBlockingQueue<>();
    private final AtomicInteger waiting = new AtomicInteger(); // datagrams in the queue
    private long deadline;
    private @Nullable UdpAddress replyTo;
    private ControlItem.@Nullable Relayed replyBy;

    Control(Engine engine, Libc libc, UdpPort port, Gatekeeper gate) {
        this.engine = engine;
        this.counters = engine.counters();
        this.sender = new UdpSender(libc, port, false);
        this.gate = gate;
        this.deadline = engine.now();
    }

    /** Any thread. */
    void offer(ControlItem item) {
        if (item instanceof ControlItem.Datagram) {
            waiting.incrementAndGet();
        }
        queue.add(item);
    }

    /** Any thread: whether another datagram may be offered. */
    boolean hasRoom() {
        return waiting.get() < Gatekeeper.QUEUE;
    }

    void add(WireGuard node) {
        nodes.put(node.publicKey(), node);
    }

    void remove(WireGuard node) {
        nodes.remove(node.publicKey());
    }

    /** Waits for work or a timer and does it. */
    void run() throws InterruptedException {
        long wait = deadline - engine.now();
        ControlItem item = wait > 0 ? queue.poll(wait, TimeUnit.NANOSECONDS) : queue.poll();
        int done = 0;
        while (item != null) {
            handle(item);
            item = ++done < Gatekeeper.QUEUE ? queue.poll() : null;
        }
        if (engine.now() - deadline >= 0 || done > 0) {
            pollTimers();
        }
    }

    private void handle(ControlItem item) {
        long now = engine.now();
        switch (item) {
            case ControlItem.Datagram d -> {
                gate.noteQueue(waiting.getAndDecrement(), now);
                datagram(d, now);
            }
            case ControlItem.Handshake h -> {
                h.peer().node().wireguard().initiate(h.peer().session(), now);
                drain(h.peer().node().wireguard());
            }
            case ControlItem.Confirmed c -> {
                WireGuard node = c.session().peer().owner();
                node.confirmed(c.session(), now);
                drain(node);
            }
            case ControlItem.Task t -> t.what().run();
        }
    }

    private void datagram(ControlItem.Datagram d, long now) {
        UdpAddress from = d.from;
        ControlItem.Relayed by = d.relayed;
        switch (d.kind) {
            case HANDSHAKE -> handshake(d.bytes, from, by, now);
            case DISCO -> {
                if (from != null) {
                    engine.controlTask().disco(d.bytes, from, now);
                } else if (by != null) {
                    engine.controlTask().discoByRelay(by.to(), by.relay(), by.from(), d.bytes, now);
                }
            }
            case STUN -> {
                if (from != null) {
                    engine.controlTask().stun(d.bytes, from, now);
                }
            }
        }
    }

    private void handshake(
            byte[] bytes, @Nullable UdpAddress from, ControlItem.@Nullable Relayed by, long now) {
        WireGuard node = nodeFor(bytes);
        if (node == null) {
            counters.count(EngineCounter.DROPPED_UNKNOWN_DATAGRAM);
            return;
        }
        Peer peer = node.receive(bytes, source(from, by), now);
        if (peer != null) {
            RemotePeer remote = (RemotePeer) peer.attachment();
            if (from != null) {
                remote.path().receivedFromUdp(from.high(), from.low(), from.port(), now);
            } else if (by != null) {
                remote.path().receivedFromRelay(by.relay(), now);
            }
        }
        replyTo = from;
        replyBy = by;
        drain(node);
        replyTo = null;
        replyBy = null;
    }

    /** The node that MAC1 names, or the owner of the receiver index. */
    private @Nullable WireGuard nodeFor(byte[] bytes) {
        if (Messages.handshakeType(bytes) != Messages.INITIATION) {
            Peer p =
                    Messages.handshakeType(bytes) == 0
                            ? null
                            : engine.sessions().peer(Messages.receiverOf(bytes));
            return p == null ? null : p.owner();
        }
        for (WireGuard node : nodes.values()) {
            if (node.isFor(bytes)) {
                return node;
            }
        }
        return null;
    }

    private static HandshakeSource source(
            @Nullable UdpAddress from, ControlItem.@Nullable Relayed by) {
        if (from != null) {
            return new HandshakeSource(from.high(), from.low(), from.port());
        }
        if (by == null) {
            throw new IllegalStateException("a datagram without source");
        }
        ByteBuffer key = ByteBuffer.wrap(by.from().bytes());
        return new HandshakeSource(key.getLong(), key.getLong(), 0);
    }

    void drain(WireGuard node) {
        boolean wakeSender = false;
        for (Output o = node.nextOutput(); o != null; o = node.nextOutput()) {
            switch (o) {
                case Output.Send s -> send((RemotePeer) s.peer().attachment(), s.datagram());
                case Output.Reply r -> reply(r.datagram());
                case Output.Silent s ->
                        ((RemotePeer) s.peer().attachment()).path().silent(engine.now());
                case Output.Retired r -> {
                    engine.retire(r);
                    wakeSender = true;
                }
                case Output.Flush f -> {
                    engine.toSender(f);
                    wakeSender = true;
                }
                case Output.DropStaged d -> {
                    engine.toSender(d);
                    wakeSender = true;
                }
            }
        }
        if (wakeSender) {
            engine.wakeSender();
        }
    }

    private void send(RemotePeer peer, byte[] datagram) {
        Path path = peer.path().current(engine.now());
        if (path == null) {
            counters.count(EngineCounter.DROPPED_NO_PATH);
            return;
        }
        UdpAddress udp = path.udp();
        DerpRoute relay = path.relay();
        if (udp != null) {
            sendUdp(udp, datagram);
        }
        if (relay != null) {
            sendRelay(relay, peer.key(), datagram);
        }
    }

    private void reply(byte[] datagram) {
        UdpAddress to = replyTo;
        ControlItem.Relayed by = replyBy;
        if (to != null) {
            sendUdp(to, datagram);
        } else if (by != null) {
            sendRelay(by.relay(), by.from(), datagram);
        }
    }

    private void sendRelay(DerpRoute relay, NodeKey to, byte[] datagram) {
        if (!relay.send(to, datagram)) {
            counters.count(EngineCounter.DROPPED_SEND_FAILED);
        }
    }

    /** Sends one datagram of at most 2048 bytes; false when the kernel refused it. */
    boolean sendUdp(UdpAddress to, byte[] datagram) {
        Memory.copyIn(datagram, 0, slab.address(), datagram.length);
        int length = datagram.length;
        int error = sender.send(to.high(), to.low(), to.port(), slab.address(), length, length);
        if (error < 0) {
            counters.count(EngineCounter.DROPPED_SEND_FAILED);
        }
        return error == 0;
    }

    private void pollTimers() {
        long now = engine.now();
        long next = engine.controlTask().poll(now);
        for (WireGuard node : nodes.values()) {
            long at = node.poll(now);
            drain(node);
            if (at - next < 0) {
                next = at;
            }
        }
        // what is a moment away is done together
        deadline = next - now < NANOS_PER_MILLI ? now + NANOS_PER_MILLI : next;
    }

    @Override
    public void close() {
        sender.close();
        slab.close();
    }
}
