package hearth.testkit;

import hearth.base.IpAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A UDP internet in memory, in virtual time: hosts in the open and behind NAT, with latency, jitter
 * (which reorders), loss and blocked paths. {@link #run} moves the clock from event to event. A
 * host behind a NAT reaches its neighbours by private address; there is no hairpin.
 */
public final class SimNet {
    /** How a NAT maps and filters (RFC 4787). */
    public enum NatKind {
        /** Endpoint-independent mapping and filtering. */
        FULL_CONE,
        /** Endpoint-independent mapping, address and port dependent filtering. */
        PORT_RESTRICTED,
        /** Address and port dependent mapping and filtering: a new port for each destination. */
        SYMMETRIC
    }

    /** Where datagrams to a socket go. */
    public interface Receiver {
        void receive(byte[] datagram, InetSocketAddress from);
    }

    private final ManualClock clock;
    private final RandomGenerator random;
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final Map<InetSocketAddress, Socket> open = new HashMap<>(); // by public address
    private final Set<Nat> nats = new LinkedHashSet<>(); // the same order in every run
    private long eventCount;
    private Duration latency = Duration.ofMillis(10);
    private Duration jitter = Duration.ZERO;
    private int lossPercent;
    private BiPredicate<Socket, Socket> blocked = (_, _) -> false;

    public SimNet(ManualClock clock, RandomGenerator random) {
        this.clock = clock;
        this.random = random;
    }

    /** One way, for every datagram. */
    public void latency(Duration oneWay, Duration randomlyMore) {
        latency = oneWay;
        jitter = randomlyMore;
    }

    public void lossPercent(int percent) {
        lossPercent = percent;
    }

    /** Datagrams for which it holds (sender, receiver) vanish. */
    public void block(BiPredicate<Socket, Socket> between) {
        blocked = between;
    }

    /** A socket of a host without NAT. */
    public Socket socket(String address, int port, Receiver receiver) {
        return new Socket(at(address, port), null, receiver);
    }

    public Nat nat(String publicAddress, NatKind kind) {
        return new Nat(publicAddress, kind);
    }

    private static InetSocketAddress at(String address, int port) {
        return new InetSocketAddress(IpAddress.parse(address).toInetAddress(), port);
    }

    /** Runs {@code action} after {@code delay}. */
    public void after(Duration delay, Runnable action) {
        events.add(new Event(clock.nanos() + delay.toNanos(), ++eventCount, action));
    }

    /** Moves the clock by {@code time}, doing what falls due. */
    public void run(Duration time) {
        long end = clock.nanos() + time.toNanos();
        while (!events.isEmpty() && events.element().atNanos - end <= 0) {
            Event e = events.remove();
            clock.advance(Duration.ofNanos(Math.max(0, e.atNanos - clock.nanos())));
            e.action.run();
        }
        clock.advance(Duration.ofNanos(end - clock.nanos()));
    }

    private void deliver(Socket from, Socket to, InetSocketAddress source, byte[] datagram) {
        if (blocked.test(from, to) || random.nextInt(100) < lossPercent) {
            return;
        }
        long more = jitter.isZero() ? 0 : random.nextLong(jitter.toNanos());
        byte[] copy = datagram.clone();
        after(latency.plusNanos(more), () -> to.receiver.receive(copy, source));
    }

    private record Event(long atNanos, long number, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event o) {
            int c = Long.signum(atNanos - o.atNanos); // a difference: the clock wraps
            return c != 0 ? c : Long.compare(number, o.number);
        }
    }

    /** A bound UDP socket. */
    public final class Socket {
        private final InetSocketAddress local;
        private final @Nullable Nat nat;
        private final Receiver receiver;

        private Socket(InetSocketAddress local, @Nullable Nat nat, Receiver receiver) {
            this.local = local;
            this.nat = nat;
            this.receiver = receiver;
            (nat == null ? open : nat.inside).put(local, this);
        }

        public InetSocketAddress local() {
            return local;
        }

        public void send(InetSocketAddress to, byte[] datagram) {
            Socket neighbour = nat == null ? null : nat.inside.get(to);
            if (neighbour != null) {
                deliver(this, neighbour, local, datagram);
                return;
            }
            InetSocketAddress source = nat == null ? local : nat.map(local, to);
            Socket direct = open.get(to);
            if (direct != null) {
                deliver(this, direct, source, datagram);
                return;
            }
            for (Nat n : nats) {
                Socket behind = n == nat ? null : n.admit(to, source);
                if (behind != null) {
                    deliver(this, behind, source, datagram);
                }
            }
        }

        /** What a STUN server at {@code server} would answer. */
        public InetSocketAddress seenBy(InetSocketAddress server) {
            return nat == null ? local : nat.map(local, server);
        }
    }

    /** A NAT with hosts behind it; its bindings last until {@link #forget}. */
    public final class Nat {
        private final String address;
        private final NatKind kind;
        private final Map<InetSocketAddress, Socket> inside = new HashMap<>();
        private final Map<String, Integer> ports = new HashMap<>(); // mapping key to port
        private final Map<Integer, InetSocketAddress> owners = new HashMap<>();
        private final Set<String> contacted = new HashSet<>(); // port and remote address
        private int nextPort = 20_000;

        private Nat(String address, NatKind kind) {
            this.address = address;
            this.kind = kind;
            nats.add(this);
        }

        public Socket socket(String privateAddress, int port, Receiver receiver) {
            return new Socket(at(privateAddress, port), this, receiver);
        }

        /** Drops all bindings, as a NAT does when it restarts or they were idle. */
        public void forget() {
            ports.clear();
            owners.clear();
            contacted.clear();
        }

        private InetSocketAddress map(InetSocketAddress from, InetSocketAddress to) {
            String key = kind == NatKind.SYMMETRIC ? from + ">" + to : from.toString();
            int port =
                    ports.computeIfAbsent(
                            key,
                            _ -> {
                                owners.put(++nextPort, from);
                                return nextPort;
                            });
            contacted.add(port + "<" + to);
            return at(address, port);
        }

        private @Nullable Socket admit(InetSocketAddress to, InetSocketAddress source) {
            InetSocketAddress owner = owners.get(to.getPort());
            boolean mine = to.equals(at(address, to.getPort())) && owner != null;
            if (!mine) {
                return null;
            }
            boolean open =
                    kind == NatKind.FULL_CONE || contacted.contains(to.getPort() + "<" + source);
            return open ? inside.get(owner) : null;
        }
    }
}
