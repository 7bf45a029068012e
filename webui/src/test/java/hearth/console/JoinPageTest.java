package hearth.console;

import static hearth.console.SignInPageTest.location;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.tailnet.Node;
import hearth.tailnet.PendingLogin;
import hearth.tailnet.Role;
import org.junit.jupiter.api.Test;

final class JoinPageTest extends AsOwner {
    private String asks() {
        String url = served.asks("phone", "iOS");
        return url.substring(url.indexOf("/join/"));
    }

    private PendingLogin waiting() {
        return served.tailnet.snapshot().logins().getFirst();
    }

    @Test
    void aStrangerSeesTheCodeAndThenWhatBecameOfIt() throws Exception {
        String path = asks();
        Visitor stranger = served.visitor();
        String page = stranger.get(path).body();
        assertTrue(page.contains(waiting().code()));
        assertTrue(page.contains("/login?next=" + path));
        assertFalse(page.contains(Served.LOGIN), "no login is shown to strangers");
        assertEquals(204, stranger.htmx().get(path + "/state").statusCode());
        assertEquals(303, stranger.post(path + "/approve").statusCode());
        assertEquals(1, served.tailnet.snapshot().logins().size(), "looking lets nobody in");

        assertEquals(path, location(owner.post(path + "/approve", "as", "owner")));
        Node n = served.tailnet.snapshot().nodes().getFirst();
        assertEquals(Served.LOGIN, served.tailnet.snapshot().userOf(n).login());
        var done = stranger.htmx().get(path + "/state");
        assertEquals(286, done.statusCode());
        assertTrue(done.body().contains("phone is in"));
    }

    @Test
    void anAdminChoosesOwnerOrTags() throws Exception {
        var _ = served.as(Role.MEMBER);
        String path = asks();
        assertTrue(owner.get(path).body().contains("member@hearth.internal"));
        var _ = owner.post(path + "/approve", "as", "owner", "owner", "member@hearth.internal");
        Node n = served.tailnet.snapshot().nodes().getFirst();
        assertEquals("member@hearth.internal", served.tailnet.snapshot().userOf(n).login());
        String second = asks();
        assertEquals(422, owner.post(second + "/approve", "as", "tags").statusCode());
        var _ = owner.post(second + "/approve", "as", "tags", "tags", "kiosk");
        assertEquals("[tag:kiosk]", served.tailnet.snapshot().nodes().getLast().tags().toString());
    }

    @Test
    void aMemberTakesTheOwnDeviceAndNobodyElses() throws Exception {
        Visitor member = served.as(Role.MEMBER);
        String path = asks();
        assertTrue(member.get(path).body().contains("It becomes yours"));
        assertEquals(
                403,
                member.post(path + "/approve", "as", "owner", "owner", Served.LOGIN).statusCode());
        assertEquals(path, location(member.post(path + "/approve", "as", "owner")));
        Node n = served.tailnet.snapshot().nodes().getFirst();
        assertEquals("member@hearth.internal", served.tailnet.snapshot().userOf(n).login());
    }

    @Test
    void refusesAndSaysSo() throws Exception {
        String path = asks();
        var _ = owner.post("/admin/logins/" + waiting().id() + "/refuse", "back", "/admin");
        assertTrue(served.tailnet.snapshot().logins().isEmpty());
        assertTrue(served.visitor().get(path).body().contains("was not let in"));
        assertTrue(served.visitor().get("/join/doesnotexist").body().contains("No device waits"));
    }

    @Test
    void oneClickOnTheOverviewLetsItInAsMine() throws Exception {
        var _ = asks();
        String id = waiting().id();
        assertTrue(owner.get("/admin").body().contains("phone (iOS) wants to join"));
        assertEquals(
                "/admin",
                location(owner.post("/admin/logins/" + id + "/approve", "back", "/admin")));
        assertTrue(owner.get("/admin").body().contains("phone is in"));
    }

    @Test
    void theTypedCodeLeadsThereForThoseWhoMayDecide() throws Exception {
        String path = asks();
        String code = waiting().code();
        assertEquals(path, location(owner.get("/join?code=" + code)));
        assertEquals(404, served.as(Role.MEMBER).get("/join?code=" + code).statusCode());
        assertTrue(served.visitor().get("/join/" + code).body().contains("No device waits"));
    }
}
