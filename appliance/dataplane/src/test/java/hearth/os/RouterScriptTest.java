package hearth.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.base.IpPrefix;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class RouterScriptTest {
    private final RouterScript script = new RouterScript("hearth0", 1280);

    private static Set<IpPrefix> set(String... prefixes) {
        return Stream.of(prefixes).map(IpPrefix::parse).collect(Collectors.toSet());
    }

    private static RouterState state(boolean forwarding, boolean masquerade) {
        return new RouterState(
                set("100.64.0.1/32", "fd7a:115c:a1e0::1/128"),
                set("100.64.0.2/32", "fd7a:115c:a1e0::2/128"),
                forwarding,
                masquerade,
                false);
    }

    @Test
    void changesOnlyWhatDiffers() {
        RouterState from = state(false, true);
        RouterState to =
                new RouterState(
                        from.addresses(),
                        set("100.64.0.3/32", "fd7a:115c:a1e0::2/128"),
                        false,
                        true,
                        false);
        assertEquals(
                """
                route del 100.64.0.2/32 dev hearth0 table 4168
                route replace 100.64.0.3/32 dev hearth0 table 4168
                """,
                script.change(from, to, true));
        assertEquals("", script.change(from, to, false));
    }

    @Test
    void theFirstChangeSetsAddressesBeforeRoutes() {
        assertEquals(
                """
                address replace fd7a:115c:a1e0::1/128 dev hearth0
                route replace fd7a:115c:a1e0::2/128 dev hearth0 table 4168
                """,
                script.change(RouterState.NOTHING, state(false, true), false));
    }

    @Test
    void usesNothingThatATailscaledUses() {
        assertTrue(RouterScript.TABLE != 52);
        assertTrue(RouterScript.PRIORITY_TABLE < 5210 && RouterScript.PRIORITY_BYPASS < 5210);
        assertEquals(0, Integer.decode(RouterScript.MARK_MASK) & 0xff0000);
        assertEquals(
                RouterScript.MARK_BYPASS,
                RouterScript.MARK_BYPASS & Integer.decode(RouterScript.MARK_MASK));
    }

    @Test
    void refusesForgedSourcesInBothFamilies() {
        String nft = script.nft(state(false, true), List.of("wan0"));
        String trusted = "iifname != { \"lo\", \"hearth0\" }";
        assertTrue(nft.contains(trusted + " ip saddr @members4 drop"));
        assertTrue(nft.contains(trusted + " ip6 saddr @members6 drop"));
        String others = "iifname != { \"hearth0\", \"lo\", \"wan0\" }";
        assertTrue(nft.contains(others + " ip saddr 100.64.0.0/10 drop"));
        assertTrue(nft.contains(others + " ip6 saddr fd7a:115c:a1e0::/48 drop"));
        assertTrue(nft.contains("elements = { 100.64.0.1, 100.64.0.2 }"));
    }

    @Test
    void masqueradesOnlyWhenForwardingAndAsked() {
        assertTrue(script.nft(state(true, true), List.of()).contains("masquerade"));
        assertFalse(script.nft(state(true, false), List.of()).contains("masquerade"));
        assertFalse(script.nft(state(false, true), List.of()).contains("masquerade"));
        assertTrue(script.nft(state(false, true), List.of()).contains("iifname \"hearth0\" drop"));
    }

    @Test
    void nothingNewComesInFromOutsideUnlessASiteGateway() {
        String closed = "oifname \"hearth0\" ct state != { established, related } drop";
        assertTrue(script.nft(state(true, true), List.of()).contains(closed));
        RouterState s = state(true, true);
        var open = new RouterState(s.addresses(), s.routes(), true, true, true);
        assertFalse(script.nft(open, List.of()).contains(closed));
    }

    @Test
    void refusesAnInterfaceNameThatIsNone() {
        assertThrows(IllegalArgumentException.class, () -> new RouterScript("a b", 1280));
        assertThrows(IllegalArgumentException.class, () -> new RouterScript("x".repeat(16), 1280));
    }
}
