package hearth.disco;

import hearth.base.IpAddress;
import hearth.base.WireException;
import hearth.crypto.DiscoKey;
import hearth.crypto.NaclBox;
import hearth.crypto.NodeKey;
import hearth.crypto.SecretKey;
import hearth.packet.DropReason;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Finds and watches the ways from one local node to its peers: direct when a ping is answered, by
 * relay otherwise, both while the direct one is in doubt. Only a pong makes an address trusted, and
 * for {@link #TRUST_NANOS}; while data flows the best address is pinged every {@link
 * #HEARTBEAT_NANOS}.
 *
 * <p>What is to be done is collected and taken with {@link #take}; the core sends nothing itself.
 * Confined to one thread. Source: tailscale/tailscale wgengine/magicsock/endpoint.go;
 * docs/protocol/paths.md has the rules and where they differ.
 */
public final class PathFinder {
    /** Heartbeats go on for so long after the last data (sessionActiveTimeout). */
    static final long SESSION_ACTIVE_NANOS = Duration.ofSeconds(45).toNanos();

    /** heartbeatInterval. */
    static final long HEARTBEAT_NANOS = Duration.ofSeconds(3).toNanos();

    /** trustUDPAddrDuration. */
    static final long TRUST_NANOS = Duration.ofMillis(6_500).toNanos();

    /** pingTimeoutDuration. */
    static final long PING_TIMEOUT_NANOS = Duration.ofSeconds(5).toNanos();

    /** discoPingInterval: the least time between two pings to one candidate. */
    static final long DISCO_PING_INTERVAL_NANOS = Duration.ofSeconds(5).toNanos();

    /** goodEnoughLatency. */
    static final long GOOD_ENOUGH_NANOS = Duration.ofMillis(5).toNanos();

    /** upgradeUDPDirectInterval. */
    static final long UPGRADE_NANOS = Duration.ofSeconds(60).toNanos();

    /** A relay's "address" in a pong: this host and the region as port (derpMagicIP). */
    private static final IpAddress RELAY_HOST = IpAddress.parse("127.3.3.40");

    private static final int MAX_PROBES = 10_000;

    private final SecretKey disco;
    private final DiscoKey discoKey;
    private final NodeKey self;
    private final RandomGenerator random;

    private final Map<NodeKey, Target> peers = new HashMap<>();
    private final Map<DiscoKey, List<Target>> byDisco = new HashMap<>();
    private final Set<Target> active = new LinkedHashSet<>();
    private final Map<TxId, Probe> probes = new LinkedHashMap<>(); // oldest first
    private List<InetSocketAddress> own = List.of();
    private List<PathAction> out = new ArrayList<>();

    private record Probe(Target target, InetSocketAddress to, long sentNanos) {}

    /** {@code random} must be a SecureRandom outside tests. */
    public PathFinder(SecretKey disco, NodeKey self, RandomGenerator random) {
        this.disco = disco;
        this.discoKey = disco.discoKey();
        this.self = self;
        this.random = random;
    }

    public DiscoKey discoKey() {
        return discoKey;
    }

    /** What has to be done since the last call, in order. */
    public List<PathAction> take() {
        if (out.isEmpty()) {
            return List.of();
        }
        List<PathAction> taken = out;
        out = new ArrayList<>();
        return taken;
    }

    /** Makes {@code current} the peers; those left out are forgotten with their paths. */
    public void apply(Collection<PathPeer> current, long nowNanos) {
        Map<NodeKey, Target> before = new HashMap<>(peers);
        byDisco.clear();
        for (PathPeer p : current) {
            Target t = before.remove(p.key());
            if (t == null) {
                t = new Target(p.key());
                peers.put(p.key(), t);
            }
            InetSocketAddress bestBefore = t.best;
            if (t.update(p, nowNanos)) {
                out.add(new PathAction.ResetSession(t.key));
            }
            if (bestBefore != null && t.best == null) {
                announce(t);
            }
            DiscoKey d = t.disco;
            if (d != null) {
                byDisco.computeIfAbsent(d, _ -> new ArrayList<>(1)).add(t);
            }
        }
        for (Target gone : before.values()) {
            peers.remove(gone.key);
            active.remove(gone);
            probes.values().removeIf(probe -> probe.target == gone);
        }
    }

    /** The addresses at which this node can be pinged, for CallMeMaybe. */
    public void ownEndpoints(List<InetSocketAddress> endpoints) {
        own = List.copyOf(endpoints);
    }

    /** Whether a peer with this disco key is known. */
    public boolean knows(DiscoKey key) {
        return byDisco.containsKey(key);
    }

    /** Data was sent to the peer, or its first packet waits to be. */
    public void sent(NodeKey peer, long nowNanos) {
        Target t = peers.get(peer);
        if (t == null) {
            return;
        }
        t.sentNanos = nowNanos;
        if (!t.active) {
            t.active = true;
            t.heartbeatNanos = nowNanos + HEARTBEAT_NANOS;
            active.add(t);
        }
        if (!t.isTrusted(nowNanos)) {
            discover(t, nowNanos);
        }
    }

    /** The network under the sockets has changed: nothing is trusted until it answers again. */
    public void linkChanged(long nowNanos) {
        for (Target t : peers.values()) {
            distrust(t);
        }
        for (Target t : active) {
            t.everDiscovered = false;
            t.candidates.values().forEach(c -> c.hasBeenPinged = false);
            discover(t, nowNanos);
        }
    }

    /** WireGuard gave up waiting for the peer: its best address is worth nothing. */
    public void silent(NodeKey peer, long nowNanos) {
        Target t = peers.get(peer);
        if (t != null && !t.isTrusted(nowNanos)) {
            distrust(t);
        }
    }

    private void distrust(Target t) {
        if (t.best != null) {
            t.best = null;
            announce(t);
        }
    }

    /**
     * A disco packet from the UDP port.
     *
     * @return why it was ignored, or null
     */
    public @Nullable DropReason receive(byte[] datagram, InetSocketAddress from, long nowNanos) {
        return receive(datagram, from, null, nowNanos);
    }

    /**
     * A disco packet that the relay of region {@code region} brought from {@code from}.
     *
     * @return why it was ignored, or null
     */
    public @Nullable DropReason receiveByRelay(
            byte[] datagram, NodeKey from, int region, long nowNanos) {
        var source = new InetSocketAddress(RELAY_HOST.toInetAddress(), region);
        return receive(datagram, source, from, nowNanos);
    }

    private @Nullable DropReason receive(
            byte[] datagram, InetSocketAddress from, @Nullable NodeKey byRelay, long nowNanos) {
        if (!DiscoPacket.isDisco(datagram)) {
            return DropReason.UNKNOWN_DATAGRAM;
        }
        DiscoKey sender = DiscoPacket.sender(datagram);
        List<Target> known = byDisco.get(sender);
        if (known == null || sender.equals(discoKey)) {
            return DropReason.DISCO_UNKNOWN_SENDER;
        }
        NaclBox box = known.getFirst().box(disco);
        if (box == null) {
            return DropReason.DISCO_BAD;
        }
        DiscoMessage message;
        try {
            message = DiscoPacket.open(box, datagram);
        } catch (WireException e) {
            return DropReason.DISCO_BAD;
        }
        return switch (message) {
            case null -> DropReason.DISCO_BAD;
            case DiscoMessage.Ping ping -> pinged(ping, known, from, byRelay, nowNanos);
            case DiscoMessage.Pong pong -> {
                ponged(pong, byRelay != null, nowNanos);
                yield null;
            }
            case DiscoMessage.CallMeMaybe call -> called(call, sender, byRelay, nowNanos);
        };
    }

    private @Nullable DropReason pinged(
            DiscoMessage.Ping ping,
            List<Target> known,
            InetSocketAddress from,
            @Nullable NodeKey byRelay,
            long nowNanos) {
        Target t = owner(ping, known, byRelay);
        if (byRelay != null) {
            Target back = t == null ? known.getFirst() : t;
            out.add(
                    new PathAction.ToRelay(
                            byRelay, seal(back, new DiscoMessage.Pong(ping.txId(), from))));
            return null;
        }
        if (t != null) {
            Candidate c = t.candidate(from);
            if (ping.txId().equals(c.lastPing)) {
                return null; // the same packet over two sockets
            }
            c.lastPing = ping.txId();
            c.pingedUsNanos = nowNanos;
        }
        Target to = t == null ? known.getFirst() : t;
        out.add(new PathAction.ToUdp(from, seal(to, new DiscoMessage.Pong(ping.txId(), from))));
        if (t != null && !t.isTrusted(nowNanos)) {
            Candidate c = t.candidate(from);
            if (c.mayBePinged(nowNanos)) {
                ping(t, c, nowNanos);
            }
        }
        return null;
    }

    /** The node that pings, when there is one answer to that. */
    private static @Nullable Target owner(
            DiscoMessage.Ping ping, List<Target> known, @Nullable NodeKey byRelay) {
        for (Target t : known) {
            if (t.key.equals(byRelay)) {
                return t;
            }
        }
        for (Target t : known) {
            if (t.key.equals(ping.sender())) {
                return t;
            }
        }
        return known.size() == 1 && ping.sender() == null ? known.getFirst() : null;
    }

    private void ponged(DiscoMessage.Pong pong, boolean byRelay, long nowNanos) {
        Probe probe = probes.remove(pong.txId());
        if (probe == null || byRelay) {
            return;
        }
        Target t = probe.target;
        if (!t.candidates.containsKey(probe.to)) {
            return;
        }
        long latency = Math.max(1, nowNanos - probe.sentNanos);
        InetSocketAddress best = t.best;
        boolean take =
                best == null
                        || best.equals(probe.to)
                        || !t.isTrusted(nowNanos)
                        || Candidate.better(probe.to, latency, best, t.bestLatencyNanos);
        if (take) {
            t.best = probe.to;
            t.bestLatencyNanos = latency;
            t.trustUntilNanos = nowNanos + TRUST_NANOS;
            announce(t);
        }
        InetSocketAddress seen = pong.source();
        if (!own.contains(seen) && seen.getPort() != 0) {
            out.add(new PathAction.SeenAs(seen));
        }
    }

    private @Nullable DropReason called(
            DiscoMessage.CallMeMaybe call,
            DiscoKey sender,
            @Nullable NodeKey byRelay,
            long nowNanos) {
        Target t = byRelay == null ? null : peers.get(byRelay);
        if (t == null || !sender.equals(t.disco)) {
            return DropReason.DISCO_BAD; // never over UDP, never for another's key
        }
        List<InetSocketAddress> usable =
                call.endpoints().stream().filter(PathFinder::isUsableCallBack).toList();
        InetSocketAddress bestBefore = t.best;
        t.setListed(usable, nowNanos, false);
        if (bestBefore != null && t.best == null) {
            announce(t);
        }
        for (InetSocketAddress a : usable) {
            Candidate c = t.candidate(a);
            c.hasBeenPinged = false;
        }
        pingAll(t, nowNanos);
        return null;
    }

    private static boolean isUsableCallBack(InetSocketAddress a) {
        boolean v6LinkLocal =
                a.getAddress().getAddress().length == 16 && a.getAddress().isLinkLocalAddress();
        return !v6LinkLocal && a.getPort() != 0;
    }

    /** Runs what is due; early and repeated calls are harmless. */
    public void poll(long nowNanos) {
        for (Iterator<Probe> i = probes.values().iterator(); i.hasNext(); ) {
            Probe p = i.next();
            if (nowNanos - p.sentNanos < PING_TIMEOUT_NANOS) {
                break;
            }
            i.remove();
            if (p.to.equals(p.target.best) && !p.target.isTrusted(nowNanos)) {
                distrust(p.target);
            }
        }
        for (Target t : List.copyOf(active)) {
            if (nowNanos - t.heartbeatNanos >= 0) {
                heartbeat(t, nowNanos);
            }
        }
    }

    /** When {@link #poll} has something to do at the latest. */
    public long nextDeadlineNanos(long nowNanos) {
        long wait = Duration.ofSeconds(60).toNanos();
        if (!probes.isEmpty()) {
            Probe oldest = probes.values().iterator().next();
            wait = Math.min(wait, oldest.sentNanos + PING_TIMEOUT_NANOS - nowNanos);
        }
        for (Target t : active) {
            wait = Math.min(wait, t.heartbeatNanos - nowNanos);
        }
        return nowNanos + Math.max(0, wait);
    }

    private void heartbeat(Target t, long nowNanos) {
        if (t.prune(nowNanos)) {
            announce(t);
        }
        if (nowNanos - t.sentNanos >= SESSION_ACTIVE_NANOS) {
            t.active = false;
            active.remove(t);
            return;
        }
        t.heartbeatNanos = nowNanos + HEARTBEAT_NANOS;
        if (t.best != null) {
            ping(t, t.candidate(t.best), nowNanos);
        }
        boolean couldBeBetter =
                t.bestLatencyNanos > GOOD_ENOUGH_NANOS
                        && nowNanos - t.discoveredNanos >= UPGRADE_NANOS;
        if (!t.isTrusted(nowNanos) || couldBeBetter) {
            discover(t, nowNanos);
        }
    }

    /** Pings every candidate and asks the peer, by relay, to do the same. */
    private void discover(Target t, long nowNanos) {
        boolean tooSoon =
                t.everDiscovered && nowNanos - t.discoveredNanos < DISCO_PING_INTERVAL_NANOS;
        if (t.disco == null || tooSoon) {
            return;
        }
        t.everDiscovered = true;
        t.discoveredNanos = nowNanos;
        pingAll(t, nowNanos);
        if (!own.isEmpty() && t.box(disco) != null) {
            out.add(new PathAction.ToRelay(t.key, seal(t, new DiscoMessage.CallMeMaybe(own))));
        }
    }

    private void pingAll(Target t, long nowNanos) {
        t.prune(nowNanos);
        for (Candidate c : t.candidates.values()) {
            if (c.mayBePinged(nowNanos) && !own.contains(c.address)) {
                ping(t, c, nowNanos);
            }
        }
    }

    private void ping(Target t, Candidate c, long nowNanos) {
        if (t.box(disco) == null || probes.size() >= MAX_PROBES) {
            return;
        }
        TxId txId = TxId.random(random);
        probes.put(txId, new Probe(t, c.address, nowNanos));
        c.hasBeenPinged = true;
        c.pingedNanos = nowNanos;
        out.add(new PathAction.ToUdp(c.address, seal(t, new DiscoMessage.Ping(txId, self))));
    }

    private byte[] seal(Target t, DiscoMessage message) {
        NaclBox box = t.box(disco);
        if (box == null) {
            throw new IllegalStateException("no disco key of " + t.key.shortText());
        }
        return DiscoPacket.seal(discoKey, box, random, message);
    }

    private void announce(Target t) {
        out.add(new PathAction.Routed(t.key, t.best, t.trustUntilNanos));
    }

    /** The peer that may be reached at {@code address}; null when none or several may. */
    public @Nullable NodeKey peerAt(InetSocketAddress address) {
        NodeKey found = null;
        for (Target t : peers.values()) {
            if (t.candidates.containsKey(address)) {
                if (found != null) {
                    return null;
                }
                found = t.key;
            }
        }
        return found;
    }

    /** Whether data was sent to {@code peer} within the last 45 s. */
    public boolean isActive(NodeKey peer) {
        Target t = peers.get(peer);
        return t != null && t.active;
    }

    /** The path to {@code peer} now, or null when it is no peer. */
    public @Nullable PathStatus status(NodeKey peer, long nowNanos) {
        Target t = peers.get(peer);
        if (t == null) {
            return null;
        }
        Duration latency = t.best == null ? Duration.ZERO : Duration.ofNanos(t.bestLatencyNanos);
        return new PathStatus(t.best, t.isTrusted(nowNanos), latency);
    }
}
