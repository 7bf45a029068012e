package hearth.api;

import hearth.base.Refused;
import hearth.tailnet.Role.Right;
import hearth.tailnet.Snapshot;
import hearth.tailnet.Tailnet;
import hearth.tailnet.User;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Users and the audit log of the REST API v2, mounted at {@code /api/v2}. */
final class PeopleApi implements HttpService {
    private static final int MAX_AUDIT_ROWS = 10_000;

    private final Tailnet tailnet;
    private final Caller caller;

    PeopleApi(Tailnet tailnet, Caller caller) {
        this.tailnet = tailnet;
        this.caller = caller;
    }

    @Override
    public void routing(HttpRules rules) {
        rules.get("/tailnet/{tailnet}/users", Exchange.needing(caller, Right.READ, this::list))
                .get("/users/{id}", Exchange.needing(caller, Right.READ, this::show))
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
        Snapshot s = tailnet.snapshot();
        String id = x.path("id");
        User u = id.matches("[0-9]{1,18}") ? s.user(Long.parseLong(id)) : s.userByLogin(id);
        if (u == null) {
            throw Refused.notFound("no user \"" + id + "\"");
        }
        x.send(Objects.user(s, u));
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
