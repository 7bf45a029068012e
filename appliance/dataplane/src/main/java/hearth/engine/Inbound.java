package hearth.engine;

import hearth.base.Memory;
import hearth.base.Slab;
import hearth.os.Libc;
import hearth.os.PacketDevice;
import hearth.os.UdpPort;
import hearth.os.UdpReceiver;
import hearth.packet.IpProtocol;
import hearth.packet.Tsmp;
import hearth.wireguard.Keypair;
import hearth.wireguard.Messages;
import hearth.wireguard.Peer;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * The steps of the receiver: UDP or relay → classify → open → check the inner source → filter →
 * TUN. What is no transport message goes to the control thread. Confined to one thread but for the
 * two {@code offer}s.
 */
final class Inbound implements AutoCloseable {
    private static final int RELAY_BYTES = 256 * 1024;
    private static final int MAX_DATAGRAM = 65_535;
    private static final int NO_SESSION = Integer.MIN_VALUE;

    /** So often at most the control thread is told of an unknown session. */
    private static final long TELL_INTERVAL_NANOS = 50_000_000L;

    /** So often at most a sender is told that the policy refuses its connection. */
    private static final long REJECT_INTERVAL_NANOS = 10_000_000L;

    private final Engine engine;
    private final EngineCounters counters;
    private final UdpReceiver receiver;
    private final @Nullable Coalescer coalescer;
    private final RelayInbox relayed = new RelayInbox();
    private final ConcurrentLinkedQueue<Keypair> retired = new ConcurrentLinkedQueue<>();
    private final Slab relaySlab = new Slab(RELAY_BYTES);
    private long now;
    private long toldNanos;
    private long rejectedNanos;
    private int plainBytes; // of the message opened last, or why it was not

    Inbound(Engine engine, Libc libc, @Nullable PacketDevice tun, UdpPort port) {
        this.engine = engine;
        this.counters = engine.counters();
        this.receiver = new UdpReceiver(libc, port);
        this.toldNanos = engine.now() - TELL_INTERVAL_NANOS;
        this.rejectedNanos = toldNanos;
        this.coalescer =
                tun == null
                        ? null
                        : new Coalescer(libc, tun, counters, engine.settings().coalesce());
    }

    /** Any thread; the caller wakes the receiver. */
    boolean offer(RelayInbox.Item item) {
        return relayed.offer(item);
    }

    /** Any thread: the receiving half of a session is out of use. */
    void offer(Keypair session) {
        retired.add(session);
    }

    /** Works until nothing waits, at most {@code budget} calls; then writes out what is held. */
    void run(int budget) {
        for (Keypair k = retired.poll(); k != null; k = retired.poll()) {
            k.closeReceiving();
        }
        now = engine.now();
        try {
            receive(budget);
        } finally {
            flush(); // what is held lies in buffers that are used again
        }
        takeRelayed();
    }

    private void receive(int budget) {
        int held = 0;
        for (int done = 0; done < budget; done++) {
            int messages = receiver.receive();
            if (messages <= 0) {
                return;
            }
            for (int m = 0; m < messages; m++) {
                message(m);
            }
            if (++held == UdpReceiver.BUFFERS) { // the next call reuses the first one's memory
                flush();
                held = 0;
                now = engine.now();
            }
        }
    }

    private void flush() {
        Coalescer c = coalescer;
        if (c != null) {
            c.flush();
        }
    }

    private void message(int m) {
        long start = receiver.address(m);
        int length = receiver.length(m);
        int step = receiver.segment(m);
        long high = receiver.sourceHigh(m);
        long low = receiver.sourceLow(m);
        int port = receiver.sourcePort(m);
        for (int at = 0; at < length; at += step) {
            datagram(start + at, Math.min(step, length - at), high, low, port);
        }
    }

    private void datagram(long datagram, int length, long high, long low, int port) {
        switch (Classifier.kind(datagram, length)) {
            case Classifier.TRANSPORT -> {
                RemotePeer from = transport(datagram, length);
                if (from != null) {
                    from.path().receivedFromUdp(high, low, port, now);
                    deliver(from, datagram);
                } else if (plainBytes == NO_SESSION && mayTell()) {
                    engine.unknownSession(new UdpAddress(high, low, port));
                }
            }
            case Classifier.HANDSHAKE ->
                    toControl(
                            ControlItem.Datagram.Kind.HANDSHAKE, datagram, length, high, low, port);
            case Classifier.DISCO ->
                    toControl(ControlItem.Datagram.Kind.DISCO, datagram, length, high, low, port);
            case Classifier.STUN ->
                    toControl(ControlItem.Datagram.Kind.STUN, datagram, length, high, low, port);
            default -> counters.count(EngineCounter.DROPPED_UNKNOWN_DATAGRAM);
        }
    }

    private void toControl(
            ControlItem.Datagram.Kind kind,
            long datagram,
            int length,
            long high,
            long low,
            int port) {
        if (engine.controlHasRoom()) {
            engine.toControl(
                    new ControlItem.Datagram(
                            kind,
                            Memory.bytes(datagram, length),
                            new UdpAddress(high, low, port),
                            null));
        } else {
            counters.count(EngineCounter.DROPPED_CONTROL_QUEUE_FULL);
        }
    }

    /** Opens a message in place; the peer that sent it, or null when it was dropped. */
    private @Nullable RemotePeer transport(long datagram, int length) {
        Keypair k = engine.sessions().keypair(Memory.i32le(datagram + Messages.TRANSPORT_RECEIVER));
        if (k == null) {
            counters.count(EngineCounter.DROPPED_NO_SESSION);
            plainBytes = NO_SESSION;
            return null;
        }
        plainBytes = k.open(datagram, length, now);
        if (plainBytes < 0) {
            counters.count(
                    switch (plainBytes) {
                        case Keypair.OpenFailure.EXPIRED -> EngineCounter.DROPPED_EXPIRED_SESSION;
                        case Keypair.OpenFailure.REPLAYED -> EngineCounter.DROPPED_REPLAYED;
                        default -> EngineCounter.DROPPED_BAD_TAG;
                    });
            return null;
        }
        RemotePeer from = (RemotePeer) k.peer().attachment();
        from.receivedBytes += length;
        counters.count(EngineCounter.RECEIVED_PACKETS);
        counters.add(EngineCounter.RECEIVED_BYTES, length);
        int todo = k.peer().received(k, plainBytes > 0, now);
        if (todo != 0) {
            if ((todo & Peer.CONFIRMED) != 0) {
                engine.toControl(new ControlItem.Confirmed(k));
            }
            if ((todo & Peer.WANTS_HANDSHAKE) != 0) {
                engine.wantHandshake(from);
            }
        }
        return from;
    }

    /** Whether the control thread may be told of another unknown session. */
    private boolean mayTell() {
        if (now - toldNanos < TELL_INTERVAL_NANOS) {
            return false;
        }
        toldNanos = now;
        return true;
    }

    /** Hands the plaintext of an opened message on. */
    private void deliver(RemotePeer from, long datagram) {
        if (plainBytes == 0) {
            return;
        }
        long packet = datagram + Messages.TRANSPORT_HEADER_BYTES;
        int inner = Frame.statedLength(packet, plainBytes);
        if (inner < 0) {
            counters.count(EngineCounter.DROPPED_MALFORMED_INNER);
            return;
        }
        if (owner(from.node(), packet) != from) {
            counters.count(EngineCounter.DROPPED_FOREIGN_SOURCE);
            return;
        }
        if (!from.node().filter().admits(from, packet, inner)) {
            counters.count(EngineCounter.DROPPED_BY_FILTER_IN);
            if (now - rejectedNanos >= REJECT_INTERVAL_NANOS) {
                rejectedNanos = now;
                reply(from, Tsmp.rejected(head(packet, inner)));
            }
            return;
        }
        if (Frame.protocol(packet) == IpProtocol.TSMP) {
            reply(from, Tsmp.answer(head(packet, inner)));
            return;
        }
        Coalescer c = coalescer;
        if (c == null) {
            counters.count(EngineCounter.DROPPED_TUN_WRITE);
            return;
        }
        c.add(packet, inner);
    }

    private static byte[] head(long packet, int length) {
        return Memory.bytes(packet, Math.min(length, Tsmp.HEAD_BYTES));
    }

    private void reply(RemotePeer to, byte @Nullable [] packet) {
        if (packet != null) {
            engine.reply(to, packet);
        }
    }

    /** The peer to whom the longest prefix gives the packet's source. */
    private static @Nullable RemotePeer owner(LocalNode node, long packet) {
        return Frame.version(packet) == 4
                ? node.table().get(true, 0, Memory.i32(packet + 12) & 0xffff_ffffL)
                : node.table().get(false, Memory.i64(packet + 8), Memory.i64(packet + 16));
    }

    private void takeRelayed() {
        int used = 0;
        for (RelayInbox.Item i = relayed.poll(); i != null; i = relayed.poll()) {
            int length = i.datagram.length;
            if (length > MAX_DATAGRAM) {
                counters.count(EngineCounter.DROPPED_UNKNOWN_DATAGRAM);
                continue;
            }
            if (used + length > RELAY_BYTES) {
                flush();
                used = 0;
            }
            long at = relaySlab.address() + used;
            Memory.copyIn(i.datagram, 0, at, length);
            used += (length + 15) & -16;
            RemotePeer from = transport(at, length);
            if (from != null) {
                from.path().receivedFromRelay(i.by.relay(), now);
                deliver(from, at);
            } else if (plainBytes == NO_SESSION && mayTell()) {
                engine.unknownSessionByRelay(i.by.to(), i.by.from());
            }
        }
        flush();
    }

    @Override
    public void close() {
        for (Keypair k = retired.poll(); k != null; k = retired.poll()) {
            k.closeReceiving();
        }
        receiver.close();
        relaySlab.close();
        Coalescer c = coalescer;
        if (c != null) {
            c.close();
        }
    }
}
