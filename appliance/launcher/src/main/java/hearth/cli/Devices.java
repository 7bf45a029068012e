package hearth.cli;

import hearth.base.Refused;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** Finds devices by name, address or id among the API's Device objects. */
final class Devices {
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
                        + (names.isEmpty() ? "none" : String.join(", ", names)));
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
