package hearth.login;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.base.IpAddress;
import hearth.base.IpPrefix;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

final class TrustedProxiesTest {
    private static final TrustedProxies TWO =
            new TrustedProxies(
                    List.of(IpPrefix.parse("127.0.0.1/32"), IpPrefix.parse("10.9.0.0/24")));

    /** {@code header}: the lines, between which stands a bar. */
    record Case(String name, String peer, String header, String client) {}

    static final List<Case> CASES =
            List.of(
                    new Case("a stranger's word", "198.51.100.7", "192.168.1.2", "198.51.100.7"),
                    new Case("no word", "127.0.0.1", "", "127.0.0.1"),
                    new Case("one proxy", "127.0.0.1", "203.0.113.5", "203.0.113.5"),
                    new Case("mapped", "::ffff:127.0.0.1", "::ffff:203.0.113.5", "203.0.113.5"),
                    new Case(
                            "forged in front",
                            "127.0.0.1",
                            "192.168.1.2, 203.0.113.5",
                            "203.0.113.5"),
                    new Case("two lines", "127.0.0.1", "192.168.1.2|203.0.113.5", "203.0.113.5"),
                    new Case("two proxies", "127.0.0.1", "203.0.113.5, 10.9.0.4", "203.0.113.5"),
                    new Case("a proxy asks itself", "127.0.0.1", "10.9.0.4", "10.9.0.4"),
                    new Case("with a port", "127.0.0.1", "203.0.113.5:4711", "203.0.113.5"),
                    new Case("IPv6", "127.0.0.1", "2001:db8::5", "2001:db8::5"),
                    new Case("IPv6 with a port", "127.0.0.1", "[2001:db8::5]:4711", "2001:db8::5"),
                    new Case("no address", "127.0.0.1", "192.168.1.2, unknown", "0.0.0.0"),
                    new Case("a gap", "127.0.0.1", "192.168.1.2,", "0.0.0.0"),
                    new Case("behind a gap", "127.0.0.1", "x, 203.0.113.5", "203.0.113.5"));

    private static List<String> lines(String header) {
        return header.isEmpty() ? List.of() : List.of(header.split("\\|"));
    }

    @ParameterizedTest(name = "{0}")
    @FieldSource("CASES")
    void findsTheClient(Case c) {
        assertEquals(c.client, TWO.client(IpAddress.parse(c.peer), lines(c.header)).toString());
        assertEquals(
                IpAddress.parse(c.peer).unmapped(),
                TrustedProxies.NONE.client(IpAddress.parse(c.peer), lines(c.header)),
                "nobody is trusted unless named");
    }

    @Test
    void whatCannotBeReadIsNotAtHome() {
        assertFalse(Neighbourhood.isHome(TrustedProxies.UNREADABLE));
    }

    @Test
    void whoPassesOnUnnamedIsStrange() {
        IpAddress proxy = IpAddress.parse("10.9.0.4");
        assertFalse(TWO.strange(proxy, List.of("203.0.113.5")));
        assertTrue(TrustedProxies.NONE.strange(proxy, List.of("203.0.113.5")));
        assertFalse(TrustedProxies.NONE.strange(proxy, List.of()), "he asks himself");
    }

    @Test
    void onlyAProxySaysThatThereIsTls() {
        IpAddress proxy = IpAddress.parse("10.9.0.4");
        IpAddress other = IpAddress.parse("10.9.1.4");
        assertTrue(TWO.secure(proxy, false, List.of("https")));
        assertTrue(TWO.secure(proxy, false, List.of("http, HTTPS")));
        assertFalse(TWO.secure(proxy, true, List.of("https, http")));
        assertTrue(TWO.secure(proxy, true, List.of()));
        assertFalse(TWO.secure(proxy, false, List.of()));
        assertFalse(TWO.secure(other, false, List.of("https")));
        assertTrue(TWO.secure(other, true, List.of("http")));
    }

    @Test
    void toTlsInACircle() {
        IpAddress proxy = IpAddress.parse("10.9.0.4");
        List<String> somebody = List.of("203.0.113.5");
        List<String> tls = List.of("https");
        List<String> none = List.of();
        assertTrue(TrustedProxies.NONE.circle(proxy, somebody, tls), "nobody named it");
        assertFalse(TrustedProxies.NONE.circle(proxy, somebody, none), "as a proxy for surfing");
        assertFalse(TrustedProxies.NONE.circle(proxy, none, none));
        assertTrue(TWO.circle(proxy, somebody, none), "it does not say");
        assertFalse(TWO.circle(proxy, somebody, List.of("http")));
        assertFalse(TWO.circle(proxy, none, none), "it asks itself");
    }
}
