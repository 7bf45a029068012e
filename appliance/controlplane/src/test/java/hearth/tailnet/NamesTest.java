package hearth.tailnet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import hearth.base.Refused;
import hearth.testkit.ManualClock;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

final class NamesTest {
    record Case(String hostname, String label) {}

    static final List<Case> CASES =
            List.of(
                    new Case("Joe's Mac mini", "joes-mac-mini"),
                    new Case("DESKTOP-ABC", "desktop-abc"),
                    new Case("pi.local", "pi"),
                    new Case("pi.lan.local", "pi"),
                    new Case("pi.local.lan", "pi-local"),
                    new Case("box.example.com", "box-example-com"),
                    new Case("", "node"),
                    new Case("Дом", "node"),
                    new Case("日本-1", "1"),
                    new Case("--a--", "a"),
                    new Case("a\u202eb\u0000c<script>", "abcscript"),
                    new Case("x".repeat(70), "x".repeat(63)),
                    new Case("a_b@c d", "a-b-c-d"));

    @ParameterizedTest(name = "{0}")
    @FieldSource("CASES")
    void makesALabel(Case c) {
        assertEquals(c.label(), Names.label(c.hostname()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-a", "a-", "a b", "ä", "a.b", "", "xn--ü"})
    void refusesGivenNamesThatAreNoLabels(String name) {
        assertThrows(Refused.class, () -> Names.given(name));
    }

    @Test
    void namesStayUniqueAndFollowTheHostName() throws Refused, IOException {
        try (Tailnet t = MemoryJournal.tailnet(Clients.options(new ManualClock()))) {
            Node a = joinAs(t, 1, "x".repeat(63));
            Node b = joinAs(t, 2, "x".repeat(63));
            Node c = joinAs(t, 3, "laptop");
            Node d = joinAs(t, 4, "laptop");
            assertEquals("x".repeat(63), a.name());
            assertEquals("x".repeat(61) + "-1", b.name());
            assertEquals("laptop-1", d.name());
            t.removeNode(Clients.OWNER, c.id());
            assertEquals("laptop-1", told(t, d, "Laptop").name(), "keeps what it has");
            assertEquals("phone", told(t, d, "phone").name());
            t.renameNode(Clients.OWNER, d.id(), "Pocket");
            assertEquals("pocket", told(t, d, "tablet").name(), "a given name stays");
            assertEquals("tablet", t.renameNode(Clients.OWNER, d.id(), "").name());
            assertThrows(Refused.class, () -> t.renameNode(Clients.OWNER, d.id(), "x".repeat(63)));
            Node twin = joinAs(t, 9, "tablet");
            assertEquals("tablet-1", twin.name());
            t.removeNode(Clients.OWNER, d.id());
            assertEquals("tablet-1", told(t, twin, "tablet").name(), "a name stays by itself");
            assertEquals("tablet", t.renameNode(Clients.OWNER, twin.id(), "").name());
        }
    }

    private static Node joinAs(Tailnet t, int i, String hostname) throws Refused {
        String k = t.createKey(Clients.OWNER, KeyOptions.oneOff()).secret();
        return Clients.accepted(
                t.register(Clients.facts(i, i, k, Clients.host(hostname)), Clients.NO_WAIT));
    }

    private static Node told(Tailnet t, Node n, String hostname) throws Refused {
        return t.updateNode(new NodeUpdate(n.id(), null, null, 0, Clients.host(hostname), 0));
    }
}
