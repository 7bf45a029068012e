package hearth.app;

import hearth.base.IpPrefix;
import hearth.base.Refused;
import hearth.control.ControlJson;
import hearth.control.Hostinfo;
import hearth.crypto.SecretKey;
import hearth.os.LinuxInterfaces;
import hearth.tailnet.ApplianceNode;
import hearth.tailnet.Node;
import hearth.tailnet.NodeUpdate;
import hearth.tailnet.Snapshot;
import hearth.tailnet.Tailnet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Who the appliance is in its own tailnet: its keys, and its node in the snapshot, made at the
 * first start. It offers the private networks that the machine is attached to, or the given ones.
 */
final class OwnIdentity implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(OwnIdentity.class.getName());

    /** The capability version (tailscale/tailscale tailcfg) whose abilities it has. */
    private static final int CAPABILITY_VERSION = 113;

    private static final String HOSTNAME = "hearth";

    private final Tailnet tailnet;
    private final @Nullable List<IpPrefix> routes;
    private final SecretKey machine;
    private final SecretKey key;
    private final SecretKey disco;
    private final long id;

    /** {@code routes}: what it offers; null for the networks found. */
    OwnIdentity(
            @Nullable List<IpPrefix> routes,
            StateFiles files,
            Tailnet tailnet,
            RandomGenerator random)
            throws IOException {
        this.tailnet = tailnet;
        this.routes = routes;
        this.machine = files.key("machine", random);
        this.key = files.key("node", random);
        this.disco = files.key("disco", random);
        this.id = ensure(found());
    }

    long id() {
        return id;
    }

    SecretKey key() {
        return key;
    }

    SecretKey disco() {
        return disco;
    }

    /** Its names and addresses in the tailnet, as they are now. */
    List<String> hostNames() {
        Snapshot now = tailnet.snapshot();
        Node node = now.node(id);
        return node == null
                ? List.of()
                : List.of(
                        node.name(),
                        now.fullName(node),
                        node.v4().toString(),
                        node.v6().toString());
    }

    /** Offers other networks, unless it was told which. */
    void offer(List<IpPrefix> found) {
        try {
            ensure(found);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "routes of this machine not offered", e);
        }
    }

    /** Tells the tailnet what changed about the node. */
    void tell(NodeUpdate update) {
        try {
            tailnet.updateNode(update);
        } catch (Refused e) {
            LOG.log(System.Logger.Level.WARNING, "own endpoints not told", e);
        }
    }

    /** The networks found; none when an interface goes away meanwhile, the member looks again. */
    private static List<IpPrefix> found() {
        try {
            return LinuxInterfaces.offeredRoutes(LinuxInterfaces.list());
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "interfaces cannot be listed yet", e);
            return List.of();
        }
    }

    /** Makes or updates the node; gives its id. */
    private long ensure(List<IpPrefix> found) throws IOException {
        List<IpPrefix> offered = new ArrayList<>(routes == null ? found : routes);
        offered.add(IpPrefix.ALL_V4);
        offered.add(IpPrefix.ALL_V6);
        try {
            return tailnet.ensureApplianceNode(
                            new ApplianceNode(
                                    HOSTNAME,
                                    machine.machineKey(),
                                    key.nodeKey(),
                                    disco.discoKey(),
                                    hostinfo(offered),
                                    offered,
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

    @Override
    public void close() {
        key.close();
        disco.close();
        machine.close();
    }
}
