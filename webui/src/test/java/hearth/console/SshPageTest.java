package hearth.console;

import static hearth.console.SignInPageTest.location;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.login.SshChecks.Answer;
import hearth.tailnet.Node;
import hearth.tailnet.Role;
import hearth.testkit.ManualClock;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class SshPageTest {
    private final ManualClock clock = new ManualClock();
    private final Served served = Served.start(clock);
    private Visitor owner = served.visitor();
    private long laptop;
    private long nas;

    @BeforeEach
    void devices() throws Exception {
        owner = served.owner();
        laptop = served.joins("laptop", "linux").id();
        nas = served.joins("nas", "linux", "tag:server").id();
        policy("90m");
    }

    @AfterEach
    void close() throws Exception {
        served.close();
    }

    private void policy(String period) throws Exception {
        String text =
                """
                {"tagOwners": {"tag:server": []},
                 "acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}],
                 "ssh": [{"action": "check", "src": ["autogroup:member"], "dst": ["tag:server"],
                          "users": ["root"], "checkPeriod": "%s"}]}
                """
                        .formatted(period);
        var _ = served.tailnet.setPolicy(served.actor(), text, null, "");
    }

    private String asks() {
        var held = assertInstanceOf(Answer.Hold.class, served.checks.ask(laptop, nas, "root"));
        return "/ssh/" + held.id();
    }

    private Answer answer(String path) throws Exception {
        return served.checks.await(
                path.substring("/ssh/".length()), laptop, nas, "root", Duration.ofMillis(1));
    }

    @Test
    void whoIsNotSignedInComesBackAfterSigningIn() throws Exception {
        String path = asks();
        String to = location(served.visitor().get(path));
        assertEquals("/login?next=" + path.replace("/", "%2F"), to);
        assertTrue(served.visitor().get(to).body().contains("value=\"" + path + "\""));
    }

    @Test
    void theOwnerSeesWhoWantsInAndSaysYes() throws Exception {
        String path = asks();
        String page = owner.get(path).body();
        assertTrue(page.contains("laptop wants to enter nas"), page);
        assertTrue(page.contains("For 90 minutes nobody is asked again"), page);
        assertFalse(page.contains("type=\"password\""), "just signed in");
        assertInstanceOf(Answer.Hold.class, answer(path), "looking lets nobody in");
        assertEquals(path, location(owner.post(path + "/confirm")));
        assertInstanceOf(Answer.Let.class, answer(path));
        assertTrue(owner.get(path).body().contains("laptop may enter nas as root"));
    }

    @Test
    void anOldSignInIsProvedOnceMore() throws Exception {
        policy("always");
        clock.advance(Duration.ofMinutes(5));
        String path = asks();
        String page = owner.get(path).body();
        assertTrue(page.contains("type=\"password\""), page);
        assertTrue(page.contains("for this one session"), page);
        assertEquals(422, owner.post(path + "/confirm").statusCode());
        var wrong = owner.post(path + "/confirm", "password", "guess");
        assertEquals(422, wrong.statusCode());
        assertTrue(wrong.body().contains("The password is wrong"));
        assertInstanceOf(Answer.Hold.class, answer(path));
        assertEquals(path, location(owner.post(path + "/confirm", "password", Served.PASSWORD)));
        assertInstanceOf(Answer.Let.class, answer(path));
    }

    @Test
    void nobodyElseConfirmsAndAnAdminMayOnlyRefuse() throws Exception {
        String path = asks();
        Visitor member = served.as(Role.MEMBER);
        String page = member.get(path).body();
        assertTrue(page.contains("not yours to confirm"), page);
        assertFalse(page.contains("laptop"), "no business of theirs");
        assertEquals(403, member.post(path + "/confirm").statusCode());
        assertEquals(403, member.post(path + "/refuse").statusCode());
        Visitor admin = served.as(Role.ADMIN);
        page = admin.get(path).body();
        assertTrue(page.contains("Only " + Served.LOGIN + " can confirm it"), page);
        assertFalse(page.contains("/confirm\""), page);
        assertEquals(403, admin.post(path + "/confirm").statusCode());
        assertEquals(path, location(admin.post(path + "/refuse")));
        assertInstanceOf(Answer.Refuse.class, answer(path));
        assertTrue(owner.get(path).body().contains("laptop was not let in"));
    }

    @Test
    void oneThatIsOverSaysSo() throws Exception {
        assertTrue(owner.get("/ssh/unknown").body().contains("No SSH session waits here"));
        assertEquals(404, owner.post("/ssh/unknown/confirm").statusCode());
        String path = asks();
        clock.advance(Duration.ofMinutes(2));
        assertTrue(owner.get(path).body().contains("No SSH session waits here"));
        assertEquals(404, owner.post(path + "/confirm").statusCode());
    }

    @Test
    void namesOfDevicesAreOnlyText() throws Exception {
        Node odd = served.joins("<b>x</b>", "linux");
        var held = assertInstanceOf(Answer.Hold.class, served.checks.ask(odd.id(), nas, "root"));
        assertFalse(owner.get("/ssh/" + held.id()).body().contains("<b>x"));
    }

    @Test
    void periodsAreNeverRounded() {
        assertEquals("12 hours", SshPages.words(Duration.ofHours(12)));
        assertEquals("1 hour", SshPages.words(Duration.ofHours(1)));
        assertEquals("90 minutes", SshPages.words(Duration.ofMinutes(90)));
        assertEquals("61 seconds", SshPages.words(Duration.ofSeconds(61)));
    }
}
