package hearth.tailnet;

import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.base.Refused;
import hearth.control.ControlJson;
import hearth.control.DERPMap;
import hearth.control.DERPNode;
import hearth.control.DERPRegion;
import hearth.control.Hostinfo;
import hearth.crypto.DiscoKey;
import hearth.testkit.ManualClock;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import tools.jackson.databind.JsonNode;

/**
 * A tailnet of two devices, one of which follows its map as a client does that forgives nothing.
 */
abstract class WatchedTailnet {
    final ManualClock clock = new ManualClock();
    final Tailnet tailnet = MemoryJournal.tailnet(Clients.options(clock));
    DERPMap derp = relays("Hearth");
    final MapBuilder builder = new MapBuilder(() -> derp, () -> "https://hearth.example");
    MapChange at = MapChange.first(tailnet.snapshot());
    MapState state = new MapState(builder, 0);
    MapClient client = new MapClient();
    Node me;
    Node other;

    @BeforeEach
    void join() throws Refused {
        me = Clients.join(tailnet, 1, 1);
        other = Clients.join(tailnet, 2, 2);
    }

    @AfterEach
    void close() throws IOException {
        tailnet.close();
    }

    static DERPMap relays(String name) {
        return DERPMap.of(
                new DERPRegion(
                        900,
                        "hearth",
                        name,
                        List.of(
                                new DERPNode(
                                        "900a",
                                        900,
                                        "192.0.2.1",
                                        null,
                                        null,
                                        null,
                                        0,
                                        false,
                                        0,
                                        false))));
    }

    void open(long id) {
        state = new MapState(builder, id);
        client = new MapClient();
        at = MapChange.first(tailnet.snapshot());
        var out = new MapBuffer();
        assertTrue(state.full(out, at.snapshot, clock.instant()));
        client.apply(out.toString());
    }

    /** The next delta's text; empty when there is nothing to say. */
    String delta() {
        MapChange next = at.append(tailnet.snapshot());
        var out = new MapBuffer();
        boolean news = state.delta(out, next.snapshot, at.touchedUntil(next));
        at = next;
        if (news) {
            client.apply(out.toString());
        }
        return out.toString();
    }

    void update(Node n, DiscoKey disco, int home, String... endpoints) throws Refused {
        tailnet.updateNode(
                new NodeUpdate(
                        n.id(),
                        disco,
                        Arrays.stream(endpoints).map(e -> new InetSocketAddress(e, 41641)).toList(),
                        home,
                        null,
                        0));
    }

    static DiscoKey disco(int fill) {
        byte[] b = new byte[32];
        Arrays.fill(b, (byte) fill);
        return new DiscoKey(b);
    }

    static List<String> fields(String frame) {
        return List.copyOf(ControlJson.MAPPER.readTree(frame).propertyNames());
    }

    void offers(Node n, int capver, String... routes) throws Refused {
        tailnet.updateNode(new NodeUpdate(n.id(), null, null, 0, offering(routes), capver));
    }

    static Hostinfo offering(String... routes) {
        var json = Clients.host("box2").json();
        json.set("RoutableIPs", ControlJson.tree(List.of(routes)));
        return Hostinfo.of(json);
    }

    static List<String> texts(JsonNode array) {
        return array.valueStream().map(JsonNode::asString).toList();
    }
}
