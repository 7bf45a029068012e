package hearth.interop;

import hearth.testkit.netns.TailscaleClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the tests of the control protocol share. Both families everywhere but at the older client,
 * whose machine has no IPv6.
 */
final class ControlLab extends HomeLab {
    static final String SERVER = "10.82.1.2";
    static final String SERVER_V6 = "fd82:1::2";

    /** Starts all of it; nobody is logged in. */
    ControlLab(Path dir) throws IOException {
        super(dir, List.of("10.82.", "fd82:"), "--tun=off");
        start();
    }

    /** The device of a client's host name, or one that is missing. */
    JsonNode device(String hostname) {
        for (JsonNode d : appliance.devices()) {
            if (d.path("hostname").asString("").equals(hostname)) {
                return d;
            }
        }
        return JsonMapper.shared().missingNode();
    }

    /** How many devices have this host name. */
    int devices(String hostname) {
        int n = 0;
        for (JsonNode d : appliance.devices()) {
            n += d.path("hostname").asString("").equals(hostname) ? 1 : 0;
        }
        return n;
    }

    /** A key of the owner: {@code options} of its "create", as JSON members. */
    String key(String options) {
        return key(options, "");
    }

    /** A key: options of its "create", further members of the whole, both as JSON members. */
    String key(String options, String more) {
        return appliance
                .api(
                        "POST",
                        "/api/v2/tailnet/-/keys",
                        "{\"capabilities\":{\"devices\":{\"create\":{"
                                + options
                                + "}}}"
                                + (more.isEmpty() ? "" : "," + more)
                                + "}")
                .path("key")
                .asString();
    }

    void approve(String login) {
        appliance.api("POST", "/api/hearth/logins/" + login + "/approve", "{}");
    }

    /** Asks something of a device: {@code path} below it, e.g. {@code /expire}. */
    void device(String hostname, String path, String body) {
        String id = device(hostname).path("nodeId").asString();
        appliance.api("POST", "/api/v2/device/" + id + path, body);
    }

    /** The one login that waits, by its id. */
    String waitingLogin(String hostname) {
        var id = new StringBuilder();
        await(
                "a login of " + hostname,
                15,
                () -> {
                    for (JsonNode l : appliance.api("GET", "/api/hearth/logins", "")) {
                        if (l.path("hostname").asString("").equals(hostname)) {
                            id.setLength(0);
                            id.append(l.path("id").asString());
                            return true;
                        }
                    }
                    return false;
                });
        return id.toString();
    }

    static JsonNode status(TailscaleClient c) {
        return JsonMapper.shared().readTree(c.statusJson());
    }

    static String state(TailscaleClient c) {
        return status(c).path("BackendState").asString("");
    }

    static List<String> health(TailscaleClient c) {
        List<String> lines = new ArrayList<>();
        status(c).path("Health").forEach(l -> lines.add(l.asString()));
        return lines;
    }

    static void awaitState(TailscaleClient c, String state) {
        await(c.version() + " is " + state, 20, () -> state(c).equals(state));
    }
}
