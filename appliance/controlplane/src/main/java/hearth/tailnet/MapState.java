package hearth.tailnet;

import static hearth.tailnet.HashTrie.same;

import hearth.control.ControlJson;
import hearth.control.DERPMap;
import hearth.control.DisplayMessage;
import hearth.control.FilterRule;
import hearth.control.SSHPolicy;
import hearth.control.WireNode;
import hearth.policy.CompiledPolicy;
import hearth.policy.PeerView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What one client has been sent, and the frames that bring it up to date. A frame says only what
 * differs; it never names the client among its own peers, patches only peers it holds, and removes
 * only such (a patch of another one makes clients since 1.100 drop the rest of the frame). Confined
 * to one thread.
 */
final class MapState {
    private final MapBuilder builder;
    private final long id;
    private final MapDelivered delivered = new MapDelivered();
    private final Map<Long, User> profiles = new HashMap<>();
    private @Nullable WireNode self; // without what the device itself tells
    private @Nullable Node selfNode;
    private @Nullable User selfUser;
    private @Nullable CompiledPolicy compiled;
    private @Nullable List<PeerView> views;
    private @Nullable List<FilterRule> filter;
    private @Nullable SSHPolicy ssh;
    private byte @Nullable [] dns;
    private @Nullable DERPMap derp;
    private Map<String, DisplayMessage> messages = Map.of();
    private boolean messagesById; // as the stream began
    private final Predicate<Node> heldBack;
    private boolean holding;

    MapState(MapBuilder builder, long id) {
        this(builder, id, _ -> false);
    }

    /** {@code heldBack}: new peers that had better be told of a moment later. */
    MapState(MapBuilder builder, long id, Predicate<Node> heldBack) {
        this.builder = builder;
        this.id = id;
        this.heldBack = heldBack;
    }

    /** Whether the last frame left a peer out that is held back: look again soon. */
    boolean holding() {
        return holding;
    }

    /** Peers that the client holds. */
    int peers() {
        return delivered.size();
    }

    /**
     * Writes the first frame.
     *
     * @return false, nothing written, when the node is gone
     */
    boolean full(MapBuffer out, Snapshot s, Instant now) {
        Node node = s.node(id);
        if (node == null) {
            return false;
        }
        var frame = new Frame(out);
        self(frame, s, node);
        derp(frame, s, node);
        List<MapPeer> peers = new ArrayList<>();
        List<PeerView> visible = MapBuilder.visible(s, node);
        for (PeerView v : visible) {
            MapPeer p = v.id() == id ? null : builder.peers.of(s, v);
            if (p != null) {
                peers.add(p);
                delivered.put(p);
            }
        }
        views = visible;
        frame.peers("Peers", peers);
        dns(frame, s);
        frame.field("Domain").put(ControlJson.write(s.domain()));
        filter(frame, s, node);
        profiles(frame, s, node, peers);
        ssh(frame, s);
        messagesById = MapMessages.byId(node.capver());
        messages(frame, s, node);
        frame.field("ControlTime").put(ControlJson.write(now));
        frame.field("Debug").put("{\"DisableLogTail\":true}");
        frame.field("ClientVersion").put("{\"RunningLatest\":true}"); // we follow no releases
        frame.end();
        compiled = s.compiled();
        return true;
    }

    /**
     * Writes what has changed.
     *
     * @param touched ids of nodes that may differ since the frame before, ascending
     * @return false, nothing written, when the client has it all; also when the node is gone
     */
    boolean delta(MapBuffer out, Snapshot s, long[] touched) {
        Node node = s.node(id);
        if (node == null) {
            return false;
        }
        var frame = new Frame(out);
        CompiledPolicy policy = s.compiled();
        boolean policyChanged = !same(policy, compiled);
        boolean concerned = policyChanged || !same(node, selfNode);
        if (concerned || !same(s.userOf(node), selfUser)) {
            self(frame, s, node);
        }
        derp(frame, s, node);
        List<MapPeer> fresh = peers(frame, s, node, touched);
        dns(frame, s);
        filter(frame, s, node);
        if (profiles(frame, s, node, fresh)) {
            // 1.100 to 1.102 show names of users only of whole maps ("userid:2" in status); a field
            // that is no delta has them make one (types/netmap, MutationsFromMapResponse)
            frame.field("Domain").put(ControlJson.write(s.domain()));
        }
        if (policyChanged) {
            ssh(frame, s);
        }
        if (concerned) {
            messages(frame, s, node);
        }
        compiled = policy;
        return frame.end();
    }

    private void self(Frame frame, Snapshot s, Node node) {
        WireNode lasting = MapBuilder.self(s, node, true);
        selfNode = node;
        selfUser = s.userOf(node);
        if (!lasting.equals(self)) {
            self = lasting;
            frame.field("Node").put(ControlJson.write(MapBuilder.self(s, node, false)));
        }
    }

    private void derp(Frame frame, Snapshot s, Node node) {
        MapBuilder.Rendered<DERPMap> now = builder.derpMap(s, node.capver());
        if (same(now.value, derp)) {
            return;
        }
        boolean same = now.value.equals(derp);
        derp = now.value;
        if (!same) {
            frame.field("DERPMap").put(now.json);
        }
    }

    private void dns(Frame frame, Snapshot s) {
        byte[] now = builder.dns(s);
        if (!same(now, dns)) {
            boolean same = Arrays.equals(now, dns);
            dns = now;
            if (!same) {
                frame.field("DNSConfig").put(now);
            }
        }
    }

    private void filter(Frame frame, Snapshot s, Node node) {
        List<FilterRule> now = MapBuilder.filter(s, node);
        if (!same(now, filter)) {
            boolean same = now.equals(filter);
            filter = now;
            if (!same) {
                frame.field("PacketFilters").put("{\"base\":").put(builder.rendered(now).json);
                frame.put('}');
            }
        }
    }

    private void ssh(Frame frame, Snapshot s) {
        SSHPolicy now = s.compiled().ssh(id);
        if (!Objects.equals(now, ssh)) {
            ssh = now;
            frame.field("SSHPolicy")
                    .put(ControlJson.write(now == null ? new SSHPolicy(List.of()) : now));
        }
    }

    private void messages(Frame frame, Snapshot s, Node node) {
        Map<String, DisplayMessage> now = builder.messages(s, node);
        if (!now.equals(messages)) {
            if (messagesById) {
                frame.field("DisplayMessages").put(MapMessages.patch(messages, now));
            } else {
                frame.field("Health").put(MapMessages.lines(now));
            }
            messages = now;
        }
    }

    /** Writes added, changed and removed peers; gives those that were sent whole. */
    private List<MapPeer> peers(Frame frame, Snapshot s, Node node, long[] touched) {
        List<MapPeer> whole = new ArrayList<>();
        List<byte[]> patches = new ArrayList<>();
        List<Long> removed = new ArrayList<>();
        List<PeerView> visible = MapBuilder.visible(s, node);
        if (holding || !same(visible, views)) {
            holding = false;
            compareAll(s, visible, touched, whole, patches, removed);
            views = visible;
        } else {
            for (long t : touched) {
                MapPeer was = delivered.get(t);
                if (was != null) {
                    compare(was, builder.peers.of(s, was.view()), whole, patches, removed);
                }
            }
        }
        whole.forEach(delivered::put);
        removed.forEach(delivered::remove);
        if (!removed.isEmpty()) {
            forgetProfiles(node);
        }
        frame.peers("PeersChanged", whole);
        if (!removed.isEmpty()) {
            frame.field("PeersRemoved").put(removed.toString());
        }
        if (!patches.isEmpty()) {
            frame.field("PeersChangedPatch").list(patches);
        }
        return whole;
    }

    private void compareAll(
            Snapshot s,
            List<PeerView> visible,
            long[] touched,
            List<MapPeer> whole,
            List<byte[]> patches,
            List<Long> removed) {
        int at = 0;
        int held = delivered.size();
        for (PeerView v : visible) {
            while (at < held && delivered.id(at) < v.id()) {
                removed.add(delivered.id(at++));
            }
            if (at < held && delivered.id(at) == v.id()) {
                MapPeer was = delivered.peer(at++);
                boolean sameView = same(was.view(), v) || was.view().equals(v);
                if (!sameView || Arrays.binarySearch(touched, v.id()) >= 0) {
                    compare(was, builder.peers.of(s, v), whole, patches, removed);
                }
            } else if (v.id() != id) {
                MapPeer p = builder.peers.of(s, v);
                if (p != null && heldBack.test(p.node())) {
                    holding = true;
                } else if (p != null) {
                    whole.add(p);
                }
            }
        }
        while (at < held) {
            removed.add(delivered.id(at++));
        }
    }

    private void compare(
            MapPeer was,
            @Nullable MapPeer is,
            List<MapPeer> whole,
            List<byte[]> patches,
            List<Long> removed) {
        if (is == null) {
            removed.add(was.id());
        } else if (!same(is, was)) {
            byte[] patch = is.patchFrom(was);
            if (patch == null) {
                whole.add(is);
            } else {
                delivered.put(is);
                if (patch.length > 0) {
                    patches.add(patch);
                }
            }
        }
    }

    /** Everybody whom the frame names and the client does not know as he is; false: nobody. */
    private boolean profiles(Frame frame, Snapshot s, Node node, List<MapPeer> named) {
        List<byte[]> fresh = new ArrayList<>();
        profile(s, node, fresh);
        for (MapPeer p : named) {
            profile(s, p.node(), fresh);
        }
        if (!fresh.isEmpty()) {
            frame.field("UserProfiles").list(fresh);
        }
        return !fresh.isEmpty();
    }

    /** A client may drop the profiles of users without a peer: they are told again with one. */
    private void forgetProfiles(Node self) {
        Set<Long> named = new HashSet<>();
        named.add(self.userId());
        for (int i = 0; i < delivered.size(); i++) {
            named.add(delivered.peer(i).node().userId());
        }
        profiles.keySet().retainAll(named);
    }

    private void profile(Snapshot s, Node node, List<byte[]> fresh) {
        User user = s.userOf(node);
        User was = profiles.put(user.id(), user);
        if (!same(was, user)
                && (was == null || !MapBuilder.profile(was).equals(MapBuilder.profile(user)))) {
            fresh.add(ControlJson.write(MapBuilder.profile(user)));
        }
    }

    /** The object that is being written. */
    private static final class Frame {
        private final MapBuffer out;
        private final int mark;

        Frame(MapBuffer out) {
            this.out = out;
            this.mark = out.length();
        }

        Frame field(String name) {
            out.put(out.length() == mark ? '{' : ',');
            out.put('"').put(name).put("\":");
            return this;
        }

        Frame put(byte[] json) {
            out.put(json);
            return this;
        }

        Frame put(String json) {
            out.put(json);
            return this;
        }

        void put(char json) {
            out.put(json);
        }

        void list(List<byte[]> items) {
            char before = '[';
            for (byte[] item : items) {
                out.put(before).put(item);
                before = ',';
            }
            out.put(']');
        }

        void peers(String name, List<MapPeer> peers) {
            if (!peers.isEmpty()) {
                field(name);
                char before = '[';
                for (MapPeer p : peers) {
                    out.put(before).put(p.json());
                    before = ',';
                }
                out.put(']');
            }
        }

        boolean end() {
            if (out.length() == mark) {
                return false;
            }
            out.put('}');
            return true;
        }
    }
}
