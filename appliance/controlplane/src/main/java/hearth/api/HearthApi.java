package hearth.api;

import hearth.base.Refused;
import hearth.login.Logins;
import hearth.tailnet.Node;
import hearth.tailnet.Role;
import hearth.tailnet.Role.Right;
import hearth.tailnet.Settings;
import hearth.tailnet.Snapshot;
import hearth.tailnet.Tailnet;
import hearth.tailnet.User;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What the REST API v2 has no words for, mounted at {@code /api/hearth}. */
final class HearthApi implements HttpService {
    private final Tailnet tailnet;
    private final Logins logins;
    private final Caller caller;
    private final Archive archive;

    HearthApi(Tailnet tailnet, Logins logins, Caller caller, Archive archive) {
        this.tailnet = tailnet;
        this.logins = logins;
        this.caller = caller;
        this.archive = archive;
    }

    @Override
    public void routing(HttpRules rules) {
        rules.get("/logins", Exchange.needing(caller, Right.READ, this::list))
                .post(
                        "/logins/{id}/approve",
                        Exchange.needing(caller, Right.DEVICES, this::approve))
                .post("/logins/{id}/refuse", Exchange.needing(caller, Right.DEVICES, this::refuse))
                .post("/users", Exchange.needing(caller, Right.USERS, this::createUser))
                .post("/users/password", Exchange.needing(caller, Right.USERS, this::setPassword))
                .post(
                        "/device/{id}/owner",
                        Exchange.needing(caller, Right.DEVICES, this::giveToPerson))
                .post("/settings", Exchange.needing(caller, Right.SETTINGS, this::settings))
                .get("/backup", Exchange.needing(caller, Right.SETTINGS, this::backup))
                .post("/restore", Exchange.needing(caller, Right.SETTINGS, this::restore));
    }

    private void list(Exchange x) {
        ArrayNode out = Objects.object().putArray("logins");
        tailnet.snapshot().logins().forEach(l -> out.add(Objects.login(l)));
        x.send(out);
    }

    private void approve(Exchange x) throws Refused, IOException {
        ObjectNode body = x.json();
        List<String> tags = Exchange.texts(body, "tags");
        JsonNode user = body.path("user");
        var node =
                tags.isEmpty()
                        ? tailnet.approveLogin(
                                x.actor(), x.path("id"), user.isString() ? user.asString() : null)
                        : tailnet.approveLoginAs(x.actor(), x.path("id"), tags);
        x.send(Objects.device(tailnet.snapshot(), node, true));
    }

    private void refuse(Exchange x) throws Refused {
        tailnet.refuseLogin(x.actor(), x.path("id"));
        x.done();
    }

    private void giveToPerson(Exchange x) throws Refused, IOException {
        String user = Exchange.text(x.json(), "user");
        Node n = DevicesApi.node(x, tailnet.snapshot());
        x.send(
                Objects.device(
                        tailnet.snapshot(), tailnet.moveToUser(x.actor(), n.id(), user), true));
    }

    private void createUser(Exchange x) throws Refused, IOException {
        ObjectNode body = x.json();
        String roleText = body.path("role").asString("member");
        Role role = Role.parse(roleText);
        if (role == null) {
            throw Refused.invalid("role \"" + roleText + "\": expected " + Role.NAMES);
        }
        String login = tailnet.login(Exchange.text(body, "loginName"));
        JsonNode password = body.path("password");
        if (password.isString()) {
            var objection = logins.passwordObjection(login, password.asString());
            if (objection.isPresent()) {
                throw Refused.invalid(objection.get());
            }
        }
        User user = tailnet.createUser(x.actor(), login, null, role);
        if (password.isString()) {
            givePassword(x, user, password.asString());
        }
        x.send(Objects.user(tailnet.snapshot(), user));
    }

    private void setPassword(Exchange x) throws Refused, IOException {
        ObjectNode body = x.json();
        String login = tailnet.login(Exchange.text(body, "loginName"));
        User user = tailnet.snapshot().userByLogin(login);
        if (user == null) {
            throw Refused.notFound("no user \"" + login + "\"");
        }
        givePassword(x, user, Exchange.text(body, "password"));
        x.done();
    }

    private void givePassword(Exchange x, User user, String password) throws Refused {
        logins.setPassword(x.actor(), user.login(), password);
        if (user.role() == Role.OWNER || user.role() == Role.ADMIN) {
            logins.finishSetup(); // an administrator can sign in: the setup token is void
        }
    }

    private void settings(Exchange x) throws Refused, IOException {
        ObjectNode body = x.json();
        Settings was = tailnet.snapshot().settings();
        if (body.has("keyExpiry")) {
            tailnet.setKeyExpiry(x.actor(), Exchange.flag(body, "keyExpiry"));
        }
        if (body.has("deviceApproval") || body.has("keyDurationSeconds")) {
            Settings now = tailnet.snapshot().settings();
            tailnet.setSettings(
                    x.actor(),
                    new Settings(
                            body.has("deviceApproval")
                                    ? Exchange.flag(body, "deviceApproval")
                                    : now.deviceApproval(),
                            now.keyExpiry(),
                            body.has("keyDurationSeconds")
                                    ? Duration.ofSeconds(body.path("keyDurationSeconds").asLong(0))
                                    : now.keyDuration()));
        }
        Snapshot s = tailnet.snapshot();
        x.send(
                Objects.object()
                        .put("keyExpiry", s.settings().keyExpiry())
                        .put("deviceApproval", s.settings().deviceApproval())
                        .put("keyDurationSeconds", s.settings().keyDuration().toSeconds())
                        .put("changed", !s.settings().equals(was)));
    }

    private void backup(Exchange x) throws Refused, IOException {
        x.send(archive.make(), "application/octet-stream", null);
    }

    private void restore(Exchange x) throws Refused, IOException {
        archive.restore(x.stream());
        x.done();
    }
}
