package hearth.derp;

import hearth.base.WireException;
import hearth.crypto.NaclBox;
import hearth.crypto.NodeKey;
import hearth.derp.DerpCounters.Counter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The relay's side of one connection, between the bytes that come and the bytes that go.
 *
 * <p>{@link #receive} belongs to the transport's reading thread, {@link #drain} with {@link
 * #writeStarted} and {@link #writeDone} to its writing thread, {@link #poll} to the relay's timer;
 * the three may run at once. What waits to be written is guarded by {@code out}. Times are
 * monotonic nanoseconds.
 */
public final class DerpSession implements Recipient {
    private static final int CONTROL_QUEUE_BYTES = 16 << 10;
    private static final int MAX_CLIENT_INFO = 16 << 10;
    private static final int MAX_SMALL_FRAME = 1000;
    private static final int MAX_ROUTES = 8192;
    private static final int RECENT_ROUTES = 16; // a power of two
    private static final double NOT_HERE_PER_SECOND = 1;
    private static final double NOT_HERE_BURST = 3;

    /** A client that was sent packets and has been silent for so long is pinged early. */
    private static final long SUSPECT_NANOS = Duration.ofSeconds(15).toNanos();

    private final DerpServer server;
    private final Outlet outlet;
    private final String remote;
    private final FrameReader reader = new FrameReader(this::judge);
    private final TokenBucket notHere;
    private final @Nullable TokenBucket rate;
    private final long startNanos;
    private final Map<NodeKey, Route> routes = new ConcurrentHashMap<>();
    private final @Nullable Route[] recent = new @Nullable Route[RECENT_ROUTES];

    private final Object out = new Object();
    // guarded by out: the queues, idle, pongPending
    private final FrameQueue control;
    private final FrameQueue disco;
    private final FrameQueue data;
    private boolean idle;
    private boolean pongPending;
    private boolean released;

    private volatile @Nullable Peer peer; // set at login
    private volatile Login.Client client = Login.Client.ORDINARY;
    private volatile boolean home;
    private volatile @Nullable EndReason ended;
    private volatile long heardNanos;
    private volatile long sentNanos; // of the last drained packet
    private volatile long writeNanos; // start of the write under way
    private volatile boolean writing;
    private long nowNanos; // of the receive call under way
    private final List<Recipient> toWake = new ArrayList<>(4); // of the receive call under way

    // the timer's own
    private long keepAliveNanos;
    private long pingNanos;
    private boolean pinged;

    DerpSession(DerpServer server, Outlet outlet, String remote, long jitterNanos, long nowNanos) {
        this.server = server;
        this.outlet = outlet;
        this.remote = remote;
        this.startNanos = nowNanos;
        this.heardNanos = nowNanos;
        this.sentNanos = nowNanos;
        DerpLimits limits = server.limits();
        this.control = new FrameQueue(CONTROL_QUEUE_BYTES, server.queueBudget());
        this.disco = new FrameQueue(limits.discoQueueBytes(), server.queueBudget());
        this.data = new FrameQueue(limits.dataQueueBytes(), server.queueBudget());
        this.notHere = new TokenBucket(NOT_HERE_PER_SECOND, NOT_HERE_BURST, nowNanos);
        long bytesPerSecond = limits.receiveBytesPerSecond();
        long burst = Math.max(bytesPerSecond, NodeKey.LENGTH + DerpFrame.MAX_PACKET);
        this.rate = bytesPerSecond > 0 ? new TokenBucket(bytesPerSecond, burst, nowNanos) : null;
        this.keepAliveNanos = nowNanos + limits.keepAlive().toNanos() + jitterNanos;
        enqueue(new DerpFrame.ServerKey(server.publicKey()));
    }

    /**
     * Takes what the transport read.
     *
     * @return nanoseconds that the reader must wait before it reads on, 0 as a rule
     * @throws WireException when the client broke the protocol or is not admitted; the session has
     *     ended then
     */
    public long receive(byte[] in, int offset, int count, long now) throws WireException {
        if (ended != null) {
            throw new WireException("session has ended: " + ended);
        }
        nowNanos = now;
        heardNanos = now;
        reader.feed(in, offset, count);
        try {
            while (reader.next()) {
                Peer own = peer;
                if (own == null) {
                    login();
                } else {
                    own.sent(this);
                    dispatch(own);
                }
                if (ended != null) {
                    throw new WireException("session has ended: " + ended);
                }
            }
        } catch (WireException e) {
            end(EndReason.PROTOCOL_ERROR);
            throw e;
        } finally {
            // after the whole chunk: a receiver gets what came together in one write
            toWake.forEach(Recipient::wake);
            toWake.clear();
        }
        return rate == null ? 0 : rate.take(count, now);
    }

    /** Judges a frame by its header: what is read, skipped or the end. */
    private boolean judge(int type, long length) throws WireException {
        if (peer == null) {
            if (type != DerpFrame.CLIENT_INFO || length > MAX_CLIENT_INFO) {
                throw new WireException(
                        "login: frame " + type + " of " + length + " bytes, expected ClientInfo");
            }
            return true;
        }
        return switch (type) {
            case DerpFrame.SEND_PACKET ->
                    within(type, length, NodeKey.LENGTH, NodeKey.LENGTH + DerpFrame.MAX_PACKET);
            case DerpFrame.NOTE_PREFERRED -> within(type, length, 1, 1);
            case DerpFrame.PING, DerpFrame.PONG ->
                    within(type, length, DerpFrame.Ping.LENGTH, MAX_SMALL_FRAME);
            case DerpFrame.FORWARD_PACKET, DerpFrame.WATCH_CONNS, DerpFrame.CLOSE_PEER -> {
                end(EndReason.MESH_REFUSED);
                throw new WireException("mesh frame " + type + " from a client");
            }
            default -> {
                server.counters().count(Counter.UNKNOWN_FRAMES);
                yield !within(type, length, 0, DerpFrame.MAX_FRAME);
            }
        };
    }

    private static boolean within(int type, long length, int least, int most) throws WireException {
        if (length < least || length > most) {
            throw new WireException(
                    "frame " + type + ": " + length + " bytes, expected " + least + " to " + most);
        }
        return true;
    }

    private void login() throws WireException {
        if (!(reader.frame() instanceof DerpFrame.ClientInfo info)) {
            throw new WireException("login: expected ClientInfo");
        }
        try (NaclBox box = NaclBox.between(server.secretKey(), info.client())) {
            client = Login.Client.parse(Login.open("ClientInfo", box, info.sealed()));
            if (client.mesh()) {
                end(EndReason.MESH_REFUSED);
                throw new WireException("login: a mesh key, this relay has no mesh");
            }
            if (box == null || !server.admission().admits(info.client())) {
                end(EndReason.REFUSED);
                throw new WireException("login: " + info.client().shortText() + " is no member");
            }
            DerpLimits limits = server.limits();
            byte[] json =
                    new Login.Server(
                                    DerpFrame.VERSION,
                                    limits.receiveBytesPerSecond(),
                                    limits.receiveBytesPerSecond())
                            .json();
            var answer = new DerpFrame.ServerInfo(Login.seal(box, json, server.random()));
            synchronized (out) {
                if (!released) {
                    control.offer(answer); // its writer is woken once the client has joined
                }
            }
        }
        Peer joined = server.join(info.client(), this);
        peer = joined;
        if (ended != null || !server.admission().admits(info.client())) {
            // ended or removed while it logged in: join and revoke cannot both miss it
            server.leave(joined, this); // an end before the join could not
            end(EndReason.REVOKED);
            throw new WireException("login: " + info.client().shortText() + " is no member");
        }
        String problem = server.problem();
        if (!problem.isEmpty()) {
            enqueue(new DerpFrame.Health(problem));
        }
        wake();
    }

    private void dispatch(Peer own) throws WireException {
        switch (reader.type()) {
            case DerpFrame.SEND_PACKET -> forward(own);
            case DerpFrame.NOTE_PREFERRED -> home = reader.bytes()[reader.offset()] != 0;
            case DerpFrame.PING -> answer((DerpFrame.Ping) reader.frame());
            case DerpFrame.PONG -> server.counters().count(Counter.PONGS);
            default -> throw new IllegalStateException("frame " + reader.type() + " was let in");
        }
    }

    private void answer(DerpFrame.Ping ping) {
        boolean wake;
        synchronized (out) {
            if (pongPending) {
                return;
            }
            pongPending = true;
            control.offer(new DerpFrame.Pong(ping.data()));
            wake = takeIdle();
        }
        if (wake) {
            outlet.wake();
        }
    }

    private void forward(Peer own) {
        byte[] in = reader.bytes();
        int at = reader.offset() + NodeKey.LENGTH;
        int count = reader.length() - NodeKey.LENGTH;
        boolean isDisco = DiscoMagic.marks(in, at, count);
        DerpCounters counters = server.counters();
        counters.count(Counter.PACKETS_IN);
        counters.add(Counter.BYTES_IN, count);
        for (int attempt = 0; attempt < 2; attempt++) {
            Route route = route(in, reader.offset(), attempt > 0);
            if (route == null) {
                break;
            }
            Recipient to = route.to.active();
            Delivery done =
                    to == null ? Delivery.GONE : to.deliver(own.key, in, at, count, isDisco);
            if (to != null && done != Delivery.GONE) {
                if (!isDisco) { // path finding by relay is no relayed traffic
                    route.sent(count, nowNanos);
                }
                if (done == Delivery.WAKE) {
                    toWake.add(to);
                }
                return;
            }
        }
        counters.count(isDisco ? Counter.DROP_UNKNOWN_DISCO : Counter.DROP_UNKNOWN);
        if (isDisco && notHere.tryTake(1, nowNanos)) {
            byte[] key = new byte[NodeKey.LENGTH];
            System.arraycopy(in, reader.offset(), key, 0, NodeKey.LENGTH);
            tellGone(new NodeKey(key), DerpFrame.PeerGone.Reason.NOT_HERE);
        }
    }

    /** The way to the key at {@code offset}, null when nobody is there. */
    private @Nullable Route route(byte[] in, int offset, boolean lookAgain) {
        int slot = in[offset] & (RECENT_ROUTES - 1);
        Route cached = recent[slot];
        if (!lookAgain && cached != null && cached.key().matches(in, offset)) {
            return cached;
        }
        byte[] bytes = new byte[NodeKey.LENGTH];
        System.arraycopy(in, offset, bytes, 0, NodeKey.LENGTH);
        NodeKey key = new NodeKey(bytes);
        Peer to = server.peer(key);
        if (to == null) {
            return null;
        }
        Route route = routes.get(key);
        if (route == null || route.to != to) {
            if (routes.size() >= MAX_ROUTES) {
                routes.values().removeIf(r -> r.to.active() == null);
            }
            route = new Route(to);
            if (routes.size() < MAX_ROUTES) {
                routes.put(key, route);
            }
        }
        recent[slot] = route;
        return route;
    }

    @Override
    public Delivery deliver(NodeKey from, byte[] in, int offset, int count, boolean isDisco) {
        DerpCounters counters = server.counters();
        boolean wake;
        int pushed;
        synchronized (out) {
            if (released) {
                counters.count(Counter.DROP_GONE);
                return Delivery.GONE;
            }
            pushed =
                    (isDisco ? disco : data)
                            .offerPacket(DerpFrame.RECV_PACKET, from, in, offset, count);
            wake = takeIdle();
        }
        if (pushed < 0) {
            counters.count(Counter.DROP_MEMORY);
        } else {
            counters.count(Counter.PACKETS_OUT);
        }
        if (pushed > 0) {
            counters.add(isDisco ? Counter.DROP_OLDEST_DISCO : Counter.DROP_OLDEST, pushed);
        }
        return wake ? Delivery.WAKE : Delivery.DONE;
    }

    @Override
    public void wake() {
        outlet.wake();
    }

    @Override
    public void tellGone(NodeKey gone, DerpFrame.PeerGone.Reason reason) {
        server.counters().count(Counter.PEER_GONE_SENT);
        enqueue(new DerpFrame.PeerGone(gone, reason));
    }

    @Override
    public Iterable<NodeKey> targets() {
        return routes.keySet();
    }

    void enqueue(DerpFrame frame) {
        boolean wake;
        synchronized (out) {
            if (released) {
                return;
            }
            control.offer(frame);
            wake = takeIdle();
        }
        if (wake) {
            outlet.wake();
        }
    }

    private boolean takeIdle() {
        boolean was = idle;
        idle = false;
        return was;
    }

    /**
     * Moves whole frames into {@code buffer}: control, then disco (at most half), then data.
     *
     * @return bytes moved; 0 when nothing waits (the outlet is woken when something does) or when
     *     {@link #nextLength} is more than the buffer holds; -1 when the session has ended
     */
    public int drain(byte[] buffer, long now) {
        int n;
        synchronized (out) {
            if (released) {
                return -1;
            }
            n = control.drainTo(buffer, 0, buffer.length);
            pongPending &= !control.isEmpty();
            n += disco.drainTo(buffer, n, Math.max(n, buffer.length / 2));
            int beforeData = n;
            n += data.drainTo(buffer, n, buffer.length);
            if (n == beforeData && n < buffer.length / 2) {
                n += disco.drainTo(buffer, n, buffer.length);
            }
            idle = n == 0 && nextLength() == 0;
        }
        if (n > 0) {
            sentNanos = now;
        }
        return n;
    }

    /** Length of the frame that would be drained next, 0 when nothing waits. */
    public int nextLength() {
        synchronized (out) {
            int next = control.nextLength();
            if (next == 0) {
                next = disco.nextLength();
            }
            return next == 0 ? data.nextLength() : next;
        }
    }

    /** Notes that the transport begins to write what was drained. */
    public void writeStarted(long now) {
        writeNanos = now;
        writing = true;
    }

    /** Notes that all of it was written. */
    public void writeDone(int bytes) {
        writing = false;
        server.counters().add(Counter.BYTES_OUT, bytes);
    }

    /** Does what is due: time-outs, keep-alive, ping. */
    void poll(long now) {
        DerpLimits limits = server.limits();
        if (ended != null) {
            return;
        }
        if (peer == null) {
            if (now - startNanos >= limits.login().toNanos()) {
                end(EndReason.LOGIN_TIMEOUT);
            }
            return;
        }
        if (writing && now - writeNanos >= limits.write().toNanos()) {
            end(EndReason.SLOW_READER);
            return;
        }
        if (pinged && heardNanos - pingNanos > 0) {
            pinged = false;
        }
        if (pinged && now - pingNanos >= limits.answer().toNanos()) {
            end(EndReason.HALF_OPEN);
            return;
        }
        boolean tick = now - keepAliveNanos >= 0;
        if (tick) {
            keepAliveNanos = now + limits.keepAlive().toNanos();
            enqueue(new DerpFrame.KeepAlive());
            releaseIdleQueues();
        }
        boolean suspect =
                (sentNanos - heardNanos > 0 && now - heardNanos >= SUSPECT_NANOS)
                        || now - heardNanos >= limits.keepAlive().toNanos();
        if (!pinged && client.canAckPings() && suspect) {
            pinged = true;
            pingNanos = now;
            server.counters().count(Counter.PINGS);
            enqueue(new DerpFrame.Ping(server.random().nextLong()));
        }
    }

    private void releaseIdleQueues() {
        synchronized (out) {
            if (data.isEmpty()) {
                data.release();
            }
            if (disco.isEmpty()) {
                disco.release();
            }
            if (control.isEmpty()) {
                control.release();
            }
        }
    }

    /** Ends the session, once; later calls do nothing. Any thread. */
    @Override
    public void end(EndReason reason) {
        synchronized (out) {
            if (ended != null) {
                return;
            }
            ended = reason;
            released = true;
            control.release();
            disco.release();
            data.release();
        }
        if (reason.counter != null) {
            server.counters().count(reason.counter);
        }
        Peer own = peer;
        if (own != null) {
            server.leave(own, this);
        }
        server.forget(this);
        outlet.close();
    }

    /** Why it ended, null while it goes on. */
    public @Nullable EndReason ended() {
        return ended;
    }

    /** Who logged in, null before. */
    public @Nullable NodeKey key() {
        Peer own = peer;
        return own == null ? null : own.key;
    }

    DerpServer.Client status() {
        List<DerpServer.Flow> flows = new ArrayList<>();
        for (Route r : routes.values()) {
            flows.add(new DerpServer.Flow(r.key(), r.lastNanos(), r.bytes()));
        }
        NodeKey key = key();
        if (key == null) {
            throw new IllegalStateException("no login yet");
        }
        return new DerpServer.Client(key, remote, home, startNanos, heardNanos, flows);
    }
}
