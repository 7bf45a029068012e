package hearth.engine;

import hearth.crypto.Aead;
import hearth.os.Ciphers;
import hearth.os.LinuxRouter;
import hearth.os.Tun;
import hearth.packet.Flows;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Everything that moves packets, put together: TUN, engine, paths, packet filters and the machine's
 * routes. What the machine does not allow (no TUN, no routes) is a problem in words; the rest works
 * on.
 */
public final class DataPlane implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(DataPlane.class.getName());

    private final Engine engine;
    private final Paths paths;
    private final Flows flows;
    private final @Nullable LinuxRouter router;
    private final RoutingOptions routing;
    private final RandomGenerator random;
    private final List<String> problems;
    private final List<Member> members = new ArrayList<>();

    private DataPlane(
            Engine engine,
            @Nullable LinuxRouter router,
            RoutingOptions routing,
            RandomGenerator random,
            List<String> problems) {
        this.engine = engine;
        this.router = router;
        this.routing = routing;
        this.random = random;
        this.problems = List.copyOf(problems);
        this.paths = new Paths(engine::sendUdp, engine::execute, random);
        this.flows = new Flows(engine.now(), random);
        engine.setControlTask(paths);
        engine.start();
    }

    /**
     * Opens TUN and port and starts the threads.
     *
     * @param random must be a SecureRandom outside tests
     * @throws IOException when the UDP port cannot be had
     */
    public static DataPlane open(
            DataPlaneSettings settings,
            RandomGenerator random,
            LongSupplier nanoTime,
            InstantSource wall)
            throws IOException {
        List<String> problems = new ArrayList<>();
        Tun tun = openTun(settings, problems);
        Aead.Backend cipher = Ciphers.measure().getFirst().backend();
        var clock =
                new HandshakeClock(
                        settings.stateDir().resolve("handshake.time"),
                        wall,
                        nanoTime,
                        Thread::startVirtualThread);
        Engine engine;
        try {
            engine = new Engine(settings.engine(), tun, cipher, random, nanoTime, clock);
        } catch (IOException e) {
            if (tun != null) {
                tun.close();
            }
            throw e;
        }
        LinuxRouter router = null;
        if (tun != null) {
            router = new LinuxRouter(tun.name(), settings.engine().mtu(), settings.stateDir());
            try {
                engine.bypassTun();
            } catch (IOException e) {
                problems.add(
                        "routes into " + tun.name() + " catch the engine, too: " + e.getMessage());
            }
        }
        LOG.log(
                System.Logger.Level.INFO,
                "data plane up port={0} tun={1} cipher={2}",
                String.valueOf(engine.udpPort()),
                tun == null ? "none" : tun.name(),
                engine.cipherName());
        return new DataPlane(engine, router, settings.routing(), random, problems);
    }

    private static @Nullable Tun openTun(DataPlaneSettings settings, List<String> problems) {
        String name = settings.tun();
        if (name == null) {
            return null;
        }
        try {
            var wanted = new Tun.Offload(settings.engine().tunTcp(), settings.engine().tunUdp());
            Tun tun = Tun.open(name, wanted);
            tun.up(settings.engine().mtu());
            return tun;
        } catch (IOException e) {
            problems.add("no TUN interface " + name + ": " + e.getMessage());
            return null;
        }
    }

    /** Adds a local node. The first one is the appliance: the machine's routes are its own. */
    public synchronized Member join(MemberSettings settings) throws IOException {
        LinuxRouter own = members.isEmpty() ? router : null;
        Member member = Member.join(engine, paths, flows, settings, routing, own, random);
        members.add(member);
        return member;
    }

    /** What the machine does not allow, in words. */
    public synchronized List<String> problems() {
        List<String> all = new ArrayList<>(problems);
        members.forEach(m -> all.addAll(m.problems()));
        return all;
    }

    public Engine engine() {
        return engine;
    }

    /** Ends the nodes, undoes the machine's routes and closes port and TUN. */
    @Override
    public void close() {
        List<Member> all;
        synchronized (this) {
            all = List.copyOf(members);
            members.clear();
        }
        all.reversed().forEach(Member::close);
        engine.close();
    }
}
