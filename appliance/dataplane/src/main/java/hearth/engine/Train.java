package hearth.engine;

import hearth.base.Memory;
import hearth.base.Slab;
import hearth.os.Libc;
import hearth.os.UdpPort;
import hearth.os.UdpSender;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Sealed datagrams for one path, one behind the other, until they are sent in one call. Flushes by
 * itself when the path changes, a datagram is longer than the first one, after a shorter one, and
 * when it is full. Confined to one thread.
 */
final class Train implements AutoCloseable {
    private static final int MAX_BYTES = 65_000;
    private static final int MAX_DATAGRAM = 10_240;

    private final UdpSender sender;
    private final EngineCounters counters;
    private final Slab slab = new Slab(MAX_BYTES + MAX_DATAGRAM);
    private @Nullable UdpAddress to;
    private int segment;
    private int length;
    private int count;

    Train(Libc libc, UdpPort port, boolean segmentation, EngineCounters counters) {
        this.sender = new UdpSender(libc, port, segmentation);
        this.counters = counters;
    }

    /** Where the next datagram of {@code bytes} bytes for {@code path} is to be written. */
    long place(Path path, int bytes) {
        UdpAddress udp = path.udp();
        if (count > 0
                && (!Objects.equals(udp, to)
                        || bytes > segment
                        || count == UdpSender.MAX_SEGMENTS
                        || length + bytes > MAX_BYTES)) {
            flush();
        }
        if (count == 0) {
            to = udp;
            segment = bytes;
        }
        return slab.address() + length;
    }

    /** The datagram was written to the last {@link #place}. */
    void sealed(Path path, RemotePeer peer, int bytes) {
        peer.sentBytes += bytes;
        DerpRoute relay = path.relay();
        if (relay != null) {
            counters.count(EngineCounter.RELAYED_PACKETS);
            if (!relay.send(peer.key(), Memory.bytes(slab.address() + length, bytes))) {
                counters.count(EngineCounter.DROPPED_SEND_FAILED);
            }
        }
        if (path.udp() == null) {
            return;
        }
        length += bytes;
        count++;
        if (bytes < segment) {
            flush();
        }
    }

    void flush() {
        UdpAddress udp = to;
        if (count > 0 && udp != null) {
            int error =
                    sender.send(udp.high(), udp.low(), udp.port(), slab.address(), length, segment);
            counters.add(EngineCounter.SENT_PACKETS, count);
            counters.add(EngineCounter.SENT_BYTES, length);
            counters.count(EngineCounter.SENT_TRAINS);
            if (error < 0) {
                counters.add(EngineCounter.DROPPED_SEND_FAILED, count);
            }
        }
        to = null;
        count = 0;
        length = 0;
        segment = 0;
    }

    @Override
    public void close() {
        sender.close();
        slab.close();
    }
}
