package hearth.api;

import hearth.base.Refused;
import hearth.login.Logins;
import hearth.tailnet.Role;
import hearth.tailnet.Role.Right;
import hearth.tailnet.Snapshot;
import hearth.tailnet.Tailnet;
import hearth.tailnet.User;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import java.io.IOException;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Users and the audit log of the REST API v2, mounted at {@code /api/v2}. */
final class PeopleApi implements HttpService {
    private static final int MAX_AUDIT_ROWS = 10_000;

    private final Tailnet tailnet;
    private final Logins logins;
    private final Caller caller;

    PeopleApi(Tailnet tailnet, Logins logins, Caller caller) {
        this.tailnet = tailnet;
        this.logins = logins;
        this.caller = caller;
    }

    @Override
    public void routing(HttpRules rules) {
        rules.get("/tailnet/{tailnet}/users", Exchange.needing(caller, Right.READ, this::list))
                .get("/users/{id}", Exchange.needing(caller, Right.READ, this::show))
                .post("/users/{id}/role", Exchange.needing(caller, Right.USERS, this::role))
                .post(
                        "/users/{id}/suspend",
                        Exchange.needing(caller, Right.USERS, x -> suspend(x, true)))
                .post(
                        "/users/{id}/restore",
                        Exchange.needing(caller, Right.USERS, x -> suspend(x, false)))
                .post("/users/{id}/delete", Exchange.needing(caller, Right.USERS, this::delete))
                .get(
                        "/tailnet/{tailnet}/logging/configuration",
                        Exchange.needing(caller, Right.READ, this::audit));
    }

    private void list(Exchange x) {
        Snapshot s = tailnet.snapshot();
        ObjectNode out = Objects.object();
        ArrayNode users = out.putArray("users");
        s.users().forEach(u -> users.add(Objects.user(s, u)));
        x.send(out);
    }

    private void show(Exchange x) throws Refused {
        x.send(Objects.user(tailnet.snapshot(), user(x)));
    }

    /** The user of a path, by number or login. */
    private User user(Exchange x) throws Refused {
        Snapshot s = tailnet.snapshot();
        String id = x.path("id");
        boolean number = id.matches("[0-9]{1,18}");
        User u = number ? s.user(Long.parseLong(id)) : s.userByLogin(tailnet.login(id));
        if (u == null || u.isTaggedDevices()) {
            throw Refused.notFound("no user \"" + id + "\"");
        }
        return u;
    }

    private void role(Exchange x) throws Refused, IOException {
        String text = Exchange.text(x.json(), "role");
        Role role = Role.parse(text);
        if (role == null) {
            throw Refused.invalid("role \"" + text + "\": expected " + Role.NAMES);
        }
        tailnet.setRole(x.actor(), user(x).login(), role);
        x.done();
    }

    /** Whoever is suspended is signed out of the admin page at once. */
    private void suspend(Exchange x, boolean on) throws Refused {
        User u = user(x);
        tailnet.setSuspended(x.actor(), u.login(), on);
        if (on) {
            logins.signOutOthers(u.login(), "");
        }
        x.done();
    }

    private void delete(Exchange x) throws Refused {
        User u = user(x);
        tailnet.removeUser(x.actor(), u.login());
        logins.remove(u.login());
        x.done();
    }

    private void audit(Exchange x) throws Refused {
        ObjectNode out = Objects.object();
        out.put("version", "1.1");
        out.put("tailnet", tailnet.snapshot().domain());
        ArrayNode logs = out.putArray("logs");
        tailnet.audit(Long.MAX_VALUE, MAX_AUDIT_ROWS)
                .reversed()
                .forEach(e -> logs.add(Objects.audit(e)));
        x.send(out);
    }
}
