package hearth.engine;

import hearth.crypto.DiscoKey;
import hearth.crypto.NodeKey;
import hearth.crypto.SecretKey;
import hearth.disco.PathAction;
import hearth.disco.PathFinder;
import hearth.disco.PathPeer;
import hearth.disco.PathStatus;
import hearth.packet.DropReason;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The paths of one local node: its path core, the paths that the engine reads and the node's own
 * endpoints. Confined to the control thread.
 */
final class NodePaths {
    /** Addresses at which peers saw us, beside the machine's own; the newest are kept. */
    private static final int MAX_SEEN = 6;

    /** The node's WireGuard sessions. */
    interface Sessions {
        /** Begins the session of a restarted peer anew, at the next packet. */
        void reset(NodeKey peer);

        /** Begins a session now if the peer has none. */
        void start(NodeKey peer);
    }

    private final Paths paths;
    private final NodeKey self;
    private final PathFinder finder;
    private final Sessions sessions;
    private final Set<NodeKey> resuming = new HashSet<>();
    private final Consumer<NodeReport> report;
    private final Map<NodeKey, TrackedPath> tracked = new HashMap<>();
    private final Map<NodeKey, InetSocketAddress> direct = new HashMap<>();
    private final Map<NodeKey, Long> trustedUntil = new HashMap<>();
    private final Set<InetSocketAddress> seen = new LinkedHashSet<>();
    private List<InetSocketAddress> interfaces = List.of();
    private List<InetSocketAddress> forwarded = List.of();
    private Set<InetSocketAddress> mapped = Set.of();
    private Map<Integer, DerpRoute> foreign = Map.of();
    private Map<NodeKey, Integer> homes = Map.of();
    private @Nullable DerpRoute relay;
    private int home;
    private @Nullable NodeReport reported;

    /**
     * The paths of the node {@code self}, not yet part of {@code paths}.
     *
     * @param report told at every change of endpoints, disco key or home, on the control thread
     */
    NodePaths(
            Paths paths,
            NodeKey self,
            SecretKey disco,
            RandomGenerator random,
            Sessions sessions,
            Consumer<NodeReport> report) {
        this.paths = paths;
        this.self = self;
        this.finder = new PathFinder(disco, self, random);
        this.sessions = sessions;
        this.report = report;
    }

    boolean isFor(NodeKey node) {
        return self.equals(node);
    }

    boolean knows(DiscoKey sender) {
        return finder.knows(sender);
    }

    /** The path object of a peer; the same as long as the peer is known. */
    TrackedPath path(NodeKey peer) {
        return tracked.computeIfAbsent(
                peer,
                _ -> {
                    var p = new TrackedPath(paths::wake);
                    p.choose(null, relayTo(peer), 0);
                    return p;
                });
    }

    /** Takes over the peers of a map. */
    void apply(Collection<PathPeer> peers, long nowNanos) {
        Set<NodeKey> current = new HashSet<>();
        peers.forEach(p -> current.add(p.key()));
        tracked.keySet().retainAll(current);
        direct.keySet().retainAll(current);
        trustedUntil.keySet().retainAll(current);
        resuming.retainAll(current);
        finder.apply(peers, nowNanos);
        act();
    }

    /** The node's place at the relay of {@code region}, or none. */
    void relay(@Nullable DerpRoute link, int region) {
        relay = link;
        home = region;
        tracked.forEach((key, path) -> choose(key, path));
        tell();
    }

    /**
     * The relays that are not ours, by region, and where each peer is at home; a peer of another
     * home is at ours.
     */
    void foreign(Map<Integer, DerpRoute> regions, Map<NodeKey, Integer> peerHomes) {
        if (!regions.equals(foreign) || !peerHomes.equals(homes)) {
            foreign = Map.copyOf(regions);
            homes = Map.copyOf(peerHomes);
            tracked.forEach((key, path) -> choose(key, path));
        }
    }

    private @Nullable DerpRoute relayTo(NodeKey peer) {
        return foreign.getOrDefault(homes.getOrDefault(peer, 0), relay);
    }

    /** The machine's own addresses with the engine's port; a change means a changed network. */
    void interfaces(List<InetSocketAddress> own, long nowNanos) {
        if (own.equals(interfaces)) {
            return;
        }
        boolean first = interfaces.isEmpty();
        interfaces = List.copyOf(own);
        seen.clear();
        tell();
        if (!first) {
            paths.networkChanged(nowNanos);
            finder.linkChanged(nowNanos);
            act();
        }
    }

    /** Where a router in front of this machine may forward the engine's port. */
    void forwarded(List<InetSocketAddress> addresses) {
        if (!addresses.equals(forwarded)) {
            forwarded = List.copyOf(addresses);
            tell();
        }
    }

    /** The engine's port as STUN servers see it. */
    void mapped(Set<InetSocketAddress> addresses) {
        if (!addresses.equals(mapped)) {
            mapped = Set.copyOf(addresses);
            tell();
        }
    }

    private void tell() {
        Set<InetSocketAddress> each = new LinkedHashSet<>(interfaces);
        each.addAll(mapped);
        each.addAll(forwarded);
        each.addAll(seen);
        List<InetSocketAddress> all = List.copyOf(each);
        finder.ownEndpoints(all);
        var now = new NodeReport(self, finder.discoKey(), all, home);
        if (!now.equals(reported)) {
            reported = now;
            report.accept(now);
        }
    }

    @Nullable DropReason receive(byte[] datagram, InetSocketAddress from, long nowNanos) {
        DropReason reason = finder.receive(datagram, from, nowNanos);
        act();
        return reason;
    }

    /** {@code region}: of the relay, 0 for our own. */
    @Nullable DropReason receiveByRelay(byte[] datagram, NodeKey from, int region, long nowNanos) {
        int by = region == 0 ? home : region;
        DropReason reason = finder.receiveByRelay(datagram, from, by, nowNanos);
        act();
        return reason;
    }

    /** Runs what is due; gives the time of the next call. */
    long poll(long nowNanos) {
        tracked.forEach(
                (key, path) -> {
                    if (path.takeSent()) {
                        finder.sent(key, path.sentNanos());
                    }
                });
        finder.poll(nowNanos);
        act();
        return finder.nextDeadlineNanos(nowNanos);
    }

    private void act() {
        for (PathAction action : finder.take()) {
            switch (action) {
                case PathAction.ToUdp a -> paths.send(a.to(), a.datagram());
                case PathAction.ToRelay a -> {
                    DerpRoute link = relayTo(a.to());
                    if (link != null) {
                        link.send(a.to(), a.datagram());
                    }
                }
                case PathAction.Routed r -> routed(r);
                case PathAction.ResetSession r -> sessions.reset(r.peer());
                case PathAction.SeenAs s -> seenAs(s.own());
            }
        }
    }

    private void routed(PathAction.Routed r) {
        InetSocketAddress to = r.direct();
        if (to == null) {
            direct.remove(r.peer());
        } else {
            direct.put(r.peer(), to);
        }
        trustedUntil.put(r.peer(), r.trustedUntilNanos());
        TrackedPath path = tracked.get(r.peer());
        if (path != null) {
            choose(r.peer(), path);
        }
        if (to != null && resuming.remove(r.peer())) {
            sessions.start(r.peer());
        }
    }

    private void choose(NodeKey peer, TrackedPath path) {
        InetSocketAddress to = direct.get(peer);
        path.choose(
                to == null ? null : UdpAddress.of(to),
                relayTo(peer),
                trustedUntil.getOrDefault(peer, 0L));
    }

    /**
     * A peer at {@code from} sends in a session of an earlier run of this process: when it answers
     * a ping there, a new session is begun instead of waiting until the peer gives up.
     */
    void resume(InetSocketAddress from, long nowNanos) {
        NodeKey peer = finder.peerAt(from);
        if (peer == null) {
            return;
        }
        PathStatus status = finder.status(peer, nowNanos);
        if (status != null && status.trusted()) {
            sessions.start(peer);
            return;
        }
        resuming.add(peer);
        finder.sent(peer, nowNanos);
        act();
    }

    /** The same for a peer that sends by the relay, where it can be answered at once. */
    void startSession(NodeKey peer) {
        sessions.start(peer);
    }

    private void seenAs(InetSocketAddress own) {
        if (seen.add(own)) {
            if (seen.size() > MAX_SEEN) {
                seen.remove(seen.iterator().next());
            }
            tell();
        }
    }

    /** The peers, in the order of the map. */
    Set<NodeKey> peers() {
        return Collections.unmodifiableSet(tracked.keySet());
    }

    /** The way to a peer, or null when it is none. */
    @Nullable PathStatus status(NodeKey peer, long nowNanos) {
        return finder.status(peer, nowNanos);
    }

    boolean isActive(NodeKey peer) {
        return finder.isActive(peer);
    }

    /** The region of the relay by which a peer is reached, 0 without one. */
    int regionTo(NodeKey peer) {
        DerpRoute link = relayTo(peer);
        int region = link == null ? 0 : link.regionTo(peer);
        return region == 0 ? home : region;
    }
}
