package hearth.tailnet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.control.DERPMap;
import hearth.control.DERPNode;
import hearth.control.DERPRegion;
import hearth.policy.InvalidPolicy;
import hearth.policy.Policy;
import hearth.policy.World;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class RelaysTest {
    private static final DERPMap OWN =
            new DERPMap(
                    new DERPMap.HomeParams(Map.of(901, 1000.0)),
                    Map.of(900, own(900), 901, own(901)),
                    false);

    private static DERPRegion own(int id) {
        var node = new DERPNode(id + "a", id, "own.test", null, null, null, id, false, 0, false);
        return new DERPRegion(id, "hearth", "Hearth", List.of(node));
    }

    private static String region(int id) {
        return """
        "%d": {"RegionID": %d, "RegionCode": "fra", "Latitude": 50.1, "Nodes": [
          {"Name": "%da", "RegionID": %d, "HostName": "fra.example", "IPv6": "none"}]}
        """
                .formatted(id, id, id, id);
    }

    private static Relays relays(String derpMap) throws InvalidPolicy {
        var compiled =
                Policy.parse("{\"derpMap\": {" + derpMap + "}}", Policy.Dialect.HEARTH)
                        .compile(new World("", List.of(), List.of()));
        return Relays.of(OWN, compiled.relays());
    }

    private static DERPRegion region(Relays r, int id) {
        return Objects.requireNonNull(r.map().regions().get(id));
    }

    private static String host(Relays r, int id) {
        return region(r, id).nodes().getFirst().hostName();
    }

    private static Map<Integer, Double> scores(Relays r) {
        return Objects.requireNonNull(r.map().homeParams()).regionScore();
    }

    @Test
    void withoutTheSectionItIsTheOwnMap() {
        Relays r = Relays.of(OWN, null);
        assertSame(OWN, r.map());
        assertEquals(900, r.own());
    }

    @Test
    void regionsAreAdded() throws InvalidPolicy {
        Relays r =
                relays(
                        "\"regions\": {"
                                + region(910)
                                + "}, \"HomeParams\": {\"RegionScore\":"
                                + " {\"910\": 0.5}}");
        assertEquals(Set.of(900, 901, 910), r.map().regions().keySet());
        assertEquals("fra.example", host(r, 910));
        assertEquals("none", region(r, 910).nodes().getFirst().ipv6());
        assertEquals(50.1, region(r, 910).latitude());
        assertEquals(Map.of(901, 1000.0, 910, 0.5), scores(r));
        assertEquals(900, r.own());
        assertTrue(region(r, 900).canBeHome());
    }

    @Test
    void theOwnRelayGivesWayToARegionOfItsNumber() throws InvalidPolicy {
        Relays r = relays("\"Regions\": {" + region(900) + "," + region(999) + "}");
        assertEquals(Set.of(900, 901, 998, 999), r.map().regions().keySet());
        assertEquals("fra.example", host(r, 900));
        assertEquals("own.test", host(r, 998));
        assertEquals(998, region(r, 998).nodes().getFirst().regionId());
        assertEquals(998, r.own());
        assertEquals(Map.of(901, 1000.0), scores(r));
    }

    @Test
    void anOmittedRelayIsNobodysHome() throws InvalidPolicy {
        for (String how :
                List.of(
                        "\"OmitDefaultRegions\": true, \"Regions\": {",
                        "\"Regions\": {\"900\": null,")) {
            Relays r = relays(how + region(910) + "}");
            assertEquals(900, r.own());
            assertFalse(region(r, 900).canBeHome());
            assertFalse(region(r, 901).canBeHome());
            assertTrue(region(r, 910).canBeHome());
            assertEquals(Map.of(900, 1000.0, 901, 1000.0), scores(r));
        }
    }

    @Test
    void theLastHomeStays() throws InvalidPolicy {
        String stunOnly = region(910).replace("\"IPv6\"", "\"STUNOnly\": true, \"IPv6\"");
        for (String how : List.of("\"900\": null", "\"900\": null, \"7\": null," + stunOnly)) {
            assertTrue(region(relays("\"Regions\": {" + how + "}"), 900).canBeHome());
        }
        Relays r = relays("\"Regions\": {\"901\": null}");
        assertEquals(Set.of(900), r.map().regions().keySet());
    }
}
