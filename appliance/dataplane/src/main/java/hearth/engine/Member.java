package hearth.engine;

import hearth.base.IpAddress;
import hearth.base.IpPrefix;
import hearth.control.NetMap;
import hearth.crypto.NodeKey;
import hearth.derp.RelayLink;
import hearth.disco.PathStatus;
import hearth.os.LinuxInterfaces;
import hearth.os.LinuxRouter;
import hearth.os.LocalInterface;
import hearth.os.RouterState;
import hearth.packet.DropReason;
import hearth.packet.Flows;
import hearth.packet.PacketFilter;
import hearth.wireguard.HandshakeCounters;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
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
    private static final Duration CHECK_INTERVAL = Duration.ofMinutes(1);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(30);

    private final Engine engine;
    private final Paths paths;
    private final MemberSettings settings;
    private final RoutingOptions routing;
    private final @Nullable LinuxRouter router;
    private final LocalNode node;
    private final GuardFilter filter;
    private final NodeSessions sessions;
    private final NodePaths ways;
    private final int udpPort;
    private final @Nullable RelayLink relay;
    private final ForeignRegions foreign; // the worker's, once it runs
    private final AtomicReference<@Nullable NetMap> newest = new AtomicReference<>();
    private final BlockingQueue<Boolean> work = new ArrayBlockingQueue<>(1);
    private final Thread thread;
    private @Nullable DerpRoute byRelay;
    private volatile List<String> problems = List.of();
    private volatile boolean closing;

    // worker alone
    private @Nullable NetMap map;
    private int region;
    private List<LocalInterface> interfaces = List.of();
    private long checkedNanos;

    private Member(
            Engine engine,
            Paths paths,
            Flows flows,
            MemberSettings settings,
            RoutingOptions routing,
            @Nullable LinuxRouter router,
            RandomGenerator random)
            throws IOException {
        this.engine = engine;
        this.paths = paths;
        this.settings = settings;
        this.routing = routing;
        this.router = router;
        this.udpPort = engine.udpPort();
        this.node = engine.call(() -> engine.addNode(settings.key()));
        this.filter = new GuardFilter(flows, engine::now);
        node.setFilter(filter);
        this.sessions = new NodeSessions(node);
        this.ways =
                new NodePaths(
                        paths,
                        node.key(),
                        settings.disco(),
                        random,
                        sessionsOf(node),
                        settings.reports());
        paths.later(() -> paths.add(ways));
        this.region = settings.region();
        this.relay = joinRelay();
        this.foreign = new ForeignRegions(settings.foreign(), node::receiveFromRelay, relay);
        this.checkedNanos = engine.now();
        this.thread = Thread.ofPlatform().daemon().name("hearth-member").unstarted(this::run);
    }

    /**
     * Adds a node to a started engine and sets the machine up for it; it talks to nobody until it
     * gets its first map.
     *
     * @param router routes for the node on this machine; null leaves the machine alone
     */
    static Member join(
            Engine engine,
            Paths paths,
            Flows flows,
            MemberSettings settings,
            RoutingOptions routing,
            @Nullable LinuxRouter router,
            RandomGenerator random)
            throws IOException {
        var member = new Member(engine, paths, flows, settings, routing, router, random);
        if (router != null) {
            router.start();
            member.problems = router.problems();
        }
        member.thread.start();
        return member;
    }

    private static NodePaths.Sessions sessionsOf(LocalNode node) {
        return new NodePaths.Sessions() {
            @Override
            public void reset(NodeKey peer) {
                node.resetSession(peer);
            }

            @Override
            public void start(NodeKey peer) {
                node.startSession(peer);
            }
        };
    }

    private @Nullable RelayLink joinRelay() {
        if (settings.relay() == null) {
            return null;
        }
        var inlet = new RelayInlet(node::receiveFromRelay);
        RelayLink link = settings.relay().apply(inlet);
        var engineLink = new OwnDerpRoute(link);
        inlet.comesBy(engineLink);
        paths.later(() -> ways.relay(engineLink, settings.region()));
        byRelay = engineLink;
        return link;
    }

    LocalNode node() {
        return node;
    }

    /** Takes {@code newMap} over soon; an older one that still waits is skipped. */
    public void apply(NetMap newMap) {
        newest.set(newMap);
        boolean _ = work.offer(true); // full: the worker will look anyway
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
                check();
                work.poll(LOOK_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // close
        }
    }

    /** Now and then: whether the machine's routing is still as we left it. */
    private void check() {
        if (router != null && engine.now() - checkedNanos >= CHECK_INTERVAL.toNanos()) {
            checkedNanos = engine.now();
            router.check();
            problems = router.problems();
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
        paths.later(() -> ways.interfaces(own, engine.now()));
        settings.offers().accept(LinuxInterfaces.offeredRoutes(now));
        return true;
    }

    private void takeOver(NetMap now) {
        List<IpPrefix> attached =
                interfaces.stream()
                        .flatMap(i -> i.prefixes().stream())
                        .map(IpPrefix::masked)
                        .toList();
        NetMapPlan plan = NetMapPlan.of(now, attached, routing);
        filter.apply(plan.filter());
        Set<IpAddress> here =
                interfaces.stream()
                        .flatMap(i -> i.prefixes().stream())
                        .map(IpPrefix::address)
                        .collect(Collectors.toSet());
        moved(now.ownRegion());
        Map<Integer, DerpRoute> others = foreign.apply(now.derpMap(), region);
        Map<NodeKey, Integer> homes = new HashMap<>();
        now.peers().forEach(p -> homes.put(p.key(), p.homeDerp()));
        paths.later(() -> ways.foreign(others, homes));
        OutsideView outside = OutsideView.of(now.derpMap(), region, here, udpPort);
        paths.later(
                () -> {
                    paths.askStun(outside.stunServers(), engine.now());
                    ways.forwarded(outside.forwarded());
                });
        List<IpPrefix> own = now.self().addresses();
        paths.later(() -> sessions.apply(own, plan.peers(), ways, plan.paths(), engine.now()));
        route(plan.router());
    }

    /** The relay is the same, its number another one. */
    private void moved(int to) {
        DerpRoute link = byRelay;
        if (to != 0 && to != region && link != null) {
            region = to;
            paths.later(() -> ways.relay(link, to));
        }
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

    /** Each peer and the way to it now. */
    public List<PeerStatus> status() {
        return engine.call(
                () -> {
                    long now = engine.now();
                    List<PeerStatus> out = new ArrayList<>();
                    for (NodeKey key : ways.peers()) {
                        PathStatus path = ways.status(key, now);
                        RemotePeer peer = node.peer(key);
                        if (path != null && peer != null) {
                            out.add(status(peer, path, now));
                        }
                    }
                    return out;
                });
    }

    private PeerStatus status(RemotePeer peer, PathStatus path, long nowNanos) {
        Duration sinceHandshake =
                peer.session().everCompleted()
                        ? Duration.ofNanos(nowNanos - peer.session().lastHandshakeNanos())
                        : null;
        return new PeerStatus(
                peer.key(),
                path,
                ways.regionTo(peer.key()),
                ways.isActive(peer.key()),
                sinceHandshake,
                peer.sentBytes(),
                peer.receivedBytes());
    }

    /** Packets that the node's filter dropped so far, by reason. */
    public Map<DropReason, Long> drops() {
        var sums = new EnumMap<DropReason, Long>(DropReason.class);
        filter.addTo(sums);
        return sums;
    }

    /** What became of handshake messages so far. */
    public HandshakeCounters handshakes() {
        return node.wireguard().counters();
    }

    /** Takes the node off the net and undoes its routes; before the engine is closed. */
    @Override
    public void close() {
        closing = true;
        thread.interrupt();
        try {
            thread.join(STOP_LIMIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        foreign.close();
        if (relay != null) {
            relay.close();
        }
        filter.apply(PacketFilter.DENY_ALL);
        engine.call(
                () -> {
                    paths.remove(ways);
                    engine.removeNode(node);
                    return true;
                });
        if (router != null) {
            router.close();
        }
    }
}
