package hearth.console;

import static hearth.console.SignInPageTest.location;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.tailnet.AuditEntry;
import hearth.tailnet.AuthKey;
import hearth.tailnet.Role;
import hearth.tailnet.User;
import hearth.testkit.ManualClock;
import java.net.http.HttpResponse;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Keys, users, DNS, settings, static files. */
final class OtherPagesPageTest extends AsOwner {
    @Test
    void aKeyIsShownOnceWithItsCommand() throws Exception {
        HttpResponse<String> res =
                owner.post(
                        "/admin/keys",
                        "description",
                        "backup",
                        "as",
                        "tags",
                        "tags",
                        "server",
                        "reusable",
                        "yes",
                        "expiry",
                        "7d");
        assertEquals(200, res.statusCode());
        assertEquals("no-store", res.headers().firstValue("Cache-Control").orElse(""));
        AuthKey key = served.tailnet.snapshot().keys().getFirst();
        assertEquals(List.of("tag:server"), key.tags());
        assertTrue(key.reusable());
        assertTrue(
                res.body()
                        .contains(
                                "tailscale up --login-server=http://192.168.1.20"
                                        + " --auth-key=tskey-auth-"
                                        + key.id()));
        assertFalse(owner.get("/admin/keys").body().contains("tskey-auth-"));

        assertEquals(422, owner.post("/admin/keys", "as", "tags", "tags", "").statusCode());
        assertEquals(422, owner.post("/admin/keys", "expiry", "9000d").statusCode());

        assertTrue(owner.get("/admin/keys/" + key.id() + "/revoke").body().contains("Revoke this"));
        var _ = owner.post("/admin/keys/" + key.id() + "/revoke");
        assertNotNull(Objects.requireNonNull(served.tailnet.snapshot().key(key.id())).revoked());
    }

    @Test
    void usersAreAddedChangedSuspendedAndRemoved() throws Exception {
        assertEquals(
                "/admin/users",
                location(
                        owner.post(
                                "/admin/users",
                                "login",
                                "leo",
                                "name",
                                "Leo",
                                "role",
                                "it-admin",
                                "password",
                                "a long and quiet evening")));
        User leo = Objects.requireNonNull(user("leo@hearth.internal"));
        assertEquals(Role.IT_ADMIN, leo.role());
        assertTrue(served.logins.hasPassword(leo.login()));
        String path = "/admin/users/" + leo.id();
        Visitor v = served.as(leo.login());
        assertEquals(
                403,
                v.post("/admin/users", "login", "eve", "role", "admin").statusCode(),
                "an IT admin makes no admins");
        var _ = owner.post(path + "/role", "role", "auditor");
        assertEquals(Role.AUDITOR, Objects.requireNonNull(user(leo.login())).role());
        var _ = owner.post(path + "/password", "password", "another long evening");
        assertEquals(303, v.get("/admin").statusCode(), "signed out everywhere");
        var _ = owner.post(path + "/suspend", "suspend", "on");
        assertTrue(Objects.requireNonNull(user(leo.login())).suspended());
        var _ = owner.post(path + "/remove");
        assertEquals(null, user(leo.login()));
        assertFalse(served.logins.hasPassword(leo.login()));
    }

    @Test
    void anItAdminCannotTakeTheOwnersAccount() throws Exception {
        Visitor it = served.as(Role.IT_ADMIN);
        String owners = "/admin/users/" + served.tailnet.snapshot().owner().id();
        HttpResponse<String> res = it.post(owners + "/password", "password", "now it is all mine");
        assertEquals(403, res.statusCode());
        assertEquals(303, owner.post("/admin/account/sessions").statusCode());
    }

    @Test
    void dnsIsSavedAndRefused() throws Exception {
        var _ =
                owner.post(
                        "/admin/dns",
                        "magic",
                        "yes",
                        "nameservers",
                        "192.168.1.2\r\n1.1.1.1",
                        "override",
                        "yes",
                        "search",
                        "");
        assertEquals(
                List.of("192.168.1.2", "1.1.1.1"), served.tailnet.snapshot().dns().nameservers());
        var _ = owner.post("/admin/dns/split", "domain", "lan", "servers", "192.168.1.1");
        assertEquals(
                "{lan=[192.168.1.1]}", served.tailnet.snapshot().dns().splitDomains().toString());
        HttpResponse<String> no =
                owner.post("/admin/dns", "magic", "yes", "nameservers", "not-an-address");
        assertEquals(422, no.statusCode());
        assertTrue(no.body().contains("not-an-address"));
        var _ = owner.post("/admin/dns/split/remove", "domain", "lan");
        assertTrue(served.tailnet.snapshot().dns().splitDomains().isEmpty());
    }

    @Test
    void changesAreFoundByTheWordsThatAreShown() throws Exception {
        var _ = owner.post("/admin/users", "login", "leo", "role", "member");
        String page = owner.get("/admin/logs?q=added+user+leo").body();
        assertTrue(page.contains("<strong>leo@hearth.internal</strong>"), page);
        assertTrue(owner.get("/admin/logs?q=removed+leo").body().contains("Nothing matches."));
    }

    @Test
    void aSearchThatStopsBeforeTheEndOfTheLogSaysWhereItGoesOn() throws Exception {
        for (int i = 0; i < 6; i++) {
            served.tailnet.createUser(served.actor(), "u" + i, "", Role.MEMBER);
        }
        var times = new Times(new ManualClock(), ZoneOffset.UTC);
        var changes = new Changes(served.tailnet, times, 3);
        Predicate<AuditEntry> first = e -> e.targetName().startsWith("u0");
        Changes.Found none = changes.find(Long.MAX_VALUE, 10, first);
        assertEquals(List.of(), none.rows());
        Changes.Found found = changes.find(none.next(), 10, first);
        assertEquals(1, found.rows().size());
        Changes.Found last = found;
        while (last.next() > 0) {
            last = changes.find(last.next(), 10, first);
            assertEquals(List.of(), last.rows());
        }
    }

    @Test
    void aDomainIsTheSameHoweverItIsWritten() throws Exception {
        var _ = owner.post("/admin/dns/split", "domain", "lan", "servers", "192.168.1.1");
        var _ = owner.post("/admin/dns/split", "domain", "LAN.", "servers", "192.168.1.2");
        assertEquals(
                "{lan=[192.168.1.2]}", served.tailnet.snapshot().dns().splitDomains().toString());
        var _ = owner.post("/admin/dns/split", "domain", "lan", "servers", "");
        assertTrue(owner.get("/admin/dns").body().contains("not found, on purpose"));
        var _ = owner.post("/admin/dns/split/remove", "domain", "Lan");
        assertEquals("{}", served.tailnet.snapshot().dns().splitDomains().toString());
    }

    @Test
    void aRefusedSplitDomainLeavesTheOtherFormAsItIs() throws Exception {
        HttpResponse<String> no =
                owner.post("/admin/dns/split", "domain", "lan", "servers", "not-an-address");
        assertEquals(422, no.statusCode());
        assertTrue(no.body().contains("id=\"magic\" value=\"yes\" checked"), no.body());
    }

    @Test
    void dnsSettingsThatSomebodyElseSavedAreNotReplacedUnseen() throws Exception {
        Matcher was =
                Pattern.compile("name=\"was\" value=\"([^\"]+)\"")
                        .matcher(owner.get("/admin/dns").body());
        assertTrue(was.find());
        var _ = served.owner().post("/admin/dns", "magic", "yes", "nameservers", "9.9.9.9");
        String[] form = {"was", was.group(1), "magic", "yes", "nameservers", "1.1.1.1"};
        HttpResponse<String> late = owner.post("/admin/dns", form);
        assertEquals(409, late.statusCode());
        assertTrue(late.body().contains("nameservers 9.9.9.9"), late.body());
        assertTrue(late.body().contains(">1.1.1.1</textarea>"), "what was typed is kept");
        Matcher now = was.pattern().matcher(late.body());
        assertTrue(now.find());
        form[1] = now.group(1);
        assertEquals(303, owner.post("/admin/dns", form).statusCode());
        assertEquals(List.of("1.1.1.1"), served.tailnet.snapshot().dns().nameservers());
    }

    @Test
    void nobodyIsSentToANameserverThatCannotAnswer() throws Exception {
        for (String server : List.of("100.100.100.100", "0.0.0.0", "::")) {
            HttpResponse<String> no = owner.post("/admin/dns", "nameservers", server);
            assertEquals(422, no.statusCode(), server);
        }
    }

    @Test
    void settingsAreSaved() throws Exception {
        var _ = owner.post("/admin/settings", "approval", "yes", "expiry", "yes", "days", "90");
        assertTrue(served.tailnet.snapshot().settings().deviceApproval());
        assertEquals(90, served.tailnet.snapshot().settings().keyDuration().toDays());
        assertEquals(422, owner.post("/admin/settings", "days", "0").statusCode());
        assertTrue(owner.get("/admin/settings").body().contains("self-signed"));
        String path = "/admin/machines/" + served.joins("box", "linux").id();
        assertTrue(owner.get("/admin").body().contains("box waits for approval"));
        var _ = owner.post(path + "/approve", "back", "/admin");
        assertFalse(owner.get("/admin").body().contains("box waits for approval"));
    }

    @Test
    void staticFilesAreKeptForEverUnderTheirHash() throws Exception {
        String page = served.visitor().get("/login").body();
        int at = page.indexOf("/assets/");
        String css = page.substring(at, page.indexOf('"', at)).replaceFirst("[^/]*$", "hearth.css");
        HttpResponse<String> res = served.visitor().get(css);
        assertEquals(200, res.statusCode());
        assertTrue(res.headers().firstValue("Cache-Control").orElse("").contains("immutable"));
        assertTrue(res.body().contains("color-scheme"));
        assertEquals(404, served.visitor().get("/assets/0000/hearth.css").statusCode());
        assertEquals(404, served.visitor().get(css.replace("hearth.css", "..%2fx")).statusCode());
        assertEquals(404, owner.get("/admin/nothing/here").statusCode());
    }

    private @Nullable User user(String login) {
        return served.tailnet.snapshot().userByLogin(login);
    }
}
