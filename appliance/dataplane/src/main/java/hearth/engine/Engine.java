package hearth.engine;

import hearth.base.IpPrefix;
import hearth.base.Memory;
import hearth.crypto.Aead;
import hearth.crypto.NodeKey;
import hearth.crypto.SecretKey;
import hearth.os.Libc;
import hearth.os.LinuxRouter;
import hearth.os.PacketDevice;
import hearth.os.Poller;
import hearth.os.UdpPort;
import hearth.os.Wakeup;
import hearth.packet.PrefixTable;
import hearth.wireguard.Gatekeeper;
import hearth.wireguard.Output;
import hearth.wireguard.SessionTable;
import hearth.wireguard.WireGuard;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * WireGuard of many local nodes over one UDP port and at most one TUN.
 *
 * <p>Three platform threads: the sender (TUN to UDP) and the receiver (UDP to TUN) carry packets to
 * their end, the control thread does all that is not per packet. State belongs to one of them; they
 * meet in volatile fields and queues. {@link #execute} and {@link #call} run code on the control
 * thread, to which local nodes and peers belong.
 */
public final class Engine implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Engine.class.getName());
    private static final Duration RESTART_PAUSE = Duration.ofSeconds(1);
    private static final Duration END_LIMIT = Duration.ofSeconds(5);

    /** Failures of one pump within a second before it pauses. */
    private static final int FAILURES = 100;

    /** Receive calls before retired sessions and relayed packets have their turn. */
    private static final int RECEIVES = 256;

    /** Large frames before the sender looks whether it shall end. */
    private static final int FRAMES = 1024;

    // on one thread the directions take turns of about this many large frames
    private static final int SHARED_RECEIVES = 8;
    private static final int SHARED_FRAMES = 4;

    private final EngineSettings settings;
    private final Aead.Backend cipher;
    private final RandomGenerator random;
    private final LongSupplier nanos;
    private final InstantSource wall;
    private final EngineCounters counters = new EngineCounters();
    private final SessionTable sessions = new SessionTable();
    private final Gatekeeper gate = new Gatekeeper();
    private final UdpPort port;
    private final @Nullable PacketDevice tun;
    private final Libc controlLibc = new Libc();
    private final Libc senderLibc = new Libc();
    private final Libc receiverLibc = new Libc();
    private final Wakeup senderWakeup = new Wakeup();
    private final Wakeup receiverWakeup;
    private final Control control;
    private final Outbound outbound;
    private final Inbound inbound;
    private final List<Thread> threads = new ArrayList<>();
    private final List<Poller> pollers = new ArrayList<>();
    private final List<LocalNode> nodes = new ArrayList<>(); // control thread
    private final List<Map.Entry<IpPrefix, LocalNode>> addresses = new ArrayList<>();
    private volatile PrefixTable<LocalNode> bySource = PrefixTable.of(List.of());
    private volatile @Nullable LocalNode mainNode;
    private volatile ControlTask controlTask = ControlTask.NONE;
    private volatile boolean stopping;
    private volatile @Nullable String problem;
    private volatile boolean tunGone;

    /**
     * Opens the port.
     *
     * @param tun the interface, up and configured by the caller, or null; the engine closes it
     * @param random must be a SecureRandom outside tests
     * @param nanos the monotonic clock
     */
    public Engine(
            EngineSettings settings,
            @Nullable PacketDevice tun,
            Aead.Backend cipher,
            RandomGenerator random,
            LongSupplier nanos,
            InstantSource wall)
            throws IOException {
        this.settings = settings;
        this.receiverWakeup = settings.oneThread() ? senderWakeup : new Wakeup();
        this.tun = tun;
        this.cipher = cipher;
        this.random = random;
        this.nanos = nanos;
        this.wall = wall;
        this.port = new UdpPort(settings.udpPort(), settings.udpGro());
        this.control = new Control(this, controlLibc, port, gate);
        this.outbound = new Outbound(this, senderLibc, tun, port);
        this.inbound = new Inbound(this, receiverLibc, tun, port);
    }

    /** Starts the threads. */
    public void start() {
        start("hearth-control", control::run);
        int tunFd = tun == null ? -1 : tun.fd();
        if (settings.oneThread()) {
            var both = new Poller(senderLibc, senderWakeup, tunFd, port.fd());
            pollers.add(both);
            start(
                    "hearth-packets",
                    () -> {
                        both.await(outbound.hasMore() ? 0 : -1);
                        inbound.run(SHARED_RECEIVES);
                        send(both, SHARED_FRAMES);
                    });
            return;
        }
        var sending = new Poller(senderLibc, senderWakeup, tunFd);
        pollers.add(sending);
        start(
                "hearth-send",
                () -> {
                    sending.await(outbound.hasMore() ? 0 : -1);
                    send(sending, FRAMES);
                });
        var receiving = new Poller(receiverLibc, receiverWakeup, port.fd());
        pollers.add(receiving);
        start(
                "hearth-receive",
                () -> {
                    receiving.await(-1);
                    inbound.run(RECEIVES);
                });
    }

    /** A TUN that is gone (deleted from outside) is reported once and left alone. */
    private void send(Poller poller, int budget) {
        int error = outbound.run(budget);
        if (error < 0 && tun != null && !stopping) {
            poller.forget(tun.fd());
            tunGone = true;
            problem = "the TUN interface is gone: " + Libc.reason(-error);
            LOG.log(System.Logger.Level.ERROR, problem);
        }
    }

    private interface Step {
        void run() throws InterruptedException;
    }

    private void start(String name, Step step) {
        threads.add(Thread.ofPlatform().name(name).daemon().start(() -> loop(name, step)));
    }

    /**
     * A pump that fails goes on at once, so that one bad packet costs nothing else; the first
     * failure of a second is reported, and after many of them it pauses.
     */
    private void loop(String name, Step step) {
        long second = now() - RESTART_PAUSE.toNanos();
        int failures = 0;
        while (!stopping) {
            try {
                step.run();
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException | Error e) {
                counters.count(EngineCounter.PUMP_RESTARTS);
                if (now() - second >= RESTART_PAUSE.toNanos()) {
                    second = now();
                    failures = 0;
                    LOG.log(System.Logger.Level.ERROR, "pump failed thread=" + name, e);
                }
                if (++failures >= FAILURES && !paused()) {
                    return;
                }
            }
        }
    }

    /** False when the pump shall end. */
    private static boolean paused() {
        try {
            Thread.sleep(RESTART_PAUSE);
            return true;
        } catch (InterruptedException stop) {
            return false;
        }
    }

    /** Disco and STUN; set before {@link #start}. */
    void setControlTask(ControlTask task) {
        controlTask = task;
    }

    /** Runs {@code task} on the control thread. Any thread, never blocks. */
    public void execute(Runnable task) {
        control.offer(new ControlItem.Task(task));
    }

    /** Runs {@code task} on the control thread and waits for its result. */
    public <T> T call(Supplier<T> task) {
        var result = new CompletableFuture<T>();
        execute(
                () -> {
                    try {
                        result.complete(task.get());
                    } catch (RuntimeException | Error e) {
                        result.completeExceptionally(e);
                    }
                });
        try {
            return result.join();
        } catch (CompletionException e) {
            switch (e.getCause()) {
                case RuntimeException r -> throw r;
                case Error r -> throw r;
                case null, default -> throw e;
            }
        }
    }

    /**
     * Adds a node that this engine plays; the first one is the appliance itself, through which
     * packets leave whose source belongs to no node. Control thread.
     *
     * @param key the caller keeps and closes it, after the engine
     */
    LocalNode addNode(SecretKey key) {
        var wireguard = new WireGuard(key, sessions, gate, cipher, random, wall);
        var node = new LocalNode(new NodeHost(), wireguard);
        nodes.add(node);
        control.add(wireguard);
        if (mainNode == null) {
            mainNode = node;
        }
        return node;
    }

    /** Ends a node and its sessions. Control thread. */
    void removeNode(LocalNode node) {
        node.setPeers(List.of());
        setAddresses(node, List.of());
        nodes.remove(node);
        control.remove(node.wireguard());
        if (Objects.equals(mainNode, node)) {
            mainNode = nodes.isEmpty() ? null : nodes.getFirst();
        }
    }

    /** Control thread. */
    List<LocalNode> nodes() {
        return List.copyOf(nodes);
    }

    /** Sends a datagram that is not WireGuard's, at most 2048 bytes. Control thread. */
    boolean sendUdp(UdpAddress to, byte[] datagram) {
        return control.sendUdp(to, datagram);
    }

    public int udpPort() throws IOException {
        return port.localPort();
    }

    public EngineCounters counters() {
        return counters;
    }

    public EngineSettings settings() {
        return settings;
    }

    /** The cipher in use, e.g. {@code libcrypto}. */
    public String cipherName() {
        return cipher.name();
    }

    /** Keeps the engine's own datagrams out of the machine's TUN, also a peer's in its range. */
    void bypassTun() throws IOException {
        LinuxRouter.bypass(port);
    }

    /** What went wrong for good, in words, or null. Any thread. */
    public @Nullable String problem() {
        return problem;
    }

    /** Whether the machine's own packets come and go: false without an interface or once lost. */
    public boolean hasTun() {
        return tun != null && !tunGone;
    }

    long now() {
        return nanos.getAsLong();
    }

    SessionTable sessions() {
        return sessions;
    }

    ControlTask controlTask() {
        return controlTask;
    }

    private final class NodeHost implements LocalNode.Host {
        @Override
        public long now() {
            return Engine.this.now();
        }

        @Override
        public void changed(WireGuard node) {
            control.drain(node);
        }

        @Override
        public void setAddresses(LocalNode node, List<IpPrefix> own) {
            Engine.this.setAddresses(node, own);
        }

        @Override
        public void receiveFromRelay(LocalNode to, DerpRoute relay, NodeKey from, byte[] datagram) {
            Engine.this.receiveFromRelay(to, relay, from, datagram);
        }
    }

    private void setAddresses(LocalNode node, List<IpPrefix> own) {
        addresses.removeIf(e -> e.getValue().equals(node));
        for (IpPrefix p : own) {
            addresses.add(Map.entry(p, node));
        }
        bySource = PrefixTable.of(addresses);
    }

    /** Sender thread: the peer to which a packet of the TUN goes, or null. */
    @Nullable RemotePeer route(long packet) {
        boolean v4 = Frame.version(packet) == 4;
        LocalNode node =
                v4
                        ? bySource.get(true, 0, Memory.i32(packet + 12) & 0xffff_ffffL)
                        : bySource.get(false, Memory.i64(packet + 8), Memory.i64(packet + 16));
        if (node == null) {
            node = mainNode;
        }
        if (node == null) {
            return null;
        }
        return v4
                ? node.table().get(true, 0, Memory.i32(packet + 16) & 0xffff_ffffL)
                : node.table().get(false, Memory.i64(packet + 24), Memory.i64(packet + 32));
    }

    void wantHandshake(RemotePeer peer) {
        if (peer.session().askForHandshake()) {
            control.offer(new ControlItem.Handshake(peer));
        }
    }

    boolean controlHasRoom() {
        return control.hasRoom();
    }

    void toControl(ControlItem item) {
        control.offer(item);
    }

    void toSender(Output command) {
        outbound.offer(command);
    }

    /** Receiver thread: sends an IP packet of our own to a peer; lost when too many wait. */
    void reply(RemotePeer to, byte[] packet) {
        if (outbound.offer(new Outbound.Reply(to, packet))) {
            wakeSender();
        }
    }

    void unknownSession(UdpAddress from) {
        execute(() -> controlTask.unknownSession(from, now()));
    }

    void unknownSessionByRelay(LocalNode to, NodeKey from) {
        execute(() -> controlTask.unknownSessionByRelay(to, from, now()));
    }

    void wakeSender() {
        senderWakeup.signal();
    }

    /** Each half of a session is closed by the thread that uses it. */
    void retire(Output.Retired session) {
        outbound.offer(session);
        inbound.offer(session.keypair());
        receiverWakeup.signal();
    }

    private void receiveFromRelay(LocalNode to, DerpRoute relay, NodeKey from, byte[] datagram) {
        var by = new ControlItem.Relayed(to, relay, from);
        int kind = Classifier.kind(datagram);
        switch (kind) {
            case Classifier.TRANSPORT -> {
                if (inbound.offer(new RelayInbox.Item(by, datagram))) {
                    receiverWakeup.signal();
                } else {
                    counters.count(EngineCounter.DROPPED_RELAY_QUEUE_FULL);
                }
            }
            case Classifier.HANDSHAKE, Classifier.DISCO -> {
                if (control.hasRoom()) {
                    var k =
                            kind == Classifier.DISCO
                                    ? ControlItem.Datagram.Kind.DISCO
                                    : ControlItem.Datagram.Kind.HANDSHAKE;
                    control.offer(new ControlItem.Datagram(k, datagram, null, by));
                } else {
                    counters.count(EngineCounter.DROPPED_CONTROL_QUEUE_FULL);
                }
            }
            default -> counters.count(EngineCounter.DROPPED_UNKNOWN_DATAGRAM);
        }
    }

    /** Ends the threads, the sessions and the TUN. */
    @Override
    public void close() {
        if (stopping) {
            return;
        }
        if (!threads.isEmpty()) {
            call(
                    () -> {
                        List.copyOf(nodes).forEach(this::removeNode);
                        return true;
                    });
        }
        stopping = true;
        senderWakeup.signal();
        receiverWakeup.signal();
        threads.forEach(Thread::interrupt);
        if (!join()) {
            LOG.log(System.Logger.Level.ERROR, "engine threads do not end, memory is kept");
            return; // memory that a running thread uses must stay
        }
        pollers.forEach(Poller::close);
        outbound.close();
        inbound.close();
        control.close();
        senderWakeup.close();
        receiverWakeup.close();
        port.close();
        if (tun != null) {
            tun.close();
        }
        controlLibc.close();
        senderLibc.close();
        receiverLibc.close();
    }

    private boolean join() {
        try {
            boolean ended = true;
            for (Thread t : threads) {
                ended &= t.join(END_LIMIT);
            }
            return ended;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
