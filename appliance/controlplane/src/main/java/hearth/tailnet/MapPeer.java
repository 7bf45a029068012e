package hearth.tailnet;

import static hearth.tailnet.HashTrie.same;

import hearth.base.IpAddress;
import hearth.base.IpPrefix;
import hearth.control.ControlJson;
import hearth.control.PeerChange;
import hearth.control.WireNode;
import hearth.crypto.DiscoKey;
import hearth.policy.PeerView;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One state of a node as others see it. Shared by all sessions that were told it: its JSON is
 * rendered once, and so is what leads from the state before to it. Immutable but for those caches;
 * safe for all threads.
 */
final class MapPeer {
    /**
     * The last version whose nodes have no DNS server in their PeerAPI. Of a later one clients
     * believe it without asking, and as an exit node it would get all their questions
     * (tailscale/tailscale ipn/ipnlocal, peerCanProxyDNS); our own nodes have no PeerAPI.
     */
    static final int WITHOUT_DNS_PROXY = 25;

    private static final String SUGGEST_EXIT_NODE = "suggest-exit-node";

    private static final byte[] NOTHING = new byte[0];

    private final Node node;
    private final Presence presence;
    private final PeerView view;
    private final String fullName;
    private volatile @Nullable WireNode wire;
    private volatile byte @Nullable [] json;
    private volatile @Nullable Step step;

    /** How {@code from} becomes this: a patch, or the whole node when {@code patch} is null. */
    private static final class Step {
        final MapPeer from;
        final byte @Nullable [] patch;

        Step(MapPeer from, byte @Nullable [] patch) {
            this.from = from;
            this.patch = patch;
        }
    }

    MapPeer(Node node, Presence presence, PeerView view, String fullName) {
        this.node = node;
        this.presence = presence;
        this.view = view;
        this.fullName = fullName;
    }

    long id() {
        return node.id();
    }

    Node node() {
        return node;
    }

    PeerView view() {
        return view;
    }

    /** Whether it is still the state of its node. */
    boolean is(Node n, Presence p, PeerView v) {
        return same(node, n) && same(presence, p) && (same(view, v) || view.equals(v));
    }

    /** The peer's JSON object. */
    byte[] json() {
        byte[] j = json;
        if (j == null) {
            j = ControlJson.write(wire());
            json = j;
        }
        return j;
    }

    /**
     * A PeerChange that turns {@code from} into this; empty when a client cannot tell them apart,
     * null when only the whole node will do.
     */
    byte @Nullable [] patchFrom(MapPeer from) {
        Step s = step;
        if (s == null || !same(s.from, from)) {
            s = new Step(from, patch(from));
            step = s;
        }
        return s.patch;
    }

    private byte @Nullable [] patch(MapPeer from) {
        if (wire().equals(from.wire())) {
            return NOTHING;
        }
        PeerChange change = changeFrom(from);
        return change == null ? null : ControlJson.write(change);
    }

    private @Nullable PeerChange changeFrom(MapPeer from) {
        WireNode was = from.wire();
        WireNode is = wire();
        boolean disco = !Objects.equals(was.discoKey(), is.discoKey());
        boolean online = !Objects.equals(was.online(), is.online());
        boolean seen = !Objects.equals(was.lastSeen(), is.lastSeen());
        // what a patch cannot say: nothing, zero, and a new disco key of a node that went away
        if (!withVolatile(was, is).equals(is)
                || (is.homeDerp() == 0 && was.homeDerp() != 0)
                || (disco && is.discoKey() == null)
                || (disco && online)
                || (seen && is.lastSeen() == null)) {
            return null;
        }
        return new PeerChange(
                is.id(),
                was.homeDerp() == is.homeDerp() ? 0 : is.homeDerp(),
                was.cap() == is.cap() ? 0 : is.cap(),
                was.endpoints().equals(is.endpoints()) ? null : is.endpoints(),
                null,
                disco ? is.discoKey() : null,
                online ? is.online() : null,
                seen ? is.lastSeen() : null,
                null);
    }

    /** {@code was} with everything of {@code is} that a patch can carry. */
    private static WireNode withVolatile(WireNode was, WireNode is) {
        return new WireNode(
                was.id(),
                was.stableId(),
                was.name(),
                was.user(),
                was.key(),
                was.keyExpiry(),
                was.expired(),
                was.machine(),
                is.discoKey(),
                was.addresses(),
                was.allowedIps(),
                is.endpoints(),
                is.homeDerp(),
                is.derp(),
                was.hostinfo(),
                was.created(),
                is.cap(),
                was.tags(),
                was.primaryRoutes(),
                is.lastSeen(),
                is.online(),
                was.machineAuthorized(),
                was.capMap());
    }

    private WireNode wire() {
        WireNode w = wire;
        if (w == null) {
            w = render();
            wire = w;
        }
        return w;
    }

    private WireNode render() {
        boolean gone = node.expired();
        DiscoKey disco = node.disco();
        int home = gone ? 0 : node.homeDerp();
        Instant seen = presence.lastSeen();
        return new WireNode(
                node.id(),
                node.stableId(),
                fullName + ".",
                node.userId(),
                node.key(),
                node.keyExpiry(),
                gone,
                node.machine(),
                disco,
                MapBuilder.addresses(node, view.allowedIps()),
                view.allowedIps(),
                gone ? List.of() : endpoints(node.endpoints()),
                home,
                WireNode.derpText(home),
                node.hostinfo().forPeers(),
                node.created(),
                node.local() ? Math.min(node.capver(), WITHOUT_DNS_PROXY) : node.capver(),
                node.tags(),
                view.primaryRoutes(),
                seen,
                presence.online() && !gone,
                node.authorized(),
                capMap());
    }

    /** Clients show no list of exit nodes unless one is suggested. */
    private Map<String, List<JsonNode>> capMap() {
        boolean exit =
                view.allowedIps().contains(IpPrefix.ALL_V4)
                        && view.allowedIps().contains(IpPrefix.ALL_V6);
        if (!exit || view.capMap().containsKey(SUGGEST_EXIT_NODE)) {
            return view.capMap();
        }
        Map<String, List<JsonNode>> caps = new TreeMap<>(view.capMap());
        caps.put(SUGGEST_EXIT_NODE, List.of());
        return caps;
    }

    static List<String> endpoints(List<InetSocketAddress> endpoints) {
        return endpoints.stream()
                .filter(e -> e.getAddress() != null)
                .map(MapPeer::text)
                .distinct()
                .toList();
    }

    private static String text(InetSocketAddress e) {
        return IpAddress.of(e.getAddress()).withPort(e.getPort());
    }

    /** As a local node needs it. */
    hearth.control.NetMap.Peer local() {
        return new hearth.control.NetMap.Peer(
                node.id(),
                fullName + ".",
                node.key(),
                node.disco(),
                MapBuilder.addresses(node, view.allowedIps()),
                view.allowedIps(),
                node.expired() ? List.of() : node.endpoints(),
                node.expired() ? 0 : node.homeDerp(),
                presence.online(),
                node.expired());
    }
}
