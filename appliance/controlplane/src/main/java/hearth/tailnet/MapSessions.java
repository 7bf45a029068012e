package hearth.tailnet;

import hearth.base.IpAddress;
import hearth.base.WireException;
import hearth.control.ControlJson;
import hearth.control.DERPMap;
import hearth.control.NetMap;
import hearth.control.PingRequest;
import hearth.control.PingResponse;
import hearth.crypto.MachineKey;
import hearth.crypto.NodeKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * All open map streams. A change of the tailnet is linked to a chain; a pulse wakes the streams,
 * the first at once, further ones after a pause in which changes gather. Each stream then compares
 * what it has sent with what it should have. One stream a node: a newer one ends the older.
 */
public final class MapSessions implements AutoCloseable {
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(50);
    private static final int KEEP_ALIVE_JITTER_MILLIS = 8000;
    private static final Duration PAUSE = Duration.ofMillis(50);
    private static final Duration PAUSE_EACH = Duration.ofNanos(250_000); // more for each stream
    private static final Duration SWEEP = Duration.ofSeconds(1);
    private static final Duration PING_TIMEOUT = Duration.ofSeconds(8);
    private static final String ANSWERS = "https://unused/machine/answer/";

    private final Tailnet tailnet;
    private final MapBuilder builder;
    private final MapFrames frames;
    private final MapPings pings;
    private final InstantSource clock;
    private final LongSupplier keepAlive;
    private final Map<Long, MapSession> open = new ConcurrentHashMap<>();
    private final Map<MachineKey, MapSession> tombs = new ConcurrentHashMap<>();
    private final Map<MapSession, MachineKey> tombOf = new ConcurrentHashMap<>();
    private final Set<MapLocal> locals = ConcurrentHashMap.newKeySet();
    private final BiConsumer<Snapshot, Snapshot> subscriber;
    private final Thread pulse;
    private final Object appending = new Object();
    private volatile MapChange tail;
    private volatile boolean dirty;
    private volatile boolean closed;

    /**
     * The streams of {@code tailnet}.
     *
     * @param derpMap the relays as they are now; call {@link #derpMapChanged} when they change
     */
    public MapSessions(
            Tailnet tailnet,
            Supplier<DERPMap> derpMap,
            InstantSource clock,
            RandomGenerator random) {
        this(tailnet, derpMap, clock, random, () -> keepAlive(random));
    }

    /** {@code keepAliveNanos}: after how long a new stream without news says that it is there. */
    MapSessions(
            Tailnet tailnet,
            Supplier<DERPMap> derpMap,
            InstantSource clock,
            RandomGenerator random,
            LongSupplier keepAliveNanos) {
        this.tailnet = tailnet;
        this.keepAlive = keepAliveNanos;
        this.builder = new MapBuilder(derpMap, tailnet::pageBase);
        this.frames = new MapFrames(Math.max(2, Runtime.getRuntime().availableProcessors()));
        this.pings = new MapPings(random);
        this.clock = clock;
        this.tail = MapChange.first(tailnet.snapshot());
        this.subscriber = (_, after) -> note(after);
        tailnet.subscribe(subscriber);
        note(tailnet.snapshot());
        this.pulse = Thread.ofVirtual().name("map-pulse").start(this::pulse);
    }

    private static long keepAlive(RandomGenerator random) {
        return KEEP_ALIVE.plusMillis(random.nextInt(KEEP_ALIVE_JITTER_MILLIS)).toNanos();
    }

    long keepAliveNanos() {
        return keepAlive.getAsLong();
    }

    private void note(Snapshot after) {
        synchronized (appending) {
            MapChange last = tail;
            if (after.version() <= last.snapshot.version()) {
                return;
            }
            tail = last.append(after);
            for (Node n : gone(last.snapshot, after, last.touchedUntil(tail))) {
                builder.peers.forget(n.id());
            }
        }
        dirty = true;
        LockSupport.unpark(pulse);
    }

    private static List<Node> gone(Snapshot before, Snapshot after, long[] touched) {
        List<Node> out = new java.util.ArrayList<>();
        for (long id : touched) {
            Node n = before.node(id);
            if (n != null && after.node(id) == null) {
                out.add(n);
            }
        }
        return out;
    }

    private void pulse() {
        long lastSweep = System.nanoTime();
        while (!closed) {
            if (dirty) {
                dirty = false;
                open.values().forEach(MapSession::nudge);
                locals.forEach(MapLocal::nudge);
                pauseUntil(
                        System.nanoTime() + PAUSE.toNanos() + PAUSE_EACH.toNanos() * open.size());
            } else {
                LockSupport.parkNanos(SWEEP.toNanos());
            }
            long now = System.nanoTime();
            if (now - lastSweep >= SWEEP.toNanos()) {
                lastSweep = now;
                open.values().forEach(s -> s.nudgeIfDue(now));
                tombs.values().forEach(s -> s.nudgeIfDue(now));
            }
        }
    }

    private static void pauseUntil(long deadlineNanos) {
        long left = deadlineNanos - System.nanoTime();
        while (left > 0) {
            LockSupport.parkNanos(left);
            left = deadlineNanos - System.nanoTime();
        }
    }

    /** Opens the stream of a node; an older one of the same node ends. */
    public MapSession open(Node node) {
        var session = new MapSession(this, node.id(), node.key(), tail);
        MapSession older = open.put(node.id(), session);
        if (older != null) {
            older.end();
        }
        if (closed) {
            session.end();
        }
        return session;
    }

    /**
     * Opens a stream for a key that is no node's: it says that the key has ended and stays open.
     * One for each machine.
     */
    public MapSession openUnknown(MachineKey machine, NodeKey key) {
        var session = new MapSession(this, 0, key, tail);
        tombOf.put(session, machine);
        MapSession older = tombs.put(machine, session);
        if (older != null) {
            older.end();
        }
        if (closed) {
            session.end();
        }
        return session;
    }

    /** One whole map for a client that does not stream; null when the node is gone. */
    public byte @Nullable [] once(long node) throws InterruptedException {
        return MapSession.once(this, node, tailnet.snapshot(), clock.instant());
    }

    /**
     * Gives a node of this process its map, and a new one at every change that concerns it, until
     * the answer is closed. The node counts as connected meanwhile.
     */
    public AutoCloseable openLocal(long node, Consumer<NetMap> consumer) {
        var local = new MapLocal(this, node, consumer);
        locals.add(local);
        local.start();
        return local;
    }

    /** The relay map that the supplier gives is another one now. */
    public void derpMapChanged() {
        open.values().forEach(MapSession::nudge);
        locals.forEach(MapLocal::nudge);
    }

    /** Whether a node's stream is open. */
    public boolean isOpen(long node) {
        return open.containsKey(node);
    }

    /** Streams that are open. */
    public int size() {
        return open.size();
    }

    /**
     * Has a connected node ping an address and tells what it found: latency, and the endpoint or
     * relay that it went by. Fails after eight seconds, or at once when no stream is open.
     *
     * @param types {@code disco}, {@code TSMP}, {@code ICMP} or {@code peerapi}
     */
    public CompletableFuture<PingResponse> ping(long node, IpAddress target, String types) {
        return ask(node, types, target)
                .thenApply(
                        body -> {
                            try {
                                return ControlJson.read(body, PingResponse.class);
                            } catch (WireException e) {
                                throw new CompletionException(e);
                            }
                        });
    }

    private CompletableFuture<byte[]> ask(long node, String types, IpAddress target) {
        var answer = new CompletableFuture<byte[]>();
        MapSession session = open.get(node);
        if (session == null) {
            answer.completeExceptionally(new IllegalStateException("node is not connected"));
            return answer;
        }
        String id = pings.open(node, answer, PING_TIMEOUT);
        session.ping(new PingRequest(ANSWERS + id, true, false, types, target.toString(), null));
        return answer;
    }

    /** Whom the question {@code id} was put to; 0 when nobody waits for its answer. */
    public long asked(String id) {
        return pings.asked(id);
    }

    /** A client's answer to the question {@code id}; false when nobody waits for it. */
    public boolean answered(String id, byte[] body) {
        return pings.answered(id, body);
    }

    void closed(MapSession session) {
        open.remove(session.node(), session);
        MachineKey machine = tombOf.remove(session);
        if (machine != null) {
            tombs.remove(machine, session);
        }
    }

    void closed(MapLocal local) {
        locals.remove(local);
    }

    Tailnet tailnet() {
        return tailnet;
    }

    MapBuilder builder() {
        return builder;
    }

    MapFrames frames() {
        return frames;
    }

    Instant now() {
        return clock.instant();
    }

    /** Ends every stream properly, so that clients come back at once; takes no new ones. */
    @Override
    public void close() {
        closed = true;
        tailnet.unsubscribe(subscriber);
        LockSupport.unpark(pulse);
        open.values().forEach(MapSession::end);
        tombs.values().forEach(MapSession::end);
        locals.forEach(MapLocal::close);
    }
}
