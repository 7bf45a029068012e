package hearth.interop;

import hearth.testkit.netns.NetLab;
import hearth.testkit.netns.Peers;
import hearth.testkit.netns.TailscaleClient;
import hearth.testkit.netns.Waiting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The appliance and one official client of each version, each behind a link of its own to a router:
 * what the tests of the control protocol share. Both families everywhere but at the older client,
 * whose machine has no IPv6.
 */
final class ControlLab implements AutoCloseable {
    static final String SERVER = "10.82.1.2";
    static final String SERVER_V6 = "fd82:1::2";
    static final String NAME = "hearth.test";

    final NetLab lab;
    final TestAuthority authority;
    final ApplianceHost appliance;
    final TailscaleClient newer;
    final TailscaleClient older;

    /** Starts all of it; nobody is logged in. */
    ControlLab(Path dir, String... flags) throws IOException {
        lab = new NetLab(dir);
        lab.link("rt", "10.82.1.1/24,fd82:1::1/64", "srv", SERVER + "/24," + SERVER_V6 + "/64");
        lab.link("rt", "10.82.2.1/24,fd82:2::1/64", "newer", "10.82.2.2/24,fd82:2::2/64");
        lab.link("rt", "10.82.3.1/24", "older", "10.82.3.2/24");
        lab.forward("rt");
        lab.route("srv", "10.82.1.1", "fd82:1::1");
        lab.route("newer", "10.82.2.1", "fd82:2::1");
        lab.route("older", "10.82.3.1");
        lab.name(SERVER, NAME);
        authority =
                new TestAuthority(
                        Files.createDirectories(dir.resolve("ca")), NAME, SERVER, SERVER_V6);
        List<String> all =
                new ArrayList<>(
                        List.of(
                                "--tun=off",
                                "--server-url=https://" + NAME,
                                "--tls-cert=" + authority.chain(),
                                "--tls-key=" + authority.key()));
        all.addAll(List.of(flags));
        appliance = new ApplianceHost(lab.host("srv"), all.toArray(new String[0])).start();
        newer = client("newer", Peers.NEWEST);
        older = client("older", Peers.OLDEST);
    }

    /** Another client on a host of the lab. */
    TailscaleClient client(String host, String version) {
        return new TailscaleClient(lab.host(host), version, authority.ca()).start();
    }

    List<TailscaleClient> clients() {
        return List.of(newer, older);
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

    static Duration await(String what, int seconds, Callable<Boolean> condition) {
        return Waiting.until(what, Duration.ofSeconds(seconds), condition);
    }

    static void awaitState(TailscaleClient c, String state) {
        await(c.version() + " is " + state, 20, () -> state(c).equals(state));
    }

    static boolean pings(TailscaleClient from, String to) {
        return from.host().run(Duration.ofSeconds(5), "ping", "-c1", "-W1", to).ok();
    }

    @Override
    public void close() {
        lab.close();
    }
}
