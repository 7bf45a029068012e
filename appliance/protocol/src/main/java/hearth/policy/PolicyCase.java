package hearth.policy;

import hearth.base.IpAddress;
import hearth.base.IpPrefix;
import hearth.control.ControlJson;
import hearth.control.SSHPolicy;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * One conformance case: a policy and a tailnet, answered as the service answers a save. The form is
 * that of the batch command.
 *
 * <pre>
 * in   id, owner, policy (text or object), topology: users [{id, name, email, role?}],
 *      nodes {NAME: {user | tags, ipv4, ipv6, routable_ips, approved_routes}}
 * out  id, status 200, nodes {NAME: {packetFilter, peers, allowedIPs, primaryRoutes, ssh, capMap}}
 *      id, status 400, message, problems [{path, line, column, code, text}]
 * </pre>
 */
public final class PolicyCase {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** What the service tells every node on its own account. */
    private static final List<String> GIVEN =
            List.of(
                    "https://tailscale.com/cap/file-sharing",
                    "https://tailscale.com/cap/ssh",
                    "https://tailscale.com/cap/tailnet-lock",
                    "probe-udp-lifetime",
                    "ssh-behavior-v1",
                    "ssh-env-vars",
                    "store-appc-routes");

    private final JsonNode in;
    private final Map<Long, String> names = new HashMap<>();

    private PolicyCase(JsonNode in) {
        this.in = in;
    }

    /** The answer to {@code in}; malformed cases throw IllegalArgumentException. */
    public static ObjectNode answer(JsonNode in, Policy.Dialect dialect) {
        return new PolicyCase(in).answer(dialect);
    }

    private ObjectNode answer(Policy.Dialect dialect) {
        ObjectNode out = NODES.objectNode();
        out.put("id", in.path("id").asString(""));
        JsonNode policy = in.path("policy");
        String text = policy.isString() ? policy.asString() : policy.toString();
        World world = world();
        try {
            CompiledPolicy compiled = Policy.parse(text, dialect).check(world);
            out.put("status", 200);
            nodes(out.putObject("nodes"), compiled.recompile(approved(world, compiled)), world);
        } catch (InvalidPolicy e) {
            out.put("status", 400);
            out.put("message", e.message());
            out.set("problems", ControlJson.tree(e.problems()));
        }
        return out;
    }

    private World world() {
        Map<String, String> logins = new HashMap<>();
        List<Member> users = new ArrayList<>();
        String owner = in.path("owner").asString("");
        for (JsonNode u : in.path("topology").path("users")) {
            String name = u.path("name").asString("");
            String email = u.path("email").asString("");
            String login = email.isEmpty() ? name : email;
            logins.put(name, login);
            logins.put(login, login);
            users.add(new Member(login, role(u, login.equals(owner))));
        }
        List<Map.Entry<String, JsonNode>> nodes =
                new ArrayList<>(in.path("topology").path("nodes").properties());
        nodes.sort(Comparator.comparing(e -> joinOrder(e.getKey())));
        List<Device> devices = new ArrayList<>();
        long id = 0;
        for (Map.Entry<String, JsonNode> e : nodes) {
            JsonNode n = e.getValue();
            String user = n.path("user").asString("");
            names.put(++id, e.getKey());
            devices.add(
                    new Device(
                            id,
                            n.path("hostname").asString(e.getKey()),
                            user.isEmpty() ? null : logins.getOrDefault(user, user),
                            texts(n.path("tags")),
                            address(n.path("ipv4"), IpAddress.V4_MIN),
                            address(n.path("ipv6"), IpAddress.V6_MIN),
                            prefixes(n.path("routable_ips")),
                            prefixes(n.path("approved_routes"))));
        }
        return new World(owner, users, devices);
    }

    /** Cases do not say roles; in the recorded tailnet everybody but the owner is an admin. */
    private static Member.Role role(JsonNode user, boolean owner) {
        String role = user.path("role").asString(owner ? "owner" : "admin");
        return Member.Role.valueOf(role.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    /**
     * Cases do not say in which order nodes joined, which decides between two routers of one
     * subnet. A fixed order of names stands in its place; docs/protocol/policy.md.
     */
    private static String joinOrder(String name) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA3-256");
            return HexFormat.of().formatHex(digest.digest(name.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> texts(JsonNode array) {
        List<String> out = new ArrayList<>();
        array.forEach(v -> out.add(v.asString()));
        return out;
    }

    private static IpAddress address(JsonNode text, IpAddress absent) {
        return text.isString() && !text.asString().isEmpty()
                ? IpAddress.parse(text.asString())
                : absent;
    }

    private static List<IpPrefix> prefixes(JsonNode array) {
        return texts(array).stream().map(IpPrefix::parse).map(IpPrefix::masked).toList();
    }

    /** The service approves when a route is offered; cases show the outcome. */
    private static World approved(World world, CompiledPolicy compiled) {
        List<Device> devices = new ArrayList<>();
        for (Device d : world.devices()) {
            Set<IpPrefix> approved = new LinkedHashSet<>(d.approved());
            d.advertised().stream()
                    .filter(r -> compiled.autoApproves(d.id(), r))
                    .forEach(approved::add);
            devices.add(
                    new Device(
                            d.id(),
                            d.name(),
                            d.user(),
                            d.tags(),
                            d.v4(),
                            d.v6(),
                            d.advertised(),
                            List.copyOf(approved)));
        }
        return new World(world.owner(), world.users(), devices);
    }

    private void nodes(ObjectNode out, CompiledPolicy compiled, World world) {
        for (Device d : world.devices()) {
            long id = d.id();
            ObjectNode o = out.putObject(names.getOrDefault(id, d.name()));
            o.set("packetFilter", ControlJson.tree(compiled.packetFilter(id)));
            ArrayNode peers = o.putArray("peers");
            for (PeerView p : compiled.peers(id)) {
                ObjectNode peer = peers.addObject();
                peer.put("name", names.getOrDefault(p.id(), ""));
                peer.set("allowedIPs", ControlJson.tree(p.allowedIps()));
                if (!p.primaryRoutes().isEmpty()) {
                    peer.set("primaryRoutes", ControlJson.tree(p.primaryRoutes()));
                }
                if (!p.capMap().isEmpty()) {
                    peer.set("capMap", capMap(p.capMap(), NODES.objectNode()));
                }
            }
            o.set("allowedIPs", ControlJson.tree(compiled.allowedIps(id)));
            SSHPolicy ssh = compiled.ssh(id);
            if (ssh != null) {
                o.set("ssh", ControlJson.tree(ssh.rules()));
            }
            o.set("capMap", capMap(compiled.capMap(id), given(d, world)));
        }
    }

    private static ObjectNode given(Device d, World world) {
        ObjectNode out = NODES.objectNode();
        GIVEN.forEach(out::putNull);
        boolean tagged = !d.tags().isEmpty();
        if (tagged || world.owner().equals(d.user())) {
            out.putNull("https://tailscale.com/cap/is-owner");
        }
        if (!tagged) {
            out.putNull("https://tailscale.com/cap/is-admin");
        }
        out.putArray("tailnet-display-name").add(world.owner());
        return out;
    }

    private static ObjectNode capMap(Map<String, List<JsonNode>> map, ObjectNode out) {
        map.forEach(
                (name, values) -> {
                    if (values.isEmpty()) {
                        out.putNull(name);
                    } else {
                        out.putArray(name).addAll(values);
                    }
                });
        return out;
    }
}
