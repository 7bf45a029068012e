package hearth.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import hearth.base.IpAddress;
import hearth.control.DERPNode;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
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

    @Test
    void theSystemIsAskedOnceForManyMaps() {
        var asked = new AtomicInteger();
        var nanos = new AtomicLong(Long.MAX_VALUE); // as any other start
        var own =
                new LocalAddresses.Main(
                        IpAddress.parse("192.0.2.1"), IpAddress.parse("2001:db8::1"));
        var reach =
                new Reach(
                        null,
                        false,
                        () -> {
                            asked.incrementAndGet();
                            return own;
                        },
                        nanos::get);
        var map = new RelayMap(() -> RelayMap.Place.of(reach, true, 3478, null));
        for (int i = 0; i < 100; i++) {
            DERPNode node =
                    Objects.requireNonNull(map.get().regions().get(RelayMap.REGION))
                            .nodes()
                            .getFirst();
            assertEquals("192.0.2.1", node.ipv4());
            assertEquals("2001:db8::1", node.ipv6());
        }
        assertEquals(1, asked.get());
        nanos.addAndGet(Duration.ofSeconds(6).toNanos());
        map.get();
        assertEquals(2, asked.get(), "addresses may change");
    }

    @Test
    void aHostOfOneFamilyOnOneAddressHasNoOther() {
        var own = new LocalAddresses.Main(IpAddress.parse("192.0.2.1"), null);
        var reach = new Reach(URI.create("http://[2001:db8::2]"), false, () -> own, () -> 0);
        var place = RelayMap.Place.of(reach, false, 3478, null);
        assertEquals(
                new RelayMap.Place("2001:db8::2", null, "2001:db8::2", 443, 3478, 3479, true, null),
                place);
        assertEquals("192.0.2.1", RelayMap.Place.of(reach, true, 3478, null).ipv4());
        assertEquals("127.0.0.1", new LocalAddresses.Main(null, null).any().toString());
    }

    /** Where clients find the relay of a server URL, and by which certificate. */
    record Front(String url, boolean proxied, int port, @Nullable String pin) {}

    static final List<Front> FRONTS =
            List.of(
                    new Front("https://hearth.test", false, 443, "ours"),
                    new Front("https://hearth.test", true, 443, null),
                    new Front("https://hearth.test:9443", true, 9443, null),
                    new Front("https://hearth.test:9443", false, 9443, "ours"),
                    new Front("http://hearth.test:8080", true, 8443, "ours"));

    @ParameterizedTest
    @FieldSource("FRONTS")
    void theRelayIsBehindTheSameFrontAsThePages(Front f) {
        var own = new LocalAddresses.Main(IpAddress.parse("192.0.2.1"), null);
        var reach = new Reach(URI.create(f.url), f.proxied, () -> own, () -> 0);
        reach.listening(8080, 8443);
        var place = RelayMap.Place.of(reach, true, 3478, "ours");
        assertEquals(f.port, place.httpsPort());
        assertEquals(f.pin, place.pin());
        assertFalse(place.port80());
    }
}
