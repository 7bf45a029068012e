package hearth.api;

import hearth.base.IpPrefix;
import hearth.base.Refused;
import hearth.control.ControlJson;
import hearth.tailnet.Node;
import hearth.tailnet.Role.Right;
import hearth.tailnet.Snapshot;
import hearth.tailnet.Tailnet;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Devices of the REST API v2, mounted at {@code /api/v2}. */
final class DevicesApi implements HttpService {
    private final Tailnet tailnet;
    private final Caller caller;

    DevicesApi(Tailnet tailnet, Caller caller) {
        this.tailnet = tailnet;
        this.caller = caller;
    }

    @Override
    public void routing(HttpRules rules) {
        rules.get("/tailnet/{tailnet}/devices", Exchange.needing(caller, Right.READ, this::list))
                .get("/device/{id}", Exchange.needing(caller, Right.READ, this::show))
                .delete("/device/{id}", Exchange.needing(caller, Right.DEVICES, this::remove))
                .post("/device/{id}/expire", Exchange.needing(caller, Right.DEVICES, this::expire))
                .get("/device/{id}/routes", Exchange.needing(caller, Right.READ, this::routes))
                .post(
                        "/device/{id}/routes",
                        Exchange.needing(caller, Right.ROUTES, this::setRoutes))
                .post(
                        "/device/{id}/authorized",
                        Exchange.needing(caller, Right.DEVICES, this::authorize))
                .post("/device/{id}/name", Exchange.needing(caller, Right.DEVICES, this::rename))
                .post("/device/{id}/tags", Exchange.needing(caller, Right.DEVICES, this::tag))
                .post("/device/{id}/key", Exchange.needing(caller, Right.DEVICES, this::key));
    }

    private void list(Exchange x) throws Refused {
        boolean all = x.query("fields").equals("all");
        Snapshot s = tailnet.snapshot();
        ObjectNode out = Objects.object();
        ArrayNode devices = out.putArray("devices");
        s.nodes().forEach(n -> devices.add(Objects.device(s, n, all)));
        x.send(out);
    }

    private void show(Exchange x) throws Refused {
        Snapshot s = tailnet.snapshot();
        x.send(Objects.device(s, node(x, s), x.query("fields").equals("all")));
    }

    private void remove(Exchange x) throws Refused {
        tailnet.removeNode(x.actor(), id(x));
        x.done();
    }

    private void expire(Exchange x) throws Refused {
        tailnet.expireNode(x.actor(), id(x));
        x.done();
    }

    private void authorize(Exchange x) throws Refused, IOException {
        tailnet.authorizeNode(x.actor(), id(x), Exchange.flag(x.json(), "authorized"));
        x.done();
    }

    private void rename(Exchange x) throws Refused, IOException {
        tailnet.renameNode(x.actor(), id(x), Exchange.text(x.json(), "name"));
        x.done();
    }

    private void tag(Exchange x) throws Refused, IOException {
        tailnet.setTags(x.actor(), id(x), Exchange.texts(x.json(), "tags"));
        x.done();
    }

    private void key(Exchange x) throws Refused, IOException {
        boolean disabled = Exchange.flag(x.json(), "keyExpiryDisabled");
        tailnet.setKeyExpiry(x.actor(), id(x), !disabled);
        x.done();
    }

    private void routes(Exchange x) throws Refused {
        Snapshot s = tailnet.snapshot();
        x.send(routesOf(node(x, s)));
    }

    private void setRoutes(Exchange x) throws Refused, IOException {
        List<IpPrefix> routes = new ArrayList<>();
        for (String text : Exchange.texts(x.json(), "routes")) {
            IpPrefix p = IpPrefix.tryParse(text);
            if (p == null) {
                throw Refused.invalid("route \"" + text + "\": expected a CIDR prefix");
            }
            routes.add(p);
        }
        x.send(routesOf(tailnet.setRoutes(x.actor(), id(x), routes)));
    }

    private static ObjectNode routesOf(Node n) {
        ObjectNode out = ControlJson.MAPPER.createObjectNode();
        Objects.prefixes(out.putArray("advertisedRoutes"), n.advertised());
        Objects.prefixes(out.putArray("enabledRoutes"), n.approved());
        return out;
    }

    private long id(Exchange x) throws Refused {
        return node(x, tailnet.snapshot()).id();
    }

    /** The device of a path, by id or number. */
    static Node node(Exchange x, Snapshot s) throws Refused {
        String id = x.path("id");
        Node n = s.nodeByStableId(id);
        if (n == null && id.matches("[0-9]{1,18}")) {
            n = s.node(Long.parseLong(id));
        }
        if (n == null) {
            throw Refused.notFound("no device \"" + id + "\"");
        }
        return n;
    }
}
