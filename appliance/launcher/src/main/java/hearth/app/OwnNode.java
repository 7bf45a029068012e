package hearth.app;

import hearth.engine.DataPlane;
import hearth.engine.DataPlaneSettings;
import hearth.engine.EngineSettings;
import hearth.engine.Member;
import hearth.engine.MemberSettings;
import hearth.engine.NodeReport;
import hearth.engine.PeerStatus;
import hearth.engine.RoutingOptions;
import hearth.relay.RelayClient;
import hearth.relay.RelayDialer;
import hearth.relay.RelayService;
import hearth.tailnet.MapSessions;
import hearth.tailnet.NodeUpdate;
import hearth.wireguard.HandshakeEvent;
import java.io.IOException;
import java.net.BindException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.random.RandomGenerator;

/**
 * The appliance as a device of its own tailnet: its map and its data plane. What it finds out about
 * itself is told to the tailnet on a thread of its own.
 */
final class OwnNode implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(OwnNode.class.getName());

    private final OwnIdentity identity;
    private final ExecutorService teller =
            Executors.newSingleThreadExecutor(Thread.ofVirtual().name("own-node").factory());
    private final DataPlane plane;
    private final Member member;
    private final AutoCloseable maps;

    OwnNode(
            Settings settings,
            OwnIdentity identity,
            MapSessions sessions,
            RelayService relay,
            RandomGenerator random,
            InstantSource clock)
            throws IOException {
        this.identity = identity;
        this.plane = plane(settings, random, clock);
        this.member =
                plane.join(
                        new MemberSettings(
                                identity.key(),
                                identity.disco(),
                                sink -> relay.attach(identity.key().nodeKey(), sink),
                                RelayMap.REGION,
                                (region, sink) ->
                                        new RelayClient(
                                                region.regionCode(),
                                                new RelayDialer(region),
                                                identity.key(),
                                                sink,
                                                random),
                                report -> teller.execute(() -> tell(report)),
                                offers -> teller.execute(() -> identity.offer(offers))));
        this.maps = sessions.openLocal(identity.id(), member::apply);
    }

    /** On the usual port or, where another program has it (tailscaled's is the same), the next. */
    private static DataPlane plane(Settings settings, RandomGenerator random, InstantSource clock)
            throws IOException {
        int port = settings.wireguardPort();
        try {
            return plane(settings, port, random, clock);
        } catch (BindException e) {
            if (port != Settings.DEFAULT_WIREGUARD_PORT) {
                throw e;
            }
            LOG.log(
                    System.Logger.Level.INFO,
                    "{0}, taking {1}",
                    e.getMessage(),
                    String.valueOf(port + 1));
            return plane(settings, port + 1, random, clock);
        }
    }

    private static DataPlane plane(
            Settings settings, int port, RandomGenerator random, InstantSource clock)
            throws IOException {
        return DataPlane.open(
                new DataPlaneSettings(
                        settings.tunOff() ? null : settings.tun(),
                        EngineSettings.onPort(port),
                        settings.stateDir(),
                        new RoutingOptions(settings.masquerade(), false)),
                random,
                System::nanoTime,
                clock);
    }

    private void tell(NodeReport r) {
        identity.tell(
                new NodeUpdate(identity.id(), r.disco(), r.endpoints(), r.homeDerp(), null, 0));
    }

    long id() {
        return identity.id();
    }

    /** The way to each peer now. */
    List<PeerStatus> peers() {
        return member.status();
    }

    /** What this machine does not let us do, in words. */
    List<String> texts() {
        List<String> all = new ArrayList<>(new LinkedHashSet<>(plane.problems()));
        String engine = plane.engine().problem();
        if (engine != null) {
            all.add(engine);
        }
        member.problems().stream().filter(p -> !all.contains(p)).forEach(all::add);
        return all;
    }

    /** Whether it has a network interface. */
    boolean hasTun() {
        return plane.engine().hasTun();
    }

    /** The engine's counters, and dropped packets by reason. */
    Map<String, Long> counters() {
        Map<String, Long> out = new TreeMap<>();
        plane.engine()
                .counters()
                .all()
                .forEach((c, n) -> out.put(c.name().toLowerCase(Locale.ROOT), n));
        member.drops()
                .forEach((why, n) -> out.put("drop_" + why.name().toLowerCase(Locale.ROOT), n));
        for (HandshakeEvent e : HandshakeEvent.values()) {
            out.put("handshake_" + e.name().toLowerCase(Locale.ROOT), member.handshakes().get(e));
        }
        return out;
    }

    @Override
    public void close() {
        try {
            maps.close();
        } catch (Exception e) {
            LOG.log(System.Logger.Level.WARNING, "own map not closed", e);
        }
        plane.close();
        teller.close();
    }
}
