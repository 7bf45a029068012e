package hearth.derp;

import hearth.crypto.NodeKey;
import hearth.crypto.SecretKey;
import hearth.derp.DerpCounters.Counter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The relay without its transport: who is connected, and the way of a packet from one connection's
 * bytes to another's queue. A transport makes a {@link DerpSession} per connection, feeds it what
 * it reads and writes what it drains; a timer calls {@link #poll} about once a second. Thread-safe;
 * it has no thread of its own. The only lock that is held while another is taken is the peer map's
 * per-key one, never the other way round.
 */
public final class DerpServer {
    private static final long JITTER_NANOS = 5_000_000_000L;
    private static final long FULL_MEMORY_NANOS = 30_000_000_000L;
    private static final String FULL = "the relay has no room for all its clients' packets";

    /**
     * A connected client.
     *
     * @param remote the transport's name for the other end
     * @param home whether this relay is its home
     * @param sinceNanos when it connected, monotonic as all times here
     * @param heardNanos when bytes last came from it
     */
    public record Client(
            NodeKey key,
            String remote,
            boolean home,
            long sinceNanos,
            long heardNanos,
            List<Flow> flows) {}

    /** What a connected client has sent to {@code to} over the relay. */
    public record Flow(NodeKey to, long lastNanos, long bytes) {}

    private final SecretKey key;
    private final NodeKey publicKey;
    private final Admission admission;
    private final DerpLimits limits;
    private final RandomGenerator random;
    private final DerpCounters counters = new DerpCounters();
    private final ConcurrentMap<NodeKey, Peer> peers = new ConcurrentHashMap<>();
    private final Set<DerpSession> sessions = ConcurrentHashMap.newKeySet();
    private final AtomicInteger sessionCount = new AtomicInteger();
    private final AtomicLong queueBudget;
    private volatile String problem = "";

    // the timer's own
    private long lackedBefore;
    private long lackedNanos;

    /**
     * A relay without clients.
     *
     * @param key the relay's own, from the state directory
     * @param random a SecureRandom outside tests; used by many threads
     */
    public DerpServer(
            SecretKey key, Admission admission, DerpLimits limits, RandomGenerator random) {
        this.key = key;
        this.publicKey = key.nodeKey();
        this.admission = admission;
        this.limits = limits;
        this.random = random;
        this.queueBudget = new AtomicLong(limits.allQueuesBytes());
    }

    /**
     * A session for a new connection, which has the ServerKey frame to drain already.
     *
     * @param remote the other end's address, for status
     * @return null when there are too many
     */
    public @Nullable DerpSession accept(Outlet outlet, String remote, long nowNanos) {
        if (sessionCount.incrementAndGet() > limits.connections()) {
            sessionCount.decrementAndGet();
            counters.count(Counter.TURNED_AWAY);
            return null;
        }
        counters.count(Counter.ACCEPTED);
        var session =
                new DerpSession(this, outlet, remote, random.nextLong(JITTER_NANOS), nowNanos);
        sessions.add(session);
        return session;
    }

    /**
     * Makes a node of this process reachable under its key; the caller answers for its admission.
     *
     * @param clock monotonic nanoseconds
     */
    public RelayLink attach(NodeKey node, PacketSink sink, LongSupplier clock) {
        var link = new LocalLink(this, sink, clock);
        link.joined(join(node, link));
        return link;
    }

    /** Ends every connection of a key that is no member any more; gives how many there were. */
    public int revoke(NodeKey node) {
        return endAll(peers.get(node), EndReason.REVOKED);
    }

    /** Tells all clients, now and later ones, of the relay's problem; empty when it is over. */
    private void health(String text) {
        if (!text.equals(problem)) {
            problem = text;
            var frame = new DerpFrame.Health(text);
            sessions.stream().filter(s -> s.key() != null).forEach(s -> s.enqueue(frame));
        }
    }

    /** What clients should know: whether the relay lacked room, now or a short time ago. */
    private void judge(long nowNanos) {
        long lacked = counters.value(Counter.DROP_MEMORY) + counters.value(Counter.TURNED_AWAY);
        if (lacked != lackedBefore) {
            lackedBefore = lacked;
            lackedNanos = nowNanos;
            health(FULL);
        } else if (nowNanos - lackedNanos >= FULL_MEMORY_NANOS) {
            health("");
        }
    }

    /** Does what is due on every connection: time-outs, keep-alives, pings, and its health. */
    public void poll(long nowNanos) {
        judge(nowNanos);
        for (DerpSession s : sessions) {
            s.poll(nowNanos);
        }
    }

    /** Ends all connections. */
    public void shutdown() {
        sessions.forEach(s -> s.end(EndReason.SHUTDOWN));
    }

    public NodeKey publicKey() {
        return publicKey;
    }

    public DerpCounters counters() {
        return counters;
    }

    /** Connections now, logged in or not; local links not counted. */
    public int connections() {
        return sessionCount.get();
    }

    /** Bytes that the queues hold now. */
    public long queuedBytes() {
        return limits.allQueuesBytes() - queueBudget.get();
    }

    /** Everyone who has logged in, a key once per connection. */
    public List<Client> clients() {
        var out = new ArrayList<Client>();
        for (DerpSession s : sessions) {
            if (s.key() != null) {
                out.add(s.status());
            }
        }
        return out;
    }

    DerpLimits limits() {
        return limits;
    }

    Admission admission() {
        return admission;
    }

    SecretKey secretKey() {
        return key;
    }

    RandomGenerator random() {
        return random;
    }

    AtomicLong queueBudget() {
        return queueBudget;
    }

    String problem() {
        return problem;
    }

    @Nullable Peer peer(NodeKey node) {
        return peers.get(node);
    }

    Peer join(NodeKey node, Recipient member) {
        counters.count(Counter.LOGINS);
        Peer joined =
                peers.compute(
                        node,
                        (k, before) -> {
                            Peer p = before == null ? new Peer(k) : before;
                            p.add(member);
                            return p;
                        });
        List<Recipient> members = joined.members();
        if (members.size() > 1) {
            counters.count(Counter.DUPLICATE);
        }
        if (members.size() > limits.connectionsPerKey()) {
            members.getFirst().end(EndReason.REPLACED);
        }
        return joined;
    }

    /** Takes {@code member} out; the last of a key is told to all who had packets from it. */
    void leave(Peer from, Recipient member) {
        boolean[] last = {false};
        peers.computeIfPresent(
                from.key,
                (k, p) -> {
                    last[0] = p == from && p.remove(member) && p.isEmpty();
                    return last[0] ? null : p;
                });
        if (!last[0]) {
            return;
        }
        for (NodeKey target : from.allTargets()) {
            Peer p = peers.get(target);
            Recipient r = p == null ? null : p.active();
            if (r != null) {
                r.tellGone(from.key, DerpFrame.PeerGone.Reason.DISCONNECTED);
            }
        }
    }

    void forget(DerpSession session) {
        if (sessions.remove(session)) {
            sessionCount.decrementAndGet();
        }
    }

    private static int endAll(@Nullable Peer peer, EndReason reason) {
        if (peer == null) {
            return 0;
        }
        List<Recipient> members = peer.members();
        members.forEach(m -> m.end(reason));
        return members.size();
    }
}
