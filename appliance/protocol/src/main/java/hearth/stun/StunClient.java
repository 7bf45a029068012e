package hearth.stun;

import hearth.base.WireException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Asks STUN servers from where our packets seem to come: each every 20 to 26 s, which also keeps
 * the mapping of a NAT alive; three tries half a second apart. Only answers to what was asked
 * count. No I/O; times are {@code nanoTime} values. Confined to one thread.
 */
public final class StunClient {
    /** More servers than this are not asked. */
    public static final int MAX_SERVERS = 8;

    static final long RETRY_NANOS = Duration.ofMillis(500).toNanos();
    static final long INTERVAL_NANOS = Duration.ofSeconds(20).toNanos();
    static final long SPREAD_NANOS = Duration.ofSeconds(6).toNanos();

    /** An address that no server confirms is forgotten; the NAT may give it to somebody else. */
    static final long MEMORY_NANOS = Duration.ofSeconds(310).toNanos();

    private static final int TRIES = 3;
    private static final int REQUEST_BYTES = 40;

    /** A datagram to be sent. */
    public static final class Request {
        private final InetSocketAddress to;
        private final byte[] datagram;

        Request(InetSocketAddress to, byte[] datagram) {
            this.to = to;
            this.datagram = datagram;
        }

        public InetSocketAddress to() {
            return to;
        }

        public byte[] datagram() {
            return datagram;
        }
    }

    private static final class Server {
        long nextNanos;
        int tries;
        Stun.@Nullable TransactionId pending;
        @Nullable InetSocketAddress mapped;
        long mappedNanos;
    }

    private final RandomGenerator random;
    private final Map<InetSocketAddress, Server> servers = new LinkedHashMap<>();

    /** {@code random} must be a SecureRandom outside tests: it is what nobody can guess. */
    public StunClient(RandomGenerator random) {
        this.random = random;
    }

    /** Makes {@code wanted} the servers; what those that stay have told is kept. */
    public void setServers(Collection<InetSocketAddress> wanted, long nowNanos) {
        Set<InetSocketAddress> first = new LinkedHashSet<>();
        wanted.stream().limit(MAX_SERVERS).forEach(first::add);
        servers.keySet().retainAll(first);
        for (InetSocketAddress s : first) {
            if (!servers.containsKey(s)) {
                var server = new Server();
                server.nextNanos = nowNanos;
                servers.put(s, server);
            }
        }
    }

    /** Forgets what was told and asks anew. */
    public void networkChanged(long nowNanos) {
        for (Server s : servers.values()) {
            s.pending = null;
            s.mapped = null;
            s.nextNanos = nowNanos;
        }
    }

    /** What is to be sent now. */
    public List<Request> poll(long nowNanos) {
        List<Request> out = new ArrayList<>();
        servers.forEach(
                (to, s) -> {
                    if (s.mapped != null && nowNanos - s.mappedNanos >= MEMORY_NANOS) {
                        s.mapped = null;
                    }
                    if (nowNanos - s.nextNanos < 0) {
                        return;
                    }
                    Stun.TransactionId id = s.pending;
                    if (id != null && s.tries == TRIES) {
                        s.pending = null;
                        s.nextNanos = nowNanos + pause();
                        return;
                    }
                    if (id == null) {
                        id = new Stun.TransactionId(random.nextLong(), random.nextInt());
                        s.pending = id;
                        s.tries = 0;
                    }
                    s.tries++;
                    s.nextNanos = nowNanos + RETRY_NANOS;
                    byte[] datagram = new byte[REQUEST_BYTES];
                    Stun.request(id, ByteBuffer.wrap(datagram));
                    out.add(new Request(to, datagram));
                });
        return out;
    }

    private long pause() {
        return INTERVAL_NANOS + random.nextLong(SPREAD_NANOS);
    }

    /** When to poll again at the latest. */
    public long nextDeadlineNanos(long nowNanos) {
        long wait = Long.MAX_VALUE / 2;
        for (Server s : servers.values()) {
            wait = Math.min(wait, s.nextNanos - nowNanos);
            if (s.mapped != null) {
                wait = Math.min(wait, s.mappedNanos + MEMORY_NANOS - nowNanos);
            }
        }
        return nowNanos + Math.max(0, wait);
    }

    /** Takes a datagram; false when it answers nothing that was asked. */
    public boolean receive(byte[] datagram, long nowNanos) {
        Stun.Mapped answer;
        try {
            answer = Stun.parseResponse(ByteBuffer.wrap(datagram));
        } catch (WireException e) {
            return false;
        }
        for (Server s : servers.values()) {
            if (answer.id().equals(s.pending)) {
                s.pending = null;
                s.mapped = new InetSocketAddress(answer.address().toInetAddress(), answer.port());
                s.mappedNanos = nowNanos;
                s.nextNanos = nowNanos + pause();
                return true;
            }
        }
        return false;
    }

    /** Our addresses as the servers saw them. */
    public Set<InetSocketAddress> mapped() {
        Set<InetSocketAddress> all = new LinkedHashSet<>();
        for (Server s : servers.values()) {
            if (s.mapped != null) {
                all.add(s.mapped);
            }
        }
        return all;
    }
}
