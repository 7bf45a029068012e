package hearth.app;

import hearth.api.Api;
import hearth.api.SocketPeers;
import hearth.base.IpAddress;
import hearth.base.Refused;
import hearth.cli.HearthCli;
import hearth.console.Console;
import hearth.crypto.NodeKey;
import hearth.crypto.SecretKey;
import hearth.derp.DerpLimits;
import hearth.listen.Certificates;
import hearth.listen.HostNames;
import hearth.listen.ListenConfig;
import hearth.listen.Listeners;
import hearth.login.Logins;
import hearth.login.SshChecks;
import hearth.login.TrustedProxies;
import hearth.relay.RelayService;
import hearth.relay.StunService;
import hearth.store.SqliteJournal;
import hearth.tailnet.MapSessions;
import hearth.tailnet.Node;
import hearth.tailnet.Snapshot;
import hearth.tailnet.Tailnet;
import hearth.tailnet.TailnetOptions;
import hearth.ts2021.MachineApi;
import hearth.ts2021.Ts2021;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The running appliance: every room made, joined and in the end closed in reverse. A failed start
 * closes what it had opened.
 */
final class Appliance implements AutoCloseable {
    static final String VERSION = HearthCli.VERSION;

    private static final System.Logger LOG = System.getLogger(Appliance.class.getName());
    private static final Duration TICK = Duration.ofSeconds(1);

    /** Where it is in its life. */
    enum State {
        NEW,
        STARTING,
        UP,
        STOPPING,
        DOWN
    }

    /** What closing a room may throw. */
    private record Part(String name, AutoCloseable room) {}

    private final Settings settings;
    private final InstantSource clock = InstantSource.system();
    private final SecureRandom random = new SecureRandom();
    private final Deque<Part> parts = new ArrayDeque<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Reach reach;
    private volatile State state = State.NEW;
    private volatile boolean startAnew;
    private @Nullable String setupToken;
    private Supplier<List<String>> missing = List::of;

    private Appliance(Settings settings) {
        this.settings = settings;
        this.reach =
                new Reach(
                        settings.serverUrl(),
                        !settings.trustedProxies().isEmpty(),
                        addresses(settings.listen()),
                        System::nanoTime);
    }

    static Appliance start(Settings settings) throws IOException {
        var appliance = new Appliance(settings);
        try {
            appliance.open();
            return appliance;
        } catch (IOException | RuntimeException e) {
            appliance.close();
            throw e;
        } catch (GeneralSecurityException e) {
            appliance.close();
            throw new IOException("certificate: " + e.getMessage(), e);
        }
    }

    private void open() throws IOException, GeneralSecurityException {
        state = State.STARTING;
        Runtime.getRuntime().addShutdownHook(new Thread(this::close, "shutdown"));
        StateFiles files = StateFiles.open(settings.stateDir());
        part("stall watch", StallWatch.start(settings.stateDir().resolve("standstill.txt")));
        var journal = SqliteJournal.open(settings.stateDir());
        Tailnet tailnet =
                part(
                        "tailnet",
                        Tailnet.open(
                                new TailnetOptions(
                                        settings.baseDomain(), reach::pageUrl, clock, random),
                                journal));
        var identity =
                part(
                        "identity",
                        new OwnIdentity(settings.advertiseRoutes(), files, tailnet, random));
        HostNames hosts = hosts(identity);
        SecretKey serverKey = part("server key", files.key("server", random));
        SecretKey derpKey = part("relay key", files.key("derp", random));

        var relay =
                part(
                        "relay",
                        new RelayService(
                                derpKey,
                                key -> admits(tailnet.snapshot(), key),
                                DerpLimits.DEFAULT,
                                random));
        Certificates certificates = certificates(files, hosts, relay.publicKey());
        var renewal = part("certificate", new CertificateRenewal(certificates, hosts::all));
        boolean everywhere = settings.listen() == null;
        var relayMap =
                new RelayMap(
                        () ->
                                RelayMap.Place.of(
                                        reach, everywhere, settings.stunPort(), renewal.pin()));
        var maps = part("maps", new MapSessions(tailnet, relayMap, clock, random));
        var proxies = new TrustedProxies(settings.trustedProxies());
        var accounts = new Logins(tailnet, clock, random);
        var sshChecks = new SshChecks(tailnet, accounts, reach::pageUrl, clock, random);
        var ts2021 =
                part(
                        "ts2021",
                        new Ts2021(
                                serverKey,
                                random,
                                proxies,
                                who -> new MachineApi(who, tailnet, maps, sshChecks, clock)));
        setupToken = setupToken(accounts);
        var node = part("node", new OwnNode(settings, identity, maps, relay, random, clock));
        var health = new BoxHealth(tailnet, node);
        missing = health::texts;
        var paths = new MeasuredPaths(tailnet, maps, relay, node, clock);
        var box = new ApplianceBox(reach, certificates, health::texts);
        var console =
                part(
                        "console",
                        new Console(
                                tailnet,
                                accounts,
                                sshChecks,
                                id -> ApplianceBox.report(paths.toNode(id)),
                                box,
                                clock,
                                proxies));
        var metrics = new Metrics();
        var peers = new SocketPeers();
        var api =
                new Api(
                        tailnet,
                        accounts,
                        paths,
                        health,
                        new StateArchive(settings.stateDir(), journal, this::startAnew),
                        metrics::render,
                        clock,
                        VERSION);
        StunService stun = part("stun", stun());
        var rehearsal =
                new Rehearsal(tailnet, maps, serverKey.machineKey(), relay.publicKey(), random);
        Listeners listeners =
                part(
                        "listeners",
                        Listeners.builder(listenConfig(), certificates)
                                .relay(relay)
                                .upgrader(ts2021.upgrader())
                                .webSocket(ts2021::webSocket)
                                .hosts(hosts)
                                .health(() -> state == State.UP)
                                .addresses(reach::addresses)
                                .rehearsal(rehearsal::run)
                                .https(
                                        r -> {
                                            r.register(ts2021);
                                            console.routing(r);
                                        })
                                .http(
                                        r -> {
                                            r.register(ts2021);
                                            console.routing(r);
                                        })
                                .unix(r -> api.routing(r, peers.caller(tailnet)), peers::wrap)
                                .start());
        reach.listening(listeners.httpPort(), listeners.httpsPort());
        maps.derpMapChanged();
        metrics.add("hearth_listen", listeners::counters, Set.of("http_open", "https_open"));
        metrics.add("hearth_relay", relay::metrics, Set.of("connections", "queued_bytes"));
        metrics.add("hearth_stun", stun::metrics, Set.of());
        metrics.add("hearth_node", node::counters, Set.of());
        metrics.add("hearth_ts2021", ts2021::metrics, Set.of("connections"));
        metrics.add("hearth_store", health::storeMetrics, Set.of("failing"));
        metrics.add("process", ProcessMetrics::read, ProcessMetrics.GAUGES);
        tailnet.subscribe((before, after) -> revoke(relay, before, after));
        Thread ticker = Thread.ofVirtual().name("tick").start(() -> tick(tailnet));
        part("tick", ticker::interrupt);
        renewal.start(maps::derpMapChanged);
        endsFirst(maps, console); // polls and page streams end in words before the ports close
        state = State.UP;
        LOG.log(
                System.Logger.Level.INFO,
                "up join={0} pages={1}",
                reach.joinUrl(),
                reach.pageUrl());
    }

    private <T extends AutoCloseable> T part(String name, T room) {
        parts.push(new Part(name, room));
        return room;
    }

    private void endsFirst(AutoCloseable... rooms) {
        for (AutoCloseable room : rooms) {
            for (Part p : List.copyOf(parts)) {
                if (p.room().equals(room) && parts.remove(p)) {
                    parts.push(p);
                }
            }
        }
    }

    private static @Nullable String setupToken(Logins accounts) throws IOException {
        try {
            return accounts.setupToken().orElse(null);
        } catch (Refused r) {
            throw new IOException(r.text(), r);
        }
    }

    /** Ends the relay connections of devices that have just been removed, expired or renewed. */
    private static void revoke(RelayService relay, Snapshot before, Snapshot after) {
        after.changedNodes(
                before,
                id -> {
                    Node was = before.node(id);
                    if (was != null && !admits(after, was.key())) {
                        relay.revoke(was.key());
                    }
                });
    }

    private static boolean admits(Snapshot s, NodeKey key) {
        Node n = s.nodeByKey(key);
        return n != null && !n.expired();
    }

    private Certificates certificates(StateFiles files, HostNames hosts, NodeKey derpKey)
            throws IOException, GeneralSecurityException {
        Path cert = settings.tlsCert();
        Path key = settings.tlsKey();
        return cert != null && key != null
                ? Certificates.given(cert, key, derpKey, clock, random)
                : Certificates.ownedIn(files.tls(), hosts.all(), derpKey, clock, random);
    }

    private HostNames hosts(OwnIdentity identity) {
        return new HostNames(
                reach.hostIsAddress() ? List.of() : List.of(reach.host()), identity::hostNames);
    }

    /** By which devices reach us: the one that we listen on, else the default route's. */
    private static Supplier<LocalAddresses.Main> addresses(@Nullable String listen) {
        IpAddress only = listen == null ? null : IpAddress.parse(listen);
        if (only == null || only.toInetAddress().isAnyLocalAddress()) {
            return LocalAddresses::main;
        }
        var main = new LocalAddresses.Main(only.v4() ? only : null, only.v4() ? null : only);
        return () -> main;
    }

    private ListenConfig listenConfig() throws IOException {
        return new ListenConfig(
                only(),
                settings.httpsPort(),
                settings.httpPort(),
                settings.socket(),
                ListenConfig.connectionsForProcess());
    }

    private @Nullable InetAddress only() {
        String listen = settings.listen();
        return listen == null ? null : IpAddress.parse(listen).toInetAddress();
    }

    private StunService stun() throws IOException {
        return StunService.start(
                only(), List.of(settings.stunPort(), settings.stunPort() + 1), random.nextLong());
    }

    private void tick(Tailnet tailnet) {
        while (true) {
            try {
                Thread.sleep(TICK);
            } catch (InterruptedException e) {
                return; // closed
            }
            tailnet.tick();
        }
    }

    /** Prints where the pages are and how a first device joins. */
    void announce(PrintWriter out) {
        out.println("Hearth " + VERSION + " is up.");
        out.println("  Admin page:        " + reach.pageUrl() + "/");
        if (setupToken != null) {
            out.println("  Setup token:       " + setupToken);
        }
        out.println("  Join a device:     tailscale up --login-server=" + reach.joinUrl());
        missing.get().forEach(what -> out.println("  Missing:           " + what));
        out.flush();
    }

    /** Waits until the appliance ends; true when it wants to start anew. */
    boolean awaitEnd() {
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return startAnew;
    }

    private void startAnew() {
        startAnew = true;
        ended.countDown();
    }

    @Override
    public synchronized void close() {
        if (state == State.DOWN) {
            return;
        }
        state = State.STOPPING;
        while (!parts.isEmpty()) {
            Part p = parts.pop();
            try {
                p.room().close();
            } catch (Exception e) {
                LOG.log(System.Logger.Level.WARNING, "closing " + p.name(), e);
            }
        }
        state = State.DOWN;
        ended.countDown();
    }
}
