package hearth.api;

import hearth.base.Refused;
import hearth.tailnet.DnsSettings;
import hearth.tailnet.Role.Right;
import hearth.tailnet.Tailnet;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** DNS settings of the REST API v2 in one object, mounted at {@code /api/v2}. */
final class DnsApi implements HttpService {
    private static final String PATH = "/tailnet/{tailnet}/dns/configuration";

    private final Tailnet tailnet;
    private final Caller caller;

    DnsApi(Tailnet tailnet, Caller caller) {
        this.tailnet = tailnet;
        this.caller = caller;
    }

    @Override
    public void routing(HttpRules rules) {
        rules.get(
                        PATH,
                        Exchange.needing(
                                caller, Right.READ, x -> x.send(render(tailnet.snapshot().dns()))))
                .post(PATH, Exchange.needing(caller, Right.DNS, this::set));
    }

    private void set(Exchange x) throws Refused, IOException {
        ObjectNode body = x.json();
        DnsSettings was = tailnet.snapshot().dns();
        JsonNode preferences = body.path("preferences");
        Map<String, List<String>> split = new TreeMap<>();
        if (body.has("splitDNS")) {
            for (var e : body.path("splitDNS").properties()) {
                split.put(e.getKey(), addresses(e.getValue(), "splitDNS." + e.getKey()));
            }
        } else {
            split.putAll(was.splitDomains());
        }
        var next =
                new DnsSettings(
                        preferences.path("magicDNS").asBoolean(was.magicDns()),
                        body.has("nameservers")
                                ? addresses(body.path("nameservers"), "nameservers")
                                : was.nameservers(),
                        split,
                        preferences.path("overrideLocalDNS").asBoolean(was.overrideLocal()),
                        body.has("searchPaths")
                                ? Exchange.texts(body, "searchPaths")
                                : was.searchDomains());
        x.send(render(tailnet.setDns(x.actor(), next)));
    }

    private static List<String> addresses(JsonNode list, String field) throws Refused {
        List<String> out = new ArrayList<>();
        for (JsonNode n : list) {
            JsonNode address = n.isObject() ? n.path("address") : n;
            if (!address.isString()) {
                throw Refused.invalid(field + ": expected objects with an address, got " + n);
            }
            out.add(address.asString());
        }
        return out;
    }

    private static ObjectNode render(DnsSettings d) {
        ObjectNode out = Objects.object();
        addresses(out.putArray("nameservers"), d.nameservers());
        ObjectNode split = out.putObject("splitDNS");
        d.splitDomains().forEach((domain, servers) -> addresses(split.putArray(domain), servers));
        Objects.texts(out.putArray("searchPaths"), d.searchDomains());
        ObjectNode preferences = out.putObject("preferences");
        preferences.put("overrideLocalDNS", d.overrideLocal());
        preferences.put("magicDNS", d.magicDns());
        return out;
    }

    private static void addresses(ArrayNode out, List<String> servers) {
        servers.forEach(s -> out.addObject().put("address", s));
    }
}
