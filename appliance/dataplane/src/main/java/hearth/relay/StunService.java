package hearth.relay;

import hearth.base.IpAddress;
import hearth.base.WireException;
import hearth.stun.Stun;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Answers STUN binding requests on several UDP ports, from the address and port that was asked: a
 * socket per local address beside the one for all, because the kernel would choose the answer's
 * source by its routes. Two ports let a client see that its NAT maps by destination. Everything
 * else is dropped and counted. One thread of its own.
 */
public final class StunService implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(StunService.class.getName());
    private static final Duration ADDRESS_SCAN = Duration.ofSeconds(15);
    private static final int BATCH = 64;

    private final @Nullable InetAddress only;
    private final List<Integer> ports = new ArrayList<>();
    private final Selector selector;
    private final Map<InetSocketAddress, DatagramChannel> byAddress = new HashMap<>();
    private final StunLimit limit;
    private final LongAdder answered = new LongAdder();
    private final LongAdder ignored = new LongAdder();
    private final LongAdder limited = new LongAdder();
    private final Thread thread;
    private volatile boolean closed;

    private StunService(@Nullable InetAddress only, long seed) throws IOException {
        this.only = only;
        this.selector = Selector.open();
        this.limit = new StunLimit(seed, System.nanoTime());
        this.thread = Thread.ofPlatform().daemon().name("stun").unstarted(this::run);
    }

    /**
     * Starts answering.
     *
     * @param only the one address to listen on, null for all of both families
     * @param wanted ports; 0 takes a free one
     * @param seed of the limiter's hash, not guessable from outside
     * @throws BindException when a port is taken, naming it
     */
    public static StunService start(@Nullable InetAddress only, List<Integer> wanted, long seed)
            throws IOException {
        var service = new StunService(only, seed);
        try {
            for (int port : wanted) {
                service.ports.add(service.openFirst(port));
            }
            service.scanAddresses();
        } catch (IOException e) {
            service.closeChannels();
            throw e;
        }
        service.thread.start();
        return service;
    }

    /** The ports that are served, in the order they were wanted. */
    public List<Integer> ports() {
        return List.copyOf(ports);
    }

    /** All counters by metric name. */
    public SequencedMap<String, Long> metrics() {
        return new TreeMap<>(
                Map.of("answered", answered(), "ignored", ignored(), "limited", limited()));
    }

    public long answered() {
        return answered.sum();
    }

    /** Datagrams that are no proper binding request. */
    public long ignored() {
        return ignored.sum();
    }

    /** Requests above a source's limit. */
    public long limited() {
        return limited.sum();
    }

    /**
     * Binds without address reuse, so that a port that another program holds is noticed, and allows
     * it then for the sockets of single addresses. Never closed to be bound again: a child that is
     * being started at that moment (nft, ip) would still hold it.
     */
    private int openFirst(int port) throws IOException {
        InetSocketAddress at =
                only == null ? new InetSocketAddress(port) : new InetSocketAddress(only, port);
        DatagramChannel all = DatagramChannel.open();
        try {
            all.bind(at);
            all.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            int chosen = ((InetSocketAddress) all.getLocalAddress()).getPort();
            serve(all, new InetSocketAddress(at.getAddress(), chosen));
            return chosen;
        } catch (IOException e) {
            all.close();
            throw e instanceof BindException
                    ? new BindException("stun port " + port + ": " + e.getMessage())
                    : e;
        }
    }

    private void register(DatagramChannel channel, InetSocketAddress at) throws IOException {
        try {
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            channel.bind(at);
            serve(channel, at);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private void serve(DatagramChannel channel, InetSocketAddress at) throws IOException {
        channel.configureBlocking(false);
        channel.register(selector, SelectionKey.OP_READ);
        byAddress.put(at, channel);
    }

    /** Opens a socket for each new local address and closes those of addresses that went. */
    private void scanAddresses() {
        if (only != null) {
            return;
        }
        Set<InetAddress> local;
        try {
            local = localAddresses();
        } catch (SocketException e) {
            LOG.log(Level.DEBUG, "no list of local addresses cause=\"{0}\"", e.getMessage());
            return;
        }
        for (InetAddress address : local) {
            for (int port : ports) {
                var at = new InetSocketAddress(address, port);
                if (!byAddress.containsKey(at)) {
                    openFor(at);
                }
            }
        }
        byAddress
                .entrySet()
                .removeIf(
                        e -> {
                            InetAddress address = e.getKey().getAddress();
                            boolean gone = !address.isAnyLocalAddress() && !local.contains(address);
                            if (gone) {
                                closeQuietly(e.getValue());
                            }
                            return gone;
                        });
    }

    private void openFor(InetSocketAddress at) {
        boolean v4 = at.getAddress().getAddress().length == 4;
        try {
            register(
                    DatagramChannel.open(
                            v4 ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6),
                    at);
        } catch (IOException e) {
            // the address is not usable yet (IPv6 that is tentative): the socket for all answers
            LOG.log(Level.DEBUG, "stun address={0} cause=\"{1}\"", at, e.getMessage());
        }
    }

    private static Set<InetAddress> localAddresses() throws SocketException {
        var out = new HashSet<InetAddress>();
        for (NetworkInterface i : NetworkInterface.networkInterfaces().toList()) {
            i.inetAddresses().filter(a -> !a.isLinkLocalAddress()).forEach(out::add);
        }
        return out;
    }

    private void run() {
        ByteBuffer in = ByteBuffer.allocateDirect(Stun.MAX_REQUEST + 1);
        ByteBuffer out = ByteBuffer.allocateDirect(Stun.MAX_RESPONSE);
        long scanned = System.nanoTime();
        while (!closed) {
            try {
                selector.select(
                        key -> receive((DatagramChannel) key.channel(), in, out),
                        ADDRESS_SCAN.toMillis());
            } catch (IOException e) {
                LOG.log(Level.WARNING, "stun stopped cause=\"{0}\"", e.getMessage());
                return;
            }
            if (System.nanoTime() - scanned > ADDRESS_SCAN.toNanos()) {
                scanAddresses();
                scanned = System.nanoTime();
            }
        }
    }

    private void receive(DatagramChannel channel, ByteBuffer in, ByteBuffer out) {
        try {
            for (int i = 0; i < BATCH; i++) {
                in.clear();
                if (!(channel.receive(in) instanceof InetSocketAddress from)) {
                    return;
                }
                if (answer(in.flip(), from, out)) {
                    channel.send(out.flip(), from);
                }
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "stun datagram cause=\"{0}\"", e.getMessage());
        }
    }

    private boolean answer(ByteBuffer in, InetSocketAddress from, ByteBuffer out) {
        Stun.TransactionId id;
        try {
            id = Stun.parseRequest(in);
        } catch (WireException e) {
            ignored.increment();
            return false;
        }
        IpAddress source = IpAddress.of(from.getAddress());
        if (from.getPort() == 0 || !limit.allows(source, System.nanoTime())) {
            limited.increment();
            return false;
        }
        Stun.response(id, source, from.getPort(), out.clear());
        answered.increment();
        return true;
    }

    @Override
    public void close() {
        closed = true;
        selector.wakeup();
        try {
            thread.join(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        closeChannels();
    }

    private void closeChannels() {
        byAddress.values().forEach(StunService::closeQuietly);
        try {
            selector.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "stun selector cause=\"{0}\"", e.getMessage());
        }
    }

    private static void closeQuietly(DatagramChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "stun channel cause=\"{0}\"", e.getMessage());
        }
    }
}
