package hearth.app;

import hearth.api.Health;
import hearth.base.IpPrefix;
import hearth.base.Refused;
import hearth.control.ControlJson;
import hearth.control.Hostinfo;
import hearth.crypto.SecretKey;
import hearth.engine.DataPlane;
import hearth.engine.DataPlaneSettings;
import hearth.engine.EngineSettings;
import hearth.engine.Member;
import hearth.engine.MemberSettings;
import hearth.engine.NodeReport;
import hearth.engine.PeerStatus;
import hearth.engine.RoutingOptions;
import hearth.os.LinuxInterfaces;
import hearth.relay.RelayService;
import hearth.tailnet.ApplianceNode;
import hearth.tailnet.MapSessions;
import hearth.tailnet.NodeUpdate;
import hearth.tailnet.Tailnet;
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
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The appliance as a device of its own tailnet: its node in the snapshot, its map, its data plane.
 * What it finds out about itself is told to the tailnet on a thread of its own.
 */
final class OwnNode implements Health, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(OwnNode.class.getName());

    /** The capability version (tailscale/tailscale tailcfg) whose abilities it has. */
    private static final int CAPABILITY_VERSION = 113;

    private static final String HOSTNAME = "hearth";

    private final Settings settings;
    private final Tailnet tailnet;
    private final SecretKey machine;
    private final SecretKey key;
    private final SecretKey disco;
    private final ExecutorService teller =
            Executors.newSingleThreadExecutor(Thread.ofVirtual().name("own-node").factory());
    private final long id;
    private final DataPlane plane;
    private final Member member;
    private final AutoCloseable maps;

    OwnNode(
            Settings settings,
            StateFiles files,
            Tailnet tailnet,
            MapSessions sessions,
            RelayService relay,
            RandomGenerator random,
            InstantSource clock)
            throws IOException {
        this.settings = settings;
        this.tailnet = tailnet;
        this.machine = files.key("machine", random);
        this.key = files.key("node", random);
        this.disco = files.key("disco", random);
        this.id = ensure(offered());
        this.plane =
                DataPlane.open(
                        new DataPlaneSettings(
                                settings.tunOff() ? null : settings.tun(),
                                EngineSettings.onPort(settings.wireguardPort()),
                                settings.stateDir(),
                                RoutingOptions.DEFAULT),
                        random,
                        System::nanoTime,
                        clock);
        this.member =
                plane.join(
                        new MemberSettings(
                                key,
                                disco,
                                sink -> relay.attach(key.nodeKey(), sink),
                                RelayMap.REGION,
                                report -> teller.execute(() -> tell(report)),
                                offers -> teller.execute(() -> offer(offers))));
        this.maps = sessions.openLocal(id, member::apply);
    }

    /** The networks found; none when an interface goes away meanwhile, the member looks again. */
    private static List<IpPrefix> offered() {
        try {
            return LinuxInterfaces.offeredRoutes(LinuxInterfaces.list());
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "interfaces cannot be listed yet", e);
            return List.of();
        }
    }

    private void offer(List<IpPrefix> found) {
        try {
            ensure(found);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "routes of this machine not offered", e);
        }
    }

    /** Makes or updates the node; gives its id. */
    private long ensure(List<IpPrefix> found) throws IOException {
        List<IpPrefix> given = settings.advertiseRoutes();
        List<IpPrefix> routes = new ArrayList<>(given == null ? found : given);
        routes.add(IpPrefix.ALL_V4);
        routes.add(IpPrefix.ALL_V6);
        try {
            return tailnet.ensureApplianceNode(
                            new ApplianceNode(
                                    HOSTNAME,
                                    machine.machineKey(),
                                    key.nodeKey(),
                                    disco.discoKey(),
                                    hostinfo(routes),
                                    routes,
                                    CAPABILITY_VERSION))
                    .id();
        } catch (Refused r) {
            throw new IOException("the appliance's own node: " + r.text(), r);
        }
    }

    private static Hostinfo hostinfo(List<IpPrefix> routes) {
        ObjectNode json = ControlJson.MAPPER.createObjectNode();
        json.put("OS", "linux");
        json.put("Hostname", HOSTNAME);
        json.put("IPNVersion", Appliance.VERSION + "-hearth");
        ArrayNode routable = json.putArray("RoutableIPs");
        routes.forEach(r -> routable.add(r.toString()));
        json.putObject("NetInfo").put("PreferredDERP", RelayMap.REGION);
        return Hostinfo.of(json);
    }

    private void tell(NodeReport r) {
        try {
            var update = new NodeUpdate(id, r.disco(), r.endpoints(), r.homeDerp(), null, 0);
            tailnet.updateNode(update);
        } catch (Refused e) {
            LOG.log(System.Logger.Level.WARNING, "own endpoints not told", e);
        }
    }

    long id() {
        return id;
    }

    /** The way to each peer now. */
    List<PeerStatus> peers() {
        return member.status();
    }

    /** What this machine does not let us do, in words. */
    @Override
    public List<String> texts() {
        List<String> all = new ArrayList<>(plane.problems());
        String engine = plane.engine().problem();
        if (engine != null) {
            all.add(engine);
        }
        member.problems().stream().filter(p -> !all.contains(p)).forEach(all::add);
        return all;
    }

    @Override
    public boolean tun() {
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
        key.close();
        disco.close();
        machine.close();
    }
}
