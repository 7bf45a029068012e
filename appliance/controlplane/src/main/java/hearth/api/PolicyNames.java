package hearth.api;

import hearth.base.Refused;
import hearth.tailnet.DeviceName;
import hearth.tailnet.Node;
import hearth.tailnet.Role.Right;
import hearth.tailnet.Snapshot;
import hearth.tailnet.Tailnet;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The device names of the policy, mounted at {@code /api/hearth/policy}: which device each one
 * means, and another one in its place.
 */
final class PolicyNames implements HttpService {
    private final Tailnet tailnet;
    private final Caller caller;

    PolicyNames(Tailnet tailnet, Caller caller) {
        this.tailnet = tailnet;
        this.caller = caller;
    }

    @Override
    public void routing(HttpRules rules) {
        rules.get("/names", Exchange.needing(caller, Right.READ, this::names))
                .post("/bind", Exchange.needing(caller, Right.POLICY, this::bind));
    }

    private void names(Exchange x) {
        x.send(all(tailnet.snapshot()));
    }

    private static ArrayNode all(Snapshot s) {
        ArrayNode out = Objects.object().putArray("names");
        for (DeviceName n : DeviceName.of(s)) {
            ObjectNode o = out.addObject();
            o.put("name", n.name());
            o.put("state", n.state().text());
            device(o, "device", s, n.node());
            device(o, "wantedBy", s, n.bearer());
        }
        return out;
    }

    private static void device(ObjectNode out, String field, Snapshot s, @Nullable Node n) {
        if (n == null) {
            out.putNull(field);
            return;
        }
        ObjectNode o = out.putObject(field);
        o.put("nodeId", n.stableId());
        o.put("name", s.fullName(n));
        Objects.addresses(o.putArray("addresses"), n);
        if (n.isTagged()) {
            Objects.texts(o.putArray("tags"), n.tags());
        } else {
            o.put("user", s.userOf(n).login());
        }
    }

    /** Body: {@code {"name": device name, "node": name, address or id of the device}}. */
    private void bind(Exchange x) throws Refused, IOException {
        ObjectNode body = x.json();
        String node = Exchange.text(body, "node");
        Node n = tailnet.snapshot().find(node);
        if (n == null) {
            throw Refused.notFound("no node \"" + node + "\", expected a name, address or id");
        }
        tailnet.bindDeviceName(x.actor(), Exchange.text(body, "name"), n.id());
        names(x);
    }
}
