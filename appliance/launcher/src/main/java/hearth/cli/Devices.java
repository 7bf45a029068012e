package hearth.cli;

import hearth.base.Refused;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** Finds devices by name, address or id among the API's Device objects. */
final class Devices {
    private static final int SHOWN = 10;

    private Devices() {}

    static JsonNode all(SocketClient client) throws Refused {
        return client.get("/api/v2/tailnet/-/devices?fields=all").path("devices");
    }

    /** The device of that name or id; refused when there is none. */
    static JsonNode one(SocketClient client, String nameOrId) throws Refused {
        String wanted = nameOrId.toLowerCase(Locale.ROOT);
        List<String> names = new ArrayList<>();
        for (JsonNode d : all(client)) {
            String name = d.path("name").asString("");
            names.add(label(name));
            boolean hit =
                    wanted.equals(name)
                            || wanted.equals(label(name))
                            || nameOrId.equals(d.path("nodeId").asString(""))
                            || nameOrId.equals(d.path("id").asString(""));
            for (JsonNode address : d.path("addresses")) {
                hit |= wanted.equals(address.asString());
            }
            if (hit) {
                return d;
            }
        }
        throw Refused.notFound(
                "no node \""
                        + nameOrId
                        + "\", expected a name, address or id; there are: "
                        + some(wanted, names));
    }

    /** The names that have something of {@code wanted} first, and not hundreds of them. */
    private static String some(String wanted, List<String> names) {
        if (names.isEmpty()) {
            return "none";
        }
        String start = wanted.substring(0, Math.min(3, wanted.length()));
        String shown =
                names.stream()
                        .sorted(Comparator.comparing(n -> !n.contains(start)))
                        .limit(SHOWN)
                        .collect(Collectors.joining(", "));
        int more = names.size() - SHOWN;
        return more > 0 ? shown + " and " + more + " more (hearth nodes list)" : shown;
    }

    static String id(SocketClient client, String nameOrId) throws Refused {
        return one(client, nameOrId).path("nodeId").asString();
    }

    /** The first label of a full name. */
    static String label(String name) {
        int dot = name.indexOf('.');
        return dot < 0 ? name : name.substring(0, dot);
    }
}
