package hearth.console;

import static hearth.console.SignInPageTest.location;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.tailnet.Node;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

final class MachinesPageTest extends AsOwner {
    @Test
    void showsWhatIsKnownOfAMachineAndNoMarkupOfItsOwn() throws Exception {
        Node n = served.joins("<b>nas</b>\u202e", "<script>", "tag:server");
        String list = owner.get("/admin/machines").body();
        for (String want :
                new String[] {n.name(), n.v4().toString(), n.v6().toString(), "1.102.5"}) {
            assertTrue(list.contains(want), want);
        }
        assertFalse(list.contains("<b>nas"));
        assertFalse(list.contains("<script>"));
        assertFalse(owner.get("/admin/machines/" + n.id()).body().contains("\u202e"));
    }

    @Test
    void removalTakesTwoStepsAndIsAudited() throws Exception {
        Node n = served.joins("old-phone", "android");
        String path = "/admin/machines/" + n.id();
        assertTrue(owner.get("/admin/machines").body().contains(path + "/remove"));
        String ask = owner.get(path + "/remove").body();
        assertTrue(ask.contains("Remove old-phone?"));
        assertNotNull(served.tailnet.snapshot().node(n.id()), "looking removes nothing");
        assertTrue(
                owner.htmx()
                        .get("/admin/_" + path.substring(6) + "/remove")
                        .body()
                        .contains("<dialog"));
        assertEquals("/admin/machines", location(owner.post(path + "/remove")));
        assertNull(served.tailnet.snapshot().node(n.id()));
        assertTrue(owner.get("/admin/machines").body().contains("old-phone is removed."));
        assertTrue(owner.get("/admin/logs").body().contains("removed machine"));
        assertEquals(404, owner.get(path).statusCode());
    }

    @Test
    void renamesWithAndWithoutScriptAndSaysWhyNot() throws Exception {
        Node n = served.joins("box", "linux");
        var _ = served.joins("taken", "linux");
        String path = "/admin/machines/" + n.id();
        assertEquals(path, location(owner.post(path + "/rename", "name", "cellar")));
        assertTrue(owner.get(path).body().contains("<h1>cellar</h1>"));
        HttpResponse<String> part = owner.htmx().post(path + "/rename", "name", "attic");
        assertEquals(200, part.statusCode());
        assertTrue(part.body().contains("<h1>attic</h1>"));
        assertFalse(part.body().contains("<html"));
        HttpResponse<String> no = owner.htmx().post(path + "/rename", "name", "not a name!");
        assertEquals(422, no.statusCode());
        assertTrue(no.body().contains("role=\"alert\""));
        assertTrue(no.body().contains("value=\"not a name!\""), "what was typed stays");
        assertEquals("attic", name(n));
    }

    @Test
    void keyExpiryOffOnAndNow() throws Exception {
        Node n = served.joins("box", "linux");
        String path = "/admin/machines/" + n.id();
        var _ = owner.post(path + "/expiry", "expiry", "off");
        assertTrue(node(n).expiryDisabled());
        var _ = owner.post(path + "/expiry", "expiry", "on");
        assertFalse(node(n).expiryDisabled());
        var _ = owner.post(path + "/expire");
        assertTrue(node(n).expired());
        assertTrue(owner.get("/admin/machines").body().contains("Expired"));
    }

    @Test
    void routesAreApprovedOnTheMachineOnTheOverviewAndOnTheirOwnPage() throws Exception {
        Node n = served.joins("cabin", "linux");
        served.offers(n, "10.9.0.0/24", "10.8.0.0/24", "0.0.0.0/0", "::/0");
        assertTrue(owner.get("/admin").body().contains("cabin offers 10.9.0.0/24, 10.8.0.0/24"));
        String path = "/admin/machines/" + n.id();
        var _ = owner.post(path + "/routes", "route", "10.9.0.0/24");
        assertEquals("[10.9.0.0/24]", node(n).enabledRoutes().toString());
        var _ = owner.post("/admin/routes/" + n.id() + "/approve", "route", "exit");
        assertEquals(3, node(n).enabledRoutes().size());
        var _ = owner.post("/admin/routes/" + n.id() + "/unapprove", "route", "10.9.0.0/24");
        assertEquals("[0.0.0.0/0, ::/0]", node(n).enabledRoutes().toString());
        assertEquals(
                "/admin",
                location(owner.post("/admin/routes/" + n.id() + "/approve", "back", "/admin")));
        assertEquals(4, node(n).enabledRoutes().size());
    }

    @Test
    void whatOthersApprovedMeanwhileStaysApproved() throws Exception {
        Node n = served.joins("cabin", "linux");
        served.offers(n, "10.9.0.0/24", "10.8.0.0/24", "10.7.0.0/24");
        String path = "/admin/machines/" + n.id();
        var _ = owner.post(path + "/routes", "route", "10.7.0.0/24");
        assertTrue(owner.get(path).body().contains("name=\"was\" value=\"10.7.0.0/24\""));
        var _ = served.owner().post(path + "/routes", "was", "10.7.0.0/24", "route", "10.9.0.0/24");
        assertEquals("[10.9.0.0/24]", node(n).enabledRoutes().toString());
        var _ =
                owner.post(
                        path + "/routes",
                        "was",
                        "10.7.0.0/24",
                        "route",
                        "10.7.0.0/24",
                        "route",
                        "10.8.0.0/24");
        assertEquals(
                Set.of("10.7.0.0/24", "10.8.0.0/24", "10.9.0.0/24"),
                node(n).enabledRoutes().stream().map(Object::toString).collect(Collectors.toSet()));
    }

    @Test
    void tagsThatOthersGaveMeanwhileAreNotTakenUnseen() throws Exception {
        Node n = served.joins("cabin", "linux", "tag:a");
        String path = "/admin/machines/" + n.id();
        var _ = owner.post(path + "/tags", "was", "tag:a", "tags", "tag:a tag:b");
        HttpResponse<String> late = owner.post(path + "/tags", "was", "tag:a", "tags", "tag:c");
        assertEquals(409, late.statusCode());
        assertTrue(late.body().contains("it has tag:a, tag:b"), late.body());
        assertTrue(late.body().contains("name=\"was\" value=\"tag:a tag:b\""));
        assertTrue(late.body().contains("value=\"tag:c\""), "what was typed is kept");
        assertEquals(List.of("tag:a", "tag:b"), node(n).tags());
        assertEquals(422, owner.post(path + "/owner", "owner", "").statusCode());
    }

    @Test
    void aLongListIsPackedForTheScriptThatAsksAgainAndAgain() throws Exception {
        for (int i = 0; i < 20; i++) {
            var _ = served.joins("device-" + i, "linux");
        }
        HttpRequest ask =
                HttpRequest.newBuilder(URI.create(served.base() + "/admin/_/machines/rows"))
                        .header("Cookie", "__Host-hearth=" + owner.cookie())
                        .header("HX-Request", "true")
                        .header("Accept-Encoding", "gzip, br")
                        .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            var res = client.send(ask, HttpResponse.BodyHandlers.ofByteArray());
            assertEquals("gzip", res.headers().firstValue("Content-Encoding").orElse(""));
            var zip = new GZIPInputStream(new ByteArrayInputStream(res.body()));
            String list = new String(zip.readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(list.contains("device-19"), list);
            assertTrue(res.body().length * 5 < list.length(), "packed " + res.body().length);
        }
    }

    @Test
    void whoCleansUpAFilteredListStaysInIt() throws Exception {
        Node gone = served.joins("xray", "linux");
        var _ = served.joins("xylo", "linux");
        var _ = served.joins("other", "linux");
        HttpResponse<String> after = owner.htmx().post("/admin/machines/" + gone.id() + "/remove");
        assertEquals("/admin/machines?q=x", after.headers().firstValue("HX-Push-Url").orElse(""));
        assertTrue(after.body().contains("2 of 2 match"), after.body());
        assertTrue(after.body().contains("xray is removed."));
    }

    @Test
    void findsAndSorts() throws Exception {
        var _ = served.joins("alpha", "linux", "tag:server");
        var _ = served.joins("beta", "iOS");
        assertEquals("alpha beta", names("/admin/machines"));
        assertEquals("beta alpha", names("/admin/machines?sort=-name"));
        assertEquals("alpha", names("/admin/machines?q=tag:server"));
        assertEquals("beta", names("/admin/machines?q=-tag:server+is:offline"));
        assertEquals("beta", names("/admin/machines?q=owner:ana+ios"));
        assertEquals("", names("/admin/machines?q=is:online"));
    }

    /** The question of an open page for what changes. */
    private HttpRequest events() {
        return HttpRequest.newBuilder(URI.create(served.base() + "/admin/events"))
                .header("Cookie", "__Host-hearth=" + owner.cookie())
                .build();
    }

    @Test
    void anOpenPageIsToldWithinASecondAndOnlyOfWhatIsNew() throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            var res = client.send(events(), HttpResponse.BodyHandlers.ofInputStream());
            BlockingQueue<String> lines = new ArrayBlockingQueue<>(1000);
            Thread reader =
                    Thread.ofVirtual()
                            .start(
                                    () ->
                                            new BufferedReader(
                                                            new InputStreamReader(
                                                                    res.body(),
                                                                    StandardCharsets.UTF_8))
                                                    .lines()
                                                    .forEach(lines::add));
            await(lines, "data: machines");
            String rows = owner.htmx().get("/admin/_/machines/rows").body();
            Matcher m = Pattern.compile("hx-get=\"([^\"]*)\"").matcher(rows);
            assertTrue(m.find());
            String again = m.group(1).replace("&amp;", "&");
            assertEquals(204, owner.htmx().get(again).statusCode());

            lines.clear();
            long begun = System.nanoTime();
            var _ = served.joins("fresh", "linux");
            await(lines, "data: machines");
            long ms = (System.nanoTime() - begun) / 1_000_000;
            assertTrue(ms < 1000, "told after " + ms + " ms");
            HttpResponse<String> after = owner.htmx().get(again);
            assertEquals(200, after.statusCode());
            assertTrue(after.body().contains("fresh"));

            var _ = owner.post("/logout");
            await(lines, "event: bye");
            reader.join(2000);
        }
    }

    @Test
    void aStopEndsTheStreamOfAnOpenPageButNotItsSession() throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            var res = client.send(events(), HttpResponse.BodyHandlers.ofInputStream());
            served.console.close();
            String all = new String(res.body().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(all.startsWith("event: hello"), all);
            assertFalse(all.contains("event: bye"), all);
        }
    }

    private static void await(BlockingQueue<String> lines, String start)
            throws InterruptedException {
        for (String l = ""; !l.startsWith(start); ) {
            l = Objects.requireNonNull(lines.poll(5, TimeUnit.SECONDS), "no line " + start);
        }
    }

    private String names(String path) throws Exception {
        Matcher m = Pattern.compile("class=\"name\"[^>]*>([^<]*)<").matcher(owner.get(path).body());
        StringBuilder out = new StringBuilder();
        while (m.find()) {
            out.append(out.isEmpty() ? "" : " ").append(m.group(1));
        }
        return out.toString();
    }

    private Node node(Node n) {
        return Objects.requireNonNull(served.tailnet.snapshot().node(n.id()));
    }

    private String name(Node n) {
        return node(n).name();
    }
}
