package hearth.tailnet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import hearth.base.IpPrefix;
import hearth.base.Refused;
import hearth.control.DERPMap;
import hearth.crypto.DiscoKey;
import hearth.testkit.ManualClock;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Random changes of a tailnet, told to many clients in deltas that gather different numbers of
 * them: each must hold what a client that comes now is told.
 */
final class MapStateModelTest {
    private static final int STEPS = 500;

    private final ManualClock clock = new ManualClock();

    /** A stream and the client at its end. */
    private static final class Stream {
        final MapState state;
        final MapClient client = new MapClient();
        MapChange seen;

        Stream(MapBuilder builder, long node, MapChange seen) {
            this.state = new MapState(builder, node);
            this.seen = seen;
        }
    }

    @Test
    void everyClientHoldsWhatAFreshOneIsTold() throws Refused, IOException {
        long seed = 4711;
        var random = new Random(seed);
        try (Tailnet tailnet = MemoryJournal.tailnet(Clients.options(clock))) {
            var builder = new MapBuilder(() -> DERPMap.EMPTY, () -> "https://hearth.example");
            MapChange tail = MapChange.first(tailnet.snapshot());
            Map<Long, Stream> streams = new HashMap<>();
            for (int step = 0; step < STEPS; step++) {
                change(tailnet, random, step);
                if (tailnet.snapshot().version() > tail.snapshot.version()) {
                    tail = tail.append(tailnet.snapshot());
                }
                streams.keySet().retainAll(ids(tailnet));
                for (long id : ids(tailnet)) {
                    if (random.nextInt(3) == 0) {
                        tell(streams, builder, id, tail);
                    }
                }
            }
            for (long id : ids(tailnet)) {
                tell(streams, builder, id, tail);
                check(builder, id, Objects.requireNonNull(streams.get(id)), tail.snapshot, seed);
            }
        }
    }

    private void tell(Map<Long, Stream> streams, MapBuilder builder, long id, MapChange tail) {
        var out = new MapBuffer();
        Stream s = streams.get(id);
        if (s == null) {
            s = new Stream(builder, id, tail);
            streams.put(id, s);
            s.state.full(out, tail.snapshot, clock.instant());
            s.client.apply(out.toString());
        } else if (s.state.delta(out, tail.snapshot, s.seen.touchedUntil(tail))) {
            s.client.apply(out.toString());
        }
        s.seen = tail;
    }

    private void check(MapBuilder builder, long id, Stream stream, Snapshot s, long seed) {
        var out = new MapBuffer();
        new MapState(builder, id).full(out, s, clock.instant());
        var fresh = new MapClient();
        fresh.apply(out.toString());
        assertEquals(fresh.peers, stream.client.peers, () -> "node " + id + ", seed " + seed);
        assertEquals(fresh.filter, stream.client.filter, () -> "node " + id + ", seed " + seed);
        assertEquals(fresh.shown(), stream.client.shown(), () -> "node " + id + ", seed " + seed);
        assertEquals(lasting(fresh.self), lasting(stream.client.self), () -> "seed " + seed);
    }

    private static JsonNode lasting(@Nullable JsonNode self) {
        ObjectNode o = (ObjectNode) Objects.requireNonNull(self).deepCopy();
        for (String told : List.of("Endpoints", "DiscoKey", "HomeDERP", "Hostinfo", "Cap")) {
            o.remove(told);
        }
        return o;
    }

    private static List<Long> ids(Tailnet t) {
        List<Long> out = new ArrayList<>();
        t.snapshot().nodes().forEach(n -> out.add(n.id()));
        return out;
    }

    private void change(Tailnet t, Random random, int step) throws Refused {
        List<Node> nodes = t.snapshot().nodes();
        if (nodes.size() < 4 || (nodes.size() < 14 && random.nextInt(6) == 0)) {
            Clients.join(t, 1000 + step, 1000 + step);
            return;
        }
        Node n = nodes.get(random.nextInt(nodes.size()));
        switch (random.nextInt(11)) {
            case 0 -> t.removeNode(Clients.OWNER, n.id());
            case 1 -> t.renameNode(Clients.OWNER, n.id(), "name" + step);
            case 2 -> t.expireNode(Clients.OWNER, n.id());
            case 3 -> t.setKeyExpiry(Clients.OWNER, n.id(), random.nextBoolean());
            case 4 -> t.authorizeNode(Clients.OWNER, n.id(), random.nextBoolean());
            case 5 -> t.connected(n.id()).close();
            case 6 -> {
                clock.advance(Duration.ofSeconds(random.nextInt(20)));
                t.tick();
            }
            case 7 -> t.approveRoutes(Clients.OWNER, n.id(), List.of(route(n)));
            case 8 -> t.unapproveRoutes(Clients.OWNER, n.id(), List.of(route(n)));
            default -> t.updateNode(update(n, random));
        }
    }

    private static IpPrefix route(Node n) {
        return IpPrefix.parse("192.168." + n.id() % 200 + ".0/24");
    }

    private static NodeUpdate update(Node n, Random random) {
        byte[] disco = new byte[32];
        random.nextBytes(disco);
        List<InetSocketAddress> endpoints = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            endpoints.add(new InetSocketAddress("192.0.2." + random.nextInt(250), 41641));
        }
        var host = n.hostinfo().json();
        host.set("RoutableIPs", hearth.control.ControlJson.tree(List.of(route(n).toString())));
        return new NodeUpdate(
                n.id(),
                random.nextBoolean() ? new DiscoKey(disco) : null,
                random.nextBoolean() ? endpoints : null,
                random.nextInt(3) * 900,
                random.nextInt(4) == 0 ? hearth.control.Hostinfo.of(host) : null,
                random.nextInt(3) == 0 ? 100 + random.nextInt(40) : 0);
    }
}
