package hearth.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import hearth.control.DERPMap;
import hearth.control.DERPNode;
import hearth.control.DERPRegion;
import hearth.crypto.NodeKey;
import hearth.crypto.SecretKey;
import hearth.derp.RelayLink;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class ForeignRegionsTest {
    private final NodeKey peer = SecretKey.generate(new Random(1)).nodeKey();

    private static final class Relay implements RelayLink {
        final List<NodeKey> sent = new ArrayList<>();
        final Set<NodeKey> present = new HashSet<>();
        boolean closed;

        @Override
        public boolean send(NodeKey to, ByteBuffer packet) {
            return sent.add(to);
        }

        @Override
        public boolean reaches(NodeKey other) {
            return present.contains(other);
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private static DERPRegion region(int id, String host, int port, boolean stunOnly) {
        var node = new DERPNode(id + "a", id, host, null, null, null, 0, stunOnly, port, false);
        return new DERPRegion(id, "r" + id, "Region " + id, List.of(node));
    }

    private static DERPMap map(DERPRegion... regions) {
        Map<Integer, DERPRegion> all = new TreeMap<>();
        for (DERPRegion r : regions) {
            all.put(r.regionId(), r);
        }
        return new DERPMap(null, all, false);
    }

    @Test
    void ourOwnRelayIsNoneOfTheOthersUnderAnyNumber() {
        DERPMap m =
                map(
                        region(900, "box.test", 0, false),
                        region(901, "box.test", 443, false),
                        region(902, "box.test", 8443, false),
                        region(903, "far.test", 0, false),
                        region(904, "stun.test", 0, true));
        assertEquals(Set.of(902, 903), ForeignRegions.others(m, 900).keySet());
        assertEquals(Set.of(900, 901, 902), ForeignRegions.others(m, 903).keySet());
    }

    @Test
    void aLinkStaysAsLongAsItsRegion() {
        var relays = new ArrayList<Relay>();
        var regions =
                new ForeignRegions(
                        (_, _) -> {
                            relays.add(new Relay());
                            return relays.getLast();
                        },
                        (_, _, _) -> {},
                        null);
        DERPRegion own = region(900, "box.test", 0, false);
        DERPMap first = map(own, region(910, "far.test", 0, false));
        DerpRoute link = regions.apply(first, 900).get(910);
        assertSame(link, regions.apply(first, 900).get(910));
        assertNotSame(
                link, regions.apply(map(own, region(910, "far.test", 1, false)), 900).get(910));
        assertEquals(2, relays.size());
        assertEquals(true, relays.getFirst().closed);
        assertEquals(Map.of(), regions.apply(map(own), 900));
        assertEquals(true, relays.getLast().closed);
    }

    @Test
    void aPeerThatCalledUsIsAnsweredAtOurRelayUntilWeAreAtItsOwn() {
        var far = new Relay();
        var own = new Relay();
        var link = new ForeignDerpRoute(910, far, own);
        link.send(peer, new byte[1]);
        assertEquals(List.of(peer), far.sent, "it is nowhere: at its home, if anywhere");
        assertEquals(910, link.regionTo(peer));
        own.present.add(peer);
        link.send(peer, new byte[1]);
        assertEquals(List.of(peer), own.sent);
        assertEquals(0, link.regionTo(peer));
        far.present.add(peer);
        link.send(peer, new byte[1]);
        assertEquals(2, far.sent.size());
        new ForeignDerpRoute(910, far, null).send(peer, new byte[1]);
        assertEquals(3, far.sent.size());
    }
}
