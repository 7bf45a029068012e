package hearth.engine;

import hearth.base.IpAddress;
import hearth.base.IpPrefix;
import hearth.control.NetMap;
import hearth.crypto.NodeKey;
import hearth.os.LinuxInterfaces;
import hearth.os.LinuxRouter;
import hearth.os.LocalInterface;
import hearth.os.RouterState;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A local node that lives by network maps: takes each map over into sessions, packet filter, paths
 * and, for the appliance's own node, the machine's routes; watches the machine's interfaces. Maps
 * may come from any thread; the newest counts. One thread of its own does the work, because
 * programs that set routes take milliseconds.
 */
public final class Member implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Member.class.getName());
    private static final Duration LOOK_INTERVAL = Duration.ofSeconds(5);

    private final LocalNode node;
    private final NodeSessions sessions;
    private final GuardFilter filter;
    private final Paths paths;
    private final NodePaths ways;
    private final @Nullable LinuxRouter router;
    private final RoutingOptions options;
    private final int udpPort;
    private final LongSupplier nanoTime;
    private final Consumer<List<IpPrefix>> offers;
    private final AtomicReference<@Nullable NetMap> newest = new AtomicReference<>();
    private final BlockingQueue<Boolean> work = new ArrayBlockingQueue<>(1);
    private final Thread thread;
    private volatile List<String> problems = List.of();
    private volatile boolean closing;

    // worker alone
    private @Nullable NetMap map;
    private List<LocalInterface> interfaces = List.of();

    /** What a member stands on; a member without {@code router} leaves the machine alone. */
    record Parts(
            LocalNode node,
            NodeSessions sessions,
            GuardFilter filter,
            Paths paths,
            NodePaths ways,
            @Nullable LinuxRouter router,
            RoutingOptions options,
            int udpPort,
            LongSupplier nanoTime,
            Consumer<List<IpPrefix>> offers) {}

    Member(Parts parts) {
        node = parts.node;
        sessions = parts.sessions;
        filter = parts.filter;
        paths = parts.paths;
        ways = parts.ways;
        router = parts.router;
        options = parts.options;
        udpPort = parts.udpPort;
        nanoTime = parts.nanoTime;
        offers = parts.offers;
        paths.later(() -> paths.add(ways));
        thread = Thread.ofPlatform().daemon().name("hearth-member").unstarted(this::run);
    }

    /** Sets the machine up and begins to take maps. */
    void start() throws IOException {
        if (router != null) {
            router.start();
            problems = router.problems();
        }
        thread.start();
    }

    /** Takes {@code newMap} over soon; an older one that still waits is skipped. */
    public void apply(NetMap newMap) {
        newest.set(newMap);
        work.offer(true);
    }

    /** What of the machine's routing could not be set up, in words. */
    public List<String> problems() {
        return problems;
    }

    private void run() {
        try {
            while (!closing) {
                boolean changed = look();
                NetMap next = newest.getAndSet(null);
                if (next != null) {
                    map = next;
                    changed = true;
                }
                NetMap now = map;
                if (changed && now != null) {
                    takeOver(now);
                }
                work.poll(LOOK_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // close
        }
    }

    /** Reads the interfaces; true when they have changed. */
    private boolean look() {
        List<LocalInterface> now;
        try {
            now = LinuxInterfaces.list();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "cannot list interfaces", e);
            return false;
        }
        if (now.equals(interfaces)) {
            return false;
        }
        interfaces = now;
        List<InetSocketAddress> own =
                LinuxInterfaces.endpointAddresses(now).stream()
                        .map(IpAddress::toInetAddress)
                        .map(a -> new InetSocketAddress(a, udpPort))
                        .toList();
        paths.later(() -> ways.interfaces(own, nanoTime.getAsLong()));
        offers.accept(LinuxInterfaces.offeredRoutes(now));
        return true;
    }

    private void takeOver(NetMap now) {
        List<IpPrefix> attached =
                interfaces.stream()
                        .flatMap(i -> i.prefixes().stream())
                        .map(IpPrefix::masked)
                        .toList();
        NetMapPlan plan = NetMapPlan.of(now, attached, options);
        filter.apply(node, plan.filter());
        sessions.apply(plan.peers(), this::pathOf);
        paths.later(() -> ways.apply(plan.paths(), nanoTime.getAsLong()));
        route(plan.router());
    }

    /** Made on the control thread, where paths live. */
    private PeerPath pathOf(NodeKey peer) {
        var path = new CompletableFuture<PeerPath>();
        paths.later(() -> path.complete(ways.path(peer)));
        return path.orTimeout(10, TimeUnit.SECONDS).join();
    }

    private void route(RouterState wanted) {
        if (router == null) {
            return;
        }
        try {
            router.apply(wanted);
            problems = router.problems();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "cannot set routes", e);
            problems = List.of("cannot set routes: " + e.getMessage());
        }
    }

    /** The way to each peer now. */
    public Map<NodeKey, PeerPathStatus> status() {
        var status = new CompletableFuture<Map<NodeKey, PeerPathStatus>>();
        paths.later(() -> status.complete(ways.status(nanoTime.getAsLong())));
        return status.completeOnTimeout(Map.of(), 2, TimeUnit.SECONDS).join();
    }

    /** Takes the node off the net and undoes its routes. */
    @Override
    public void close() {
        closing = true;
        thread.interrupt();
        try {
            thread.join(Duration.ofSeconds(30));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        paths.later(() -> paths.remove(ways));
        filter.remove(node);
        sessions.apply(Map.of(), this::pathOf);
        if (router != null) {
            router.close();
        }
    }

    /** The peers that the last map gave, for tests and status. */
    Set<NodeKey> peers() {
        return status().keySet();
    }
}
