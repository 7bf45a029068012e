package hearth.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.login.Neighbourhood;
import hearth.tailnet.Role;
import hearth.tailnet.User;
import hearth.testkit.ManualClock;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class SignInPageTest {
    private final ManualClock clock = new ManualClock();
    private final Served served = Served.start(clock);

    @AfterEach
    void close() throws Exception {
        served.close();
    }

    @Test
    void theTokenMakesTheOwnerOnceAndSignsHimIn() throws Exception {
        Visitor v = served.visitor();
        assertEquals("/setup", location(v.get("/admin")));
        assertEquals("/setup", location(v.get("/login")));
        assertTrue(v.get("/setup").body().contains("Setup token"));
        String token = served.logins.setupToken().orElseThrow();

        HttpResponse<String> wrong = setup(v, "AAAA-AAAA-AAAA", "ana", Served.PASSWORD);
        assertEquals(422, wrong.statusCode());
        assertTrue(wrong.body().contains("value=\"Ana\""), "what was typed stays");
        assertFalse(wrong.body().contains(Served.PASSWORD));
        assertEquals(422, setup(v, token, "ana", "short").statusCode());
        assertEquals(422, setup(v, token, "a b c", Served.PASSWORD).statusCode());
        assertFalse(served.logins.setUp());

        HttpResponse<String> done = setup(v, token, "ana", Served.PASSWORD);
        assertEquals("/admin", location(done));
        assertEquals(200, v.get("/admin").statusCode());
        assertEquals(Served.LOGIN, served.tailnet.snapshot().owner().login());
        assertEquals(Role.OWNER, served.tailnet.snapshot().owner().role());

        Visitor late = served.visitor();
        assertEquals("/login", location(setup(late, token, "eve", Served.PASSWORD)));
        assertEquals("/login", location(late.get("/setup")));
    }

    @Test
    void theTokenHasOneWinnerAmong64() throws Exception {
        String token = served.logins.setupToken().orElseThrow();
        List<Future<String>> tries = new ArrayList<>();
        try (var all = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 64; i++) {
                String login = "person" + i;
                Visitor v = served.visitor();
                v.get("/setup");
                tries.add(
                        all.submit(
                                () -> {
                                    var res = setup(v, token, login, Served.PASSWORD);
                                    return res.headers().firstValue("Location").orElse("")
                                            + " "
                                            + login;
                                }));
            }
        }
        List<String> winners = new ArrayList<>();
        for (Future<String> t : tries) {
            if (t.get().startsWith("/admin ")) {
                winners.add(t.get().substring("/admin ".length()));
            }
        }
        assertEquals(1, winners.size(), winners::toString);
        String owner = served.tailnet.snapshot().owner().login();
        assertEquals(served.tailnet.login(winners.getFirst()), owner);
        assertTrue(served.logins.setupToken().isEmpty());
        assertEquals(
                List.of(owner),
                served.tailnet.snapshot().users().stream()
                        .map(User::login)
                        .filter(served.logins::hasPassword)
                        .toList());
    }

    @Test
    void aSessionIsNewAtSignInAndGoneAtSignOut() throws Exception {
        var _ = served.owner();
        Visitor v = served.visitor();
        v.cookie("planted-by-somebody-else-0123456789012345678");
        HttpResponse<String> in =
                v.post("/login", "login", "ANA", "password", Served.PASSWORD, "next", "/admin/dns");
        assertEquals("/admin/dns", location(in));
        String set = in.headers().firstValue("Set-Cookie").orElse("");
        for (String flag :
                List.of("__Host-hearth=", "Secure", "HttpOnly", "SameSite=Lax", "Path=/")) {
            assertTrue(set.contains(flag), set);
        }
        String first = v.cookie();
        assertNotEquals("planted-by-somebody-else-0123456789012345678", first);
        assertEquals(200, v.get("/admin").statusCode());
        assertEquals("/login", location(v.post("/logout")));
        v.cookie(String.valueOf(first));
        assertEquals(303, v.get("/admin").statusCode());
    }

    /** It would have the whole world look like the machine that it runs on. */
    @Test
    void aProxyThatNobodyNamedIsNotAtHome() throws Exception {
        var _ = served.owner();
        Visitor v = served.visitor();
        String form = "_csrf=&login=ana&password=" + Served.PASSWORD.replace(' ', '+');
        String[] forwarded = {"Origin", served.base(), "X-Forwarded-For", "192.168.1.2"};
        HttpResponse<String> refused = v.raw("/login", form, forwarded);
        assertEquals(404, refused.statusCode());
        assertTrue(refused.body().contains("--trusted-proxies"), refused.body());
        assertEquals("/admin", location(v.raw("/login", form, "Origin", served.base())));
    }

    @Test
    void wrongPasswordsSoundTheSameAndAreBraked() throws Exception {
        var _ = served.owner();
        Visitor v = served.visitor();
        String unknown = v.post("/login", "login", "nobody", "password", "x").body();
        String wrong = v.post("/login", "login", "ana", "password", "x").body();
        assertEquals(
                unknown.replace("nobody", "ana"), wrong, "nothing tells whether the login exists");
        int braked = 0;
        for (int i = 0; i < 10; i++) {
            HttpResponse<String> res = v.post("/login", "login", "ana", "password", "x");
            if (res.statusCode() == 429) {
                braked++;
                assertTrue(res.headers().firstValue("Retry-After").isPresent());
            }
        }
        assertTrue(braked >= 6, "braked " + braked);
        assertEquals(
                429, v.post("/login", "login", "ana", "password", Served.PASSWORD).statusCode());
        clock.advance(Duration.ofSeconds(61));
        assertEquals(
                "/admin", location(v.post("/login", "login", "ana", "password", Served.PASSWORD)));
    }

    @Test
    void onlyOwnPathsAreGoneOnTo() {
        for (String bad :
                List.of(
                        "https://evil.example/admin",
                        "//evil.example",
                        "/\\evil.example",
                        "/admin\\@evil",
                        "/administrator",
                        "javascript:alert(1)",
                        "/admin\r\nSet-Cookie: x=1",
                        "")) {
            assertEquals("/admin", Gate.safeNext(bad), bad);
        }
        assertEquals("/admin/dns?x=1", Gate.safeNext("/admin/dns?x=1"));
        assertEquals("/join/abc", Gate.safeNext("/join/abc"));
        assertEquals("/admin/machines?q=x", Gate.ownPath("https://h:8443/admin/machines?q=x#y"));
    }

    @Test
    void aSuspendedPersonIsOutAtOnceAndALowerRoleCountsAtOnce() throws Exception {
        var _ = served.owner();
        Visitor admin = served.as(Role.ADMIN);
        assertEquals(200, admin.get("/admin/machines").statusCode());
        String login = "admin@hearth.internal";
        served.tailnet.setRole(served.actor(), login, Role.MEMBER);
        assertEquals(403, admin.get("/admin/machines").statusCode());
        assertTrue(admin.get("/admin").body().contains("Your devices"));
        served.tailnet.setSuspended(served.actor(), login, true);
        assertEquals(303, admin.get("/admin").statusCode());
    }

    @Test
    void aNewPasswordNeedsTheOldOneAndEndsOtherSessions() throws Exception {
        Visitor here = served.owner();
        Visitor elsewhere = served.as(Served.LOGIN);
        String next = "five quiet green words";
        HttpResponse<String> no =
                here.post(
                        "/admin/account/password",
                        "password-now",
                        "wrong",
                        "password",
                        next,
                        "password2",
                        next);
        assertEquals(422, no.statusCode());
        HttpResponse<String> yes =
                here.post(
                        "/admin/account/password",
                        "password-now",
                        Served.PASSWORD,
                        "password",
                        next,
                        "password2",
                        next);
        assertEquals("/admin/account", location(yes));
        assertTrue(here.get("/admin/account").body().contains("Password changed"));
        assertEquals(303, elsewhere.get("/admin").statusCode());
        assertNotNull(here.cookie());
    }

    @Test
    void strangersOutsideFindNothingButTheJoinPage() throws Exception {
        try (Served away = Served.start(clock, 0, a -> !Neighbourhood.isHome(a))) {
            Visitor v = away.visitor();
            for (String path : List.of("/", "/admin", "/login", "/setup", "/admin/machines")) {
                HttpResponse<String> res = v.get(path);
                assertEquals(404, res.statusCode(), path);
                assertEquals("", res.body(), path);
            }
            assertEquals(200, v.get("/join/abcdef").statusCode());
        }
    }

    private static HttpResponse<String> setup(
            Visitor v, String token, String login, String password) throws Exception {
        return v.post(
                "/setup",
                "token",
                token,
                "name",
                "Ana",
                "login",
                login,
                "password",
                password,
                "password2",
                password);
    }

    static String location(HttpResponse<String> res) {
        return res.headers().firstValue("Location").orElse("status " + res.statusCode());
    }
}
