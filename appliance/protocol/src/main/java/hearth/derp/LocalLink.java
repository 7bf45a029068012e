package hearth.derp;

import hearth.crypto.NodeKey;
import hearth.derp.DerpCounters.Counter;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A node of this process at the relay. */
final class LocalLink implements RelayLink, Recipient {
    private final DerpServer server;
    private final PacketSink sink;
    private final LongSupplier clock;
    private final Map<NodeKey, Route> routes = new ConcurrentHashMap<>();
    private volatile @Nullable Peer peer;
    private volatile boolean ended;

    LocalLink(DerpServer server, PacketSink sink, LongSupplier clock) {
        this.server = server;
        this.sink = sink;
        this.clock = clock;
    }

    void joined(Peer own) {
        peer = own;
    }

    @Override
    public boolean send(NodeKey to, ByteBuffer packet) {
        Peer own = peer;
        if (ended || own == null) {
            return false;
        }
        byte[] in;
        int offset;
        int count = packet.remaining();
        if (packet.hasArray()) {
            in = packet.array();
            offset = packet.arrayOffset() + packet.position();
        } else {
            in = new byte[count];
            offset = 0;
            packet.get(packet.position(), in);
        }
        if (count > DerpFrame.MAX_PACKET) {
            return false;
        }
        own.sent(this);
        boolean disco = DiscoMagic.marks(in, offset, count);
        server.counters().count(Counter.PACKETS_IN);
        server.counters().add(Counter.BYTES_IN, count);
        Route route = routes.get(to);
        for (int attempt = 0; attempt < 2; attempt++) {
            if (route == null || attempt > 0) {
                Peer peerTo = server.peer(to);
                if (peerTo == null) {
                    break;
                }
                route = new Route(peerTo);
                routes.put(to, route);
            }
            Recipient recipient = route.to.active();
            Delivery done =
                    recipient == null
                            ? Delivery.GONE
                            : recipient.deliver(own.key, in, offset, count, disco);
            if (recipient != null && done != Delivery.GONE) {
                route.sent(count, clock.getAsLong());
                if (done == Delivery.WAKE) {
                    recipient.wake();
                }
                return true;
            }
        }
        server.counters().count(disco ? Counter.DROP_UNKNOWN_DISCO : Counter.DROP_UNKNOWN);
        return false;
    }

    @Override
    public boolean reaches(NodeKey other) {
        return !ended && server.peer(other) != null;
    }

    @Override
    public Delivery deliver(NodeKey from, byte[] in, int offset, int count, boolean disco) {
        if (ended) {
            return Delivery.GONE;
        }
        sink.packet(from, ByteBuffer.wrap(in, offset, count));
        server.counters().count(Counter.PACKETS_OUT);
        return Delivery.DONE;
    }

    @Override
    public void wake() {}

    @Override
    public void tellGone(NodeKey gone, DerpFrame.PeerGone.Reason reason) {
        if (!ended) {
            sink.peerGone(gone, reason);
        }
    }

    @Override
    public Iterable<NodeKey> targets() {
        return routes.keySet();
    }

    @Override
    public void end(EndReason reason) {
        ended = true;
        Peer own = peer;
        if (own != null) {
            server.leave(own, this);
        }
    }

    @Override
    public void close() {
        end(EndReason.DISCONNECTED);
    }
}
