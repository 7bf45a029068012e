package hearth.app;

import hearth.api.Paths;
import hearth.base.IpAddress;
import hearth.base.IpPrefix;
import hearth.control.DERPRegion;
import hearth.control.PingResponse;
import hearth.derp.DerpServer;
import hearth.engine.PeerStatus;
import hearth.policy.RelaySection;
import hearth.relay.RelayService;
import hearth.tailnet.MapSessions;
import hearth.tailnet.Node;
import hearth.tailnet.Snapshot;
import hearth.tailnet.Tailnet;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the ways between devices: the appliance's own by its engine, relayed ones by the
 * last 30 s of the relay, others by asking a device to ping. Thread-safe.
 */
final class MeasuredPaths implements Paths {
    private static final Duration RELAY_MEMORY = Duration.ofSeconds(30);
    private static final Duration PING_MEMORY = Duration.ofMinutes(5);
    private static final Duration PROBE_LIMIT = Duration.ofSeconds(9);
    private static final int MAX_PROBES = 256;
    private static final IpPrefix UNIQUE_LOCAL = IpPrefix.parse("fc00::/7"); // RFC 4193

    private record Ends(long from, long to) {}

    private final Tailnet tailnet;
    private final MapSessions maps;
    private final RelayService relay;
    private final OwnNode own;
    private final InstantSource clock;
    private final Map<Ends, Pair> pinged = new ConcurrentHashMap<>();

    MeasuredPaths(
            Tailnet tailnet,
            MapSessions maps,
            RelayService relay,
            OwnNode own,
            InstantSource clock) {
        this.tailnet = tailnet;
        this.maps = maps;
        this.relay = relay;
        this.own = own;
        this.clock = clock;
    }

    @Override
    public List<Pair> pairs(boolean probe) {
        Snapshot s = tailnet.snapshot();
        if (probe) {
            probe(s);
        }
        Map<Ends, Pair> all = new HashMap<>();
        Instant oldest = clock.instant().minus(PING_MEMORY);
        pinged.values().removeIf(p -> p.measured().isBefore(oldest));
        all.putAll(pinged);
        relayed(s).forEach(p -> all.put(ends(p), later(all.get(ends(p)), p)));
        ofOwnNode(s).forEach(p -> all.put(ends(p), p));
        List<Pair> out = new ArrayList<>(all.values());
        out.sort(Comparator.comparingLong(Pair::from).thenComparingLong(Pair::to));
        return out;
    }

    /** The way between the appliance and a device; null when nothing is known. */
    @Nullable Pair toNode(long node) {
        Snapshot s = tailnet.snapshot();
        for (Pair p : ofOwnNode(s)) {
            if (p.to() == node) {
                return p;
            }
        }
        for (Pair p : relayed(s)) {
            if (p.from() == node || p.to() == node) {
                return p;
            }
        }
        Pair p = pinged.get(ends(own.id(), node));
        return p == null || p.measured().isBefore(clock.instant().minus(PING_MEMORY)) ? null : p;
    }

    private static Ends ends(Pair p) {
        return ends(p.from(), p.to());
    }

    private static Ends ends(long a, long b) {
        return new Ends(Math.min(a, b), Math.max(a, b));
    }

    /** The later one; relayed twice: with the round trip that a ping took, the relay knows none. */
    private static Pair later(@Nullable Pair a, Pair b) {
        if (a == null) {
            return b;
        }
        Pair p = a.measured().isAfter(b.measured()) ? a : b;
        return p.latency() != null || a.kind() != b.kind()
                ? p
                : new Pair(
                        p.from(),
                        p.to(),
                        p.kind(),
                        p.via(),
                        a.latency() == null ? b.latency() : a.latency(),
                        p.measured());
    }

    private List<Pair> relayed(Snapshot s) {
        long nowNanos = System.nanoTime();
        Map<Ends, Pair> out = new HashMap<>();
        for (DerpServer.Client c : relay.clients()) {
            for (DerpServer.Flow f : c.flows()) {
                long age = nowNanos - f.lastNanos();
                Node from = s.nodeByKey(c.key());
                Node to = s.nodeByKey(f.to());
                if (age > RELAY_MEMORY.toNanos() || f.bytes() == 0 || from == null || to == null) {
                    continue;
                }
                var p =
                        new Pair(
                                from.id(),
                                to.id(),
                                Kind.RELAYED,
                                RelayMap.CODE,
                                null,
                                clock.instant().minusNanos(age));
                out.put(ends(p), later(out.get(ends(p)), p));
            }
        }
        return List.copyOf(out.values());
    }

    private List<Pair> ofOwnNode(Snapshot s) {
        List<Pair> out = new ArrayList<>();
        for (PeerStatus p : own.peers()) {
            Node peer = s.nodeByKey(p.peer());
            if (peer == null || !p.active()) {
                continue;
            }
            var direct = p.path().direct();
            if (direct != null && p.path().trusted()) {
                out.add(
                        new Pair(
                                own.id(),
                                peer.id(),
                                kindOf(direct.getAddress()),
                                text(direct),
                                p.path().latency(),
                                clock.instant()));
            } else if (p.relay() != 0) {
                out.add(
                        new Pair(
                                own.id(),
                                peer.id(),
                                Kind.RELAYED,
                                code(s, p.relay()),
                                null,
                                clock.instant()));
            }
        }
        return out;
    }

    /** What people call a region: that of the policy, or our own wherever it stands in the map. */
    private static String code(Snapshot s, int region) {
        RelaySection others = s.compiled().relays();
        DERPRegion r = others == null ? null : others.regions().get(region);
        return r == null ? RelayMap.CODE : r.regionCode();
    }

    private static String text(InetSocketAddress address) {
        return IpAddress.of(address.getAddress()).unmapped().withPort(address.getPort());
    }

    private static Kind kindOf(InetAddress a) {
        boolean near = a.isSiteLocalAddress() || a.isLinkLocalAddress();
        return near || UNIQUE_LOCAL.contains(IpAddress.of(a)) ? Kind.LAN : Kind.DIRECT;
    }

    private void probe(Snapshot s) {
        Map<Ends, CompletableFuture<PingResponse>> asked = new HashMap<>();
        List<Node> online =
                s.nodes().stream()
                        .filter(n -> !n.local() && n.authorized() && s.presence(n.id()).online())
                        .toList();
        for (Node from : online) {
            for (Node to : s.nodes()) {
                boolean wanted = to.local() || (to.id() > from.id() && online.contains(to));
                if (wanted
                        && asked.size() < MAX_PROBES
                        && s.compiled().peers(from.id()).stream()
                                .anyMatch(v -> v.id() == to.id())) {
                    asked.put(
                            new Ends(from.id(), to.id()),
                            maps.ping(from.id(), address(s, to), "disco"));
                }
            }
        }
        long deadline = System.nanoTime() + PROBE_LIMIT.toNanos();
        asked.forEach(
                (ends, answer) -> {
                    try {
                        long left = Math.max(0, deadline - System.nanoTime());
                        PingResponse r = answer.get(left, TimeUnit.NANOSECONDS);
                        Pair p = fromHere(s, pair(ends, r));
                        pinged.put(ends(p), p);
                    } catch (ExecutionException | TimeoutException e) {
                        pinged.remove(ends(ends.from(), ends.to()));
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
    }

    /** An address that others know: the policy may hide the IPv4 one. */
    private static IpAddress address(Snapshot s, Node n) {
        var allowed = s.compiled().allowedIps(n.id());
        return allowed.isEmpty() ? n.v4() : allowed.getFirst().address();
    }

    private Pair pair(Ends ends, PingResponse r) {
        String endpoint = r.endpoint();
        Duration latency = Duration.ofNanos((long) (r.latencySeconds() * 1e9));
        Kind kind = Kind.UNKNOWN;
        String via = "";
        if (endpoint != null && !endpoint.isEmpty()) {
            via = endpoint;
            IpAddress a = IpAddress.tryParse(hostOf(endpoint));
            kind = a == null ? Kind.DIRECT : kindOf(a.toInetAddress());
        } else if (r.derpRegionId() != 0) {
            kind = Kind.RELAYED;
            via = r.derpRegionCode() == null ? RelayMap.CODE : r.derpRegionCode();
        }
        return new Pair(
                ends.from(),
                ends.to(),
                kind,
                via,
                kind == Kind.UNKNOWN ? null : latency,
                clock.instant());
    }

    /**
     * A device that pinged the appliance, told as the way from here: the round trip is the same,
     * its address is known where it told of one alone.
     */
    private Pair fromHere(Snapshot s, Pair p) {
        Node device = s.node(p.from());
        if (p.to() != own.id() || device == null) {
            return p;
        }
        String via = p.via();
        if (p.kind() != Kind.RELAYED) {
            var endpoints = device.endpoints();
            via = endpoints.size() == 1 ? text(endpoints.getFirst()) : "";
        }
        return new Pair(p.to(), p.from(), p.kind(), via, p.latency(), p.measured());
    }

    private static String hostOf(String endpoint) {
        String host = endpoint.substring(0, Math.max(0, endpoint.lastIndexOf(':')));
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }
}
