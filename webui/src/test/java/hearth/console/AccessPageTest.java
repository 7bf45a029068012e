package hearth.console;

import static hearth.console.SignInPageTest.location;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.policy.InvalidPolicy;
import hearth.tailnet.Node;
import hearth.testkit.ManualClock;
import java.net.http.HttpResponse;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class AccessPageTest {
    private static final String PAGE = "/admin/access";
    private static final String SERVERS =
            """
            // servers only, and only the web
            {
              "tagOwners": {"tag:server": ["autogroup:admin"]},
              "acls": [
                {"action": "accept", "src": ["autogroup:member"], "dst": ["tag:server:80,443"]}, // web
              ],
            }
            """;
    private final Served served = Served.start(new ManualClock());
    private Visitor owner = served.visitor();

    @BeforeEach
    void signIn() throws Exception {
        owner = served.owner();
        var _ = served.joins("nas", "linux", "tag:server");
        var _ = served.joins("laptop", "macOS");
        var _ = served.joins("phone", "iOS");
    }

    @AfterEach
    void close() throws Exception {
        served.close();
    }

    @Test
    void aSaveShowsFirstWhoLosesWhatAndKeepsComments() throws Exception {
        String body = check(SERVERS).body();
        assertTrue(body.contains("What a save would do"), body);
        assertTrue(body.contains("laptop, phone"));
        assertTrue(body.contains("0-79,81-442,444-65535"), "web stays, the rest goes");
        assertFalse(served.tailnet.snapshot().policy().text().equals(SERVERS));
        assertEquals(PAGE, location(save(SERVERS, body, "less is more")));
        assertEquals(SERVERS, served.tailnet.snapshot().policy().text());
        assertTrue(owner.get(PAGE).body().contains("// servers only, and only the web"));
        assertTrue(owner.get(PAGE + "/history").body().contains("less is more"));
    }

    @Test
    void aTextThatWasChangedAfterItsPreviewIsPreviewedAgain() throws Exception {
        String body = check(SERVERS).body();
        String other = SERVERS.replace("80,443", "22");
        HttpResponse<String> res = save(other, body, "");
        assertEquals(200, res.statusCode());
        assertTrue(res.body().contains("What a save would do"));
        assertEquals(0, served.tailnet.snapshot().policy().saved().version());
    }

    @Test
    void problemsStandAtTheirLinesAndNothingIsSaved() throws Exception {
        String wrong = SERVERS.replace("autogroup:member", "group:familly");
        HttpResponse<String> res = check(wrong);
        assertEquals(422, res.statusCode());
        assertTrue(res.body().contains("data-line=\"5\""), res.body());
        assertTrue(res.body().contains("group:familly"));
        assertTrue(res.body().contains("// web"), "the text stays");
        assertTrue(res.body().contains("<li id=\"L5\">"), "a browser without script needs lines");
        HttpResponse<String> part = owner.htmx().post("/admin/_/access/check", "text", wrong);
        assertEquals(200, part.statusCode());
        assertTrue(part.body().contains("Line 5"));
        assertFalse(part.body().contains("<textarea"));
        assertTrue(
                owner.htmx()
                        .post("/admin/_/access/check", "text", SERVERS)
                        .body()
                        .contains("id=\"problems\""));
    }

    @Test
    void theSecondOfTwoAuthorsIsToldAndLosesNothing() throws Exception {
        String mine = check(SERVERS).body();
        served.tailnet.setPolicy(served.actor(), "{\"acls\": []}", null, "");
        HttpResponse<String> res = save(SERVERS, mine, "");
        assertEquals(409, res.statusCode());
        assertTrue(res.body().contains("saved version 1"));
        assertTrue(res.body().contains("// web"), "the text stays");
        assertEquals(PAGE, location(save(SERVERS, res.body(), "")));
        assertEquals(2, served.tailnet.snapshot().policy().saved().version());
    }

    @Test
    void anOldTextComesBackThroughThePreview() throws Exception {
        var _ = save(SERVERS, check(SERVERS).body(), "");
        served.tailnet.setPolicy(served.actor(), "{\"acls\": []}", null, "");
        String past = owner.get(PAGE + "/history/1").body();
        assertTrue(past.contains("Bring it back"));
        String body = check(SERVERS).body();
        assertTrue(body.contains("gained"));
        var _ = save(SERVERS, body, "back to version 1");
        assertEquals(3, served.tailnet.snapshot().policy().saved().version());
        assertEquals(404, owner.get(PAGE + "/history/77").statusCode());
    }

    @Test
    void anOldTextThatFailsItsTestsByNowIsRefusedWithTheTest() throws Exception {
        String tested =
                """
                {"acls": [{"action": "accept", "src": ["laptop"], "dst": ["nas:22"]}],
                 "tests": [{"src": "laptop", "accept": ["nas:22"]}]}
                """;
        var _ = save(tested, check(tested).body(), "");
        served.tailnet.setPolicy(served.actor(), "{\"acls\": []}", null, "");
        assertEquals(200, check(tested).statusCode());
        served.tailnet.removeNode(served.actor(), node("nas").id());
        HttpResponse<String> res = check(tested);
        assertEquals(422, res.statusCode());
        assertTrue(res.body().contains("test of \"laptop\": address"), res.body());
        assertTrue(res.body().contains("means no device"));
        assertTrue(
                owner.htmx()
                        .post("/admin/_/access/check", "text", tested)
                        .body()
                        .contains("test of"));
        assertThrows(InvalidPolicy.class, () -> served.tailnet.rollBackPolicy(served.actor(), 1));
        assertEquals("{\"acls\": []}", served.tailnet.snapshot().policy().text());
    }

    @Test
    void explainsWhoReachesWhat() throws Exception {
        var _ = save(SERVERS, check(SERVERS).body(), "");
        assertTrue(explain("laptop", "nas", "443").contains("Yes on port 443"));
        assertTrue(explain("laptop", "nas", "443").contains("Line 5"));
        assertTrue(explain("laptop", "nas", "22").contains("opens port 80,443, not 22"));
        assertTrue(explain("laptop", "nas", "22").contains("No on port 22"));
        assertTrue(explain(Served.LOGIN, "tag:server", "80").contains("Yes on port 80"));
        assertTrue(explain("nas", "laptop", "80").contains("No on port 80"));
        assertTrue(explain("laptop", "10.9.0.7", "80").contains("No on port 80"));
        Node nas = served.tailnet.snapshot().nodes().getFirst();
        served.offers(nas, "10.9.0.0/24");
        assertEquals(422, owner.get(PAGE + "/explain?src=nobody&dst=nas").statusCode());
    }

    @Test
    void whatIsAboutHundredsSaysHowMuchOfItIsListed() throws Exception {
        var _ = save(SERVERS, check(SERVERS).body(), "");
        for (int i = 0; i < 160; i++) {
            var _ = served.joins("phone-" + i, "ios");
        }
        String all = explain(Served.LOGIN, "tag:server", "22");
        assertTrue(all.contains("No on port 22; "), all);
        assertTrue(all.contains(" of 162 pairs are listed."), all);
        String hundreds = explain(Served.LOGIN, Served.LOGIN, "22");
        assertTrue(hundreds.contains("No on port 22 for the first 200 pairs; "), hundreds);
        String open =
                check(
                                "{\"acls\": [{\"action\": \"accept\", \"src\": [\"*\"], \"dst\": [\"*:1-9\"]}]}")
                        .body();
        assertTrue(open.contains("<strong>At least "), open);
        assertTrue(open.contains("What reaches 163 machines changes"), open);
    }

    private static final String NAMED =
            """
            // who is who
            {
              "acls": [
                {"action": "accept", "src": ["laptop"], "dst": ["nas:22"]}, // the nas
              ],
              "ssh": [{"action": "accept", "src": ["laptop"], "dst": ["tag:server"], "users": ["root"]}],
              "tagOwners": {"tag:server": ["autogroup:admin"]},
              "nodeAttrs": [{"target": ["nas"], "attr": ["drive:share"]}],
            }
            """;

    private Node node(String name) {
        return Objects.requireNonNull(served.tailnet.snapshot().nodeByName(name));
    }

    @Test
    void thePreviewTellsWhatNamesWillMeanAndWhatElseChanges() throws Exception {
        String body = check(NAMED).body();
        assertTrue(body.contains("What they mean after the save."), body);
        assertFalse(body.contains("no device yet"), body);
        assertTrue(body.contains("ssh as root"), body);
        assertTrue(body.contains("gets drive:share"), body);
        var _ = save(NAMED, body, "");
        assertEquals(1, served.tailnet.snapshot().policy().saved().version());
        String page = owner.get(PAGE).body();
        assertTrue(page.contains("Device names"), page);
        assertTrue(page.contains("/admin/access/names/nas"), page);
    }

    @Test
    void whatWasLookedAtIsWhatIsSavedAlsoWhenANameChangesHands() throws Exception {
        String body = check(NAMED).body();
        served.tailnet.renameNode(served.actor(), node("nas").id(), "old");
        var _ = served.joins("nas", "linux");
        HttpResponse<String> again = save(NAMED, body, "");
        assertEquals(200, again.statusCode());
        assertTrue(again.body().contains("What a save would do"));
        assertEquals(0, served.tailnet.snapshot().policy().saved().version());
    }

    @Test
    void aNameIsBoundAnewAfterALook() throws Exception {
        var _ = save(NAMED, check(NAMED).body(), "");
        served.tailnet.removeNode(served.actor(), node("nas").id());
        Node next = served.joins("nas", "linux", "tag:server");
        String page = owner.get(PAGE).body();
        assertTrue(page.contains("device is gone"), page);
        assertTrue(page.contains("bears the name without its access: " + next.v4()), page);
        String name = PAGE + "/names/nas";
        String id = Long.toString(next.id());
        assertTrue(owner.get(name).body().contains("It matches nothing."));
        HttpResponse<String> look = owner.post(name, "node", id, "do", "check");
        assertTrue(look.body().contains("laptop"), look.body());
        assertTrue(look.body().contains("ports 22") || look.body().contains(">22<"), look.body());
        assertEquals(200, owner.post(name, "node", id, "do", "bind").statusCode(), "not seen yet");
        assertEquals(
                409,
                owner.post(name, "node", id, "seen", id, "was", "77", "do", "bind").statusCode());
        assertEquals(422, owner.post(name, "node", "99", "do", "check").statusCode());
        assertEquals(422, owner.post(name, "node", "x", "do", "check").statusCode());
        assertEquals(404, owner.get(PAGE + "/names/tv").statusCode());
        assertEquals(
                PAGE, location(owner.post(name, "node", id, "seen", id, "was", "", "do", "bind")));
        assertTrue(owner.get(PAGE).body().contains("means nas from now on"));
        assertEquals(next.id(), served.tailnet.snapshot().world().bindings().get("nas"));
        assertTrue(owner.get("/admin/logs").body().contains("device name"));
    }

    @Test
    void afterARenameTheTextIsRewrittenThroughThePreview() throws Exception {
        var _ = save(NAMED, check(NAMED).body(), "");
        served.tailnet.renameNode(served.actor(), node("nas").id(), "store");
        String page = owner.get(PAGE).body();
        assertTrue(page.contains("Write store"), page);
        String mine = NAMED.replace("// who is who", "// my draft stays");
        HttpResponse<String> res =
                owner.post(PAGE, "text", crlf(mine), "etag", etag(), "rename", "nas");
        assertEquals(200, res.statusCode());
        String renamed =
                mine.replace("\"nas:22\"", "\"store:22\"").replace("[\"nas\"]", "[\"store\"]");
        assertEquals(PAGE, location(save(renamed, res.body(), "renamed")));
        assertEquals(renamed, served.tailnet.snapshot().policy().text());
        assertEquals(node("store").id(), served.tailnet.snapshot().world().bindings().get("store"));
        assertEquals(
                404,
                owner.post(PAGE, "text", crlf(mine), "etag", etag(), "rename", "tv").statusCode());
    }

    private String explain(String src, String dst, String port) throws Exception {
        return owner.get(PAGE + "/explain?proto=tcp&src=" + src + "&dst=" + dst + "&port=" + port)
                .body();
    }

    private HttpResponse<String> check(String text) throws Exception {
        return owner.post(PAGE, "text", crlf(text), "etag", etag(), "do", "check");
    }

    private HttpResponse<String> save(String text, String page, String comment) throws Exception {
        return owner.post(
                PAGE,
                "text",
                crlf(text),
                "etag",
                hidden(page, "etag"),
                "digest",
                hidden(page, "digest"),
                "comment",
                comment,
                "do",
                "save");
    }

    private String etag() throws Exception {
        return hidden(owner.get(PAGE).body(), "etag");
    }

    private static String hidden(String page, String name) {
        Matcher m = Pattern.compile("name=\"" + name + "\" value=\"([^\"]*)\"").matcher(page);
        return m.find() ? m.group(1) : "";
    }

    /** As browsers send it. */
    private static String crlf(String text) {
        return text.replace("\n", "\r\n");
    }
}
