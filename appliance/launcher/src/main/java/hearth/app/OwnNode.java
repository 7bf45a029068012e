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
import java.time.InstantSource;
import java.util.ArrayList;
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
        this.plane =
                DataPlane.open(
                        new DataPlaneSettings(
                                settings.tunOff() ? null : settings.tun(),
                                EngineSettings.onPort(settings.wireguardPort()),
                                settings.stateDir(),
                                new RoutingOptions(settings.masquerade(), false)),
                        random,
                        System::nanoTime,
                        clock);
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
        List<String> all = new ArrayList<>(plane.problems());
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
