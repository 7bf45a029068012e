package hearth.app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import hearth.control.DERPNode;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

final class RelayMapTest {
    /** What clients are told of a place; {@code null}: to look the host up. */
    record Case(
            String name,
            String host,
            @Nullable String v4,
            @Nullable String v6,
            int port,
            String hostName,
            @Nullable String toldV4,
            @Nullable String toldV6) {}

    static final List<Case> CASES =
            List.of(
                    new Case("a name", "hearth.test", null, null, 443, "hearth.test", null, null),
                    new Case(
                            "an address, both families known",
                            "192.0.2.1",
                            "192.0.2.1",
                            "2001:db8::1",
                            443,
                            "192.0.2.1",
                            "192.0.2.1",
                            "2001:db8::1"),
                    new Case(
                            "an address without IPv6",
                            "192.0.2.1",
                            "192.0.2.1",
                            null,
                            443,
                            "192.0.2.1",
                            "192.0.2.1",
                            null),
                    new Case(
                            "an IPv6 address stands as in a URL",
                            "2001:db8::1",
                            "192.0.2.1",
                            "2001:db8::1",
                            443,
                            "[2001:db8::1]",
                            "192.0.2.1",
                            "2001:db8::1"),
                    new Case(
                            "brackets with another port are the client's, no IPv4 is said",
                            "2001:db8::1",
                            null,
                            "2001:db8::1",
                            8443,
                            "2001:db8::1",
                            "none",
                            "2001:db8::1"));

    @ParameterizedTest(name = "{0}")
    @FieldSource("CASES")
    void tellsWhereTheRelayIs(Case c) {
        var place = new RelayMap.Place(c.host, c.v4, c.v6, c.port, 3478, 3479, true, null);
        var regions = new RelayMap(() -> place).get().regions();
        for (int id : List.of(RelayMap.REGION, RelayMap.SECOND_REGION)) {
            DERPNode node = Objects.requireNonNull(regions.get(id)).nodes().getFirst();
            assertEquals(c.hostName, node.hostName());
            assertEquals(c.toldV4, node.ipv4());
            assertEquals(c.toldV6, node.ipv6());
            assertEquals(c.port, node.derpPort());
            assertEquals(id == RelayMap.REGION ? 3478 : 3479, node.stunPort());
        }
    }
}
