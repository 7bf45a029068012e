package hearth.engine;

import hearth.base.Memory;
import hearth.base.Slab;
import hearth.os.Libc;
import hearth.os.PacketDevice;
import hearth.os.Tun;
import hearth.os.UdpPort;
import hearth.wireguard.Keypair;
import hearth.wireguard.Messages;
import hearth.wireguard.Output;
import hearth.wireguard.Peer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * The steps of the sender: TUN → cut → seal → UDP, and what the other threads want sent in
 * sessions. Confined to one thread but for {@link #offer}.
 */
final class Outbound implements AutoCloseable {
    private static final int PAD = 16;
    private static final int REPLIES = 64;

    /** An IP packet of our own for a peer. */
    static final class Reply {
        final RemotePeer to;
        final byte[] packet;

        Reply(RemotePeer to, byte[] packet) {
            this.to = to;
            this.packet = packet;
        }
    }

    private final Engine engine;
    private final Libc libc;
    private @Nullable PacketDevice tun; // null also when it is gone
    private final EngineCounters counters;
    private final int mtu;
    private final Train train;
    private final FairQueue queue = new FairQueue();
    private final Cutter cutter = new Cutter();
    private final ConcurrentLinkedQueue<Output> commands = new ConcurrentLinkedQueue<>();
    private final ArrayBlockingQueue<Reply> replies = new ArrayBlockingQueue<>(REPLIES);
    private final Slab scratch = new Slab(66_560);
    private long now;

    Outbound(Engine engine, Libc libc, @Nullable PacketDevice tun, UdpPort port) {
        this.engine = engine;
        this.libc = libc;
        this.tun = tun;
        this.counters = engine.counters();
        this.mtu = engine.settings().mtu();
        this.train = new Train(libc, port, engine.settings().udpSegmentation(), counters);
    }

    /** Any thread; the caller wakes the sender. */
    void offer(Output command) {
        commands.add(command);
    }

    /** Any thread; the caller wakes the sender. False when too many wait. */
    boolean offer(Reply reply) {
        return replies.offer(reply);
    }

    /** Whether frames wait that were read already: the caller must come back without waiting. */
    boolean hasMore() {
        return !queue.isEmpty();
    }

    /**
     * Works until there is nothing left to do, or for {@code budget} large frames.
     *
     * @return 0, or -errno when the TUN is gone; it is not read again
     */
    int run(int budget) {
        int error = 0;
        int done = 0;
        do {
            now = engine.now();
            runCommands();
            error = Math.min(error, drainTun());
            if (!queue.isEmpty()) {
                try {
                    handle(queue.head(), queue.headBytes());
                } finally {
                    queue.removeHead(); // never meet a frame twice
                }
                done++;
            }
        } while (!queue.isEmpty() && done < budget);
        train.flush();
        return error;
    }

    /** Reads what the TUN has; small packets of flows without backlog are sent on the way. */
    private int drainTun() {
        PacketDevice t = tun;
        if (t == null) {
            return 0;
        }
        int error = 0;
        boolean overtook = false;
        while (!queue.full()) {
            int n = t.read(libc, queue.free());
            if (n <= Tun.HEADER_BYTES) {
                if (n < 0 && n != -Libc.EAGAIN && n != -Libc.EINTR) {
                    tun = null;
                    error = n;
                }
                break;
            }
            counters.count(EngineCounter.TUN_READS);
            if (queue.mayOvertake(n)) {
                handle(queue.free(), n);
                overtook = true;
            } else {
                queue.add(n);
            }
        }
        if (overtook && !queue.isEmpty()) {
            train.flush();
        }
        return error;
    }

    private void handle(long frame, int frameBytes) {
        long packet = frame + Tun.HEADER_BYTES;
        int length = Frame.statedLength(packet, frameBytes - Tun.HEADER_BYTES);
        if (length < 0) {
            counters.count(EngineCounter.DROPPED_MALFORMED_TUN);
            return;
        }
        RemotePeer peer = engine.route(packet);
        if (peer == null) {
            counters.count(EngineCounter.DROPPED_NO_PEER);
            return;
        }
        if (!peer.node().filter().leaves(peer, packet, length)) {
            counters.count(EngineCounter.DROPPED_BY_FILTER_OUT);
            return;
        }
        if (!send(peer, frame, length)) {
            stage(peer, frame, Tun.HEADER_BYTES + length);
        }
    }

    /** Seals and queues a frame; false when there is no session. */
    private boolean send(RemotePeer peer, long frame, int length) {
        Peer p = peer.session();
        Keypair k = p.sending(now);
        if (k == null) {
            return false;
        }
        Path path = peer.path().current(now);
        if (path == null) {
            counters.count(EngineCounter.DROPPED_NO_PATH);
            return true;
        }
        long packet = frame + Tun.HEADER_BYTES;
        if (Frame.gsoType(frame) == Tun.GSO_NONE) {
            boolean incomplete = (Frame.flags(frame) & Tun.NEEDS_CSUM) != 0;
            if (length > Cutter.MAX_PACKET || (incomplete && !Cutter.complete(frame, length))) {
                counters.count(EngineCounter.DROPPED_MALFORMED_TUN);
                return true;
            }
            int plain = padded(length);
            long at = train.place(path, plain + Messages.TRANSPORT_OVERHEAD_BYTES);
            Memory.copy(packet, at + Messages.TRANSPORT_HEADER_BYTES, length);
            seal(peer, k, path, at, length, plain);
            return true;
        }
        if (!cutter.start(frame, length)) {
            counters.count(EngineCounter.DROPPED_MALFORMED_TUN);
            return true;
        }
        while (cutter.hasNext()) {
            int bytes = cutter.nextLength();
            int plain = padded(bytes);
            long at = train.place(path, plain + Messages.TRANSPORT_OVERHEAD_BYTES);
            cutter.next(at + Messages.TRANSPORT_HEADER_BYTES);
            seal(peer, k, path, at, bytes, plain);
        }
        return true;
    }

    private void seal(RemotePeer peer, Keypair k, Path path, long at, int length, int plain) {
        if (plain > length) {
            zeroPad(at + Messages.TRANSPORT_HEADER_BYTES + length, plain - length);
        }
        int bytes = k.seal(at, plain);
        train.sealed(path, peer, bytes);
        if (k.peer().sent(k, true, now)) {
            engine.wantHandshake(peer);
        }
    }

    private static void zeroPad(long at, int bytes) {
        for (int i = 0; i < bytes; i++) {
            Memory.put8(at + i, 0);
        }
    }

    /** To a multiple of 16, but never past the MTU. */
    private int padded(int length) {
        int up = (length + PAD - 1) & -PAD;
        return Math.max(length, Math.min(up, mtu));
    }

    private void stage(RemotePeer peer, long frame, int bytes) {
        peer.staged.addLast(Memory.bytes(frame, bytes));
        peer.stagedBytes += bytes;
        while (peer.staged.size() > RemotePeer.STAGED_PACKETS
                || peer.stagedBytes > RemotePeer.STAGED_BYTES) {
            peer.stagedBytes -= peer.staged.removeFirst().length;
            counters.count(EngineCounter.DROPPED_STAGE_FULL);
        }
        engine.wantHandshake(peer);
    }

    private void runCommands() {
        for (Output c = commands.poll(); c != null; c = commands.poll()) {
            switch (c) {
                case Output.Flush f -> flush((RemotePeer) f.peer().attachment(), f.keepalive());
                case Output.DropStaged d -> dropStaged((RemotePeer) d.peer().attachment());
                case Output.Retired r -> r.keypair().closeSending();
                default -> throw new IllegalStateException("not for the sender: " + c);
            }
        }
        for (Reply r = replies.poll(); r != null; r = replies.poll()) {
            int length = r.packet.length;
            Memory.zero(scratch.address(), Tun.HEADER_BYTES);
            Memory.copyIn(r.packet, 0, scratch.address() + Tun.HEADER_BYTES, length);
            if (!send(r.to, scratch.address(), length)) {
                stage(r.to, scratch.address(), Tun.HEADER_BYTES + length);
            }
        }
    }

    private void flush(RemotePeer peer, boolean keepalive) {
        if (peer.staged.isEmpty()) {
            if (keepalive) {
                sendKeepalive(peer);
            }
            return;
        }
        while (!peer.staged.isEmpty()) {
            byte[] frame = peer.staged.peekFirst();
            Memory.copyIn(frame, 0, scratch.address(), frame.length);
            if (!send(peer, scratch.address(), frame.length - Tun.HEADER_BYTES)) {
                engine.wantHandshake(peer);
                return;
            }
            peer.staged.removeFirst();
            peer.stagedBytes -= frame.length;
        }
    }

    private void sendKeepalive(RemotePeer peer) {
        Keypair k = peer.session().sending(now);
        Path path = peer.path().current(now);
        if (k == null || path == null) {
            engine.wantHandshake(peer);
            return;
        }
        int bytes = k.seal(train.place(path, Messages.TRANSPORT_OVERHEAD_BYTES), 0);
        train.sealed(path, peer, bytes);
        if (peer.session().sent(k, false, now)) {
            engine.wantHandshake(peer);
        }
    }

    private void dropStaged(RemotePeer peer) {
        counters.add(EngineCounter.DROPPED_UNANSWERED, peer.staged.size());
        peer.staged.clear();
        peer.stagedBytes = 0;
    }

    @Override
    public void close() {
        for (Output c = commands.poll(); c != null; c = commands.poll()) {
            if (c instanceof Output.Retired r) {
                r.keypair().closeSending();
            }
        }
        train.close();
        queue.close();
        scratch.close();
    }
}
