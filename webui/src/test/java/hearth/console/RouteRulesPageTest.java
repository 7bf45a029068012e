package hearth.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.tailnet.Role;
import hearth.testkit.ManualClock;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Every route, as everybody: who may not, gets nothing and changes nothing. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RouteRulesPageTest {
    private final Served served = Served.start(new ManualClock());

    @BeforeAll
    void setUp() throws Exception {
        var _ = served.owner();
        var _ = served.joins("nas", "linux", "tag:server");
    }

    @AfterAll
    void close() throws Exception {
        served.close();
    }

    @Test
    void everyRouteHasItsOwnPathAndARule() {
        Set<String> seen = new HashSet<>();
        for (Route r : served.console.routes()) {
            assertTrue(seen.add(r.toString()), r.toString());
            boolean open = r.path().startsWith("/join/{id}") || r.path().startsWith("/assets/");
            boolean door = Set.of("/", "/setup", "/login").contains(r.path());
            Rule.Kind kind = r.rule().kind();
            assertEquals(open && !r.change(), kind == Rule.Kind.PUBLIC, r.toString());
            assertEquals(door, kind == Rule.Kind.AT_HOME, r.toString());
            boolean part = r.path().contains("/_/") || r.path().endsWith("/state");
            assertEquals(part && !r.change(), !r.page().isEmpty(), r.toString());
            if (r.path().startsWith("/admin") && r.change()) {
                boolean own = r.path().startsWith("/admin/account/");
                assertEquals(own, r.rule().right() == null, r.toString());
            }
        }
        assertTrue(seen.size() > 50, "routes: " + seen.size());
    }

    @Test
    void nobodyIsSentToSignIn() throws Exception {
        for (Route r : served.console.routes()) {
            if (!r.rule().needsPerson()) {
                continue;
            }
            HttpResponse<String> res = send(served.visitor(), r);
            assertEquals(303, res.statusCode(), r.toString());
            String to = res.headers().firstValue("Location").orElse("");
            assertTrue(to.startsWith("/login?next="), r + " to " + to);
            HttpResponse<String> script = send(served.visitor().htmx(), r);
            assertEquals(401, script.statusCode(), r.toString());
            assertTrue(script.headers().firstValue("HX-Redirect").isPresent(), r.toString());
        }
    }

    @Test
    void aRoleWithoutTheRightIsRefusedAndOneWithItIsNot() throws Exception {
        for (Role role : Role.values()) {
            for (Route r : served.console.routes()) {
                if (!r.rule().needsPerson() || r.path().equals("/admin/events")) {
                    continue;
                }
                // a session of its own: some routes end it
                Visitor v = role == Role.OWNER ? served.owner() : served.as(role);
                HttpResponse<String> res = send(r.page().isEmpty() ? v : v.htmx(), r);
                String what = role + " " + r + " " + res.statusCode();
                assertEquals(!r.rule().allows(role), res.statusCode() == 403, what);
                assertTrue(res.statusCode() < 500 && res.statusCode() != 401, what);
            }
        }
    }

    @Test
    void changesWithoutTokenOrFromElsewhereChangeNothing() throws Exception {
        Visitor owner = served.owner();
        String token = owner.token();
        String own = served.base();
        long before = served.tailnet.snapshot().version();
        List<String[]> tries = new ArrayList<>();
        tries.add(new String[] {"", "Origin", own});
        tries.add(new String[] {"_csrf=wrong", "Origin", own});
        tries.add(new String[] {"_csrf=" + token, "Origin", "https://evil.example"});
        tries.add(new String[] {"_csrf=" + token, "Origin", "null"});
        tries.add(new String[] {"_csrf=" + token, "Origin", own, "Sec-Fetch-Site", "cross-site"});
        tries.add(new String[] {"_csrf=" + token, "Origin", own, "Sec-Fetch-Site", "same-site"});
        tries.add(new String[] {"_csrf=" + token, "Sec-Fetch-Site", "none"});
        tries.add(new String[] {"_csrf=" + token});
        for (Route r : served.console.routes()) {
            if (!r.change()) {
                continue;
            }
            for (String[] t : tries) {
                if (!r.rule().needsPerson() && t[t.length - 1].equals(own)) {
                    continue; // sign-in has no session whose token it could carry
                }
                String[] headers = Arrays.copyOfRange(t, 1, t.length);
                HttpResponse<String> res = owner.raw(path(r), t[0], headers);
                assertEquals(403, res.statusCode(), r + " " + String.join(" ", t));
            }
        }
        assertEquals(before, served.tailnet.snapshot().version());
    }

    @Test
    void lookingChangesNothingAndEveryPageIsLockedDown() throws Exception {
        Visitor owner = served.owner();
        long before = served.tailnet.snapshot().version();
        for (int round = 0; round < 2; round++) {
            for (Route r : served.console.routes()) {
                if (r.change() || r.path().equals("/admin/events")) {
                    continue;
                }
                HttpResponse<String> res = send(owner, r);
                assertEquals(
                        Gate.CSP,
                        res.headers().firstValue("Content-Security-Policy").orElse(""),
                        r.toString());
                String body = res.body();
                assertFalse(body.contains(" style="), r.toString());
                assertFalse(body.matches("(?s).*\\son[a-z]+=\".*"), r.toString());
                assertFalse(body.matches("(?s).*<script(?! src=).*"), r.toString());
            }
        }
        assertEquals(before, served.tailnet.snapshot().version());
    }

    @Test
    void partsAskedForByAPersonLeadToTheirPage() throws Exception {
        Visitor owner = served.owner();
        for (Route r : served.console.routes()) {
            if (!r.page().isEmpty()) {
                HttpResponse<String> res = owner.get(path(r));
                assertEquals(303, res.statusCode(), r.toString());
                assertEquals(
                        r.page().replace("{id}", "1"),
                        res.headers().firstValue("Location").orElse("").replace("{id}", "1"));
            }
        }
    }

    private static HttpResponse<String> send(Visitor v, Route r) throws Exception {
        return r.change() ? v.post(path(r)) : v.get(path(r));
    }

    private static String path(Route r) {
        return r.path()
                .replace("{id}", r.change() ? "999" : "1")
                .replace("{version}", "1")
                .replaceAll("\\{[^}]*}", "x");
    }
}
