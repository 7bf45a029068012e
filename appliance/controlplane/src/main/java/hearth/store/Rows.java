package hearth.store;

import hearth.base.IpAddress;
import hearth.base.IpPrefix;
import hearth.control.ControlJson;
import hearth.control.Hostinfo;
import hearth.crypto.DiscoKey;
import hearth.crypto.MachineKey;
import hearth.crypto.NodeKey;
import hearth.tailnet.AuditEntry;
import hearth.tailnet.AuthKey;
import hearth.tailnet.DnsSettings;
import hearth.tailnet.Node;
import hearth.tailnet.PolicyVersion;
import hearth.tailnet.Role;
import hearth.tailnet.Settings;
import hearth.tailnet.User;
import java.net.InetSocketAddress;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Rows of the tables as our own types; a row that cannot be read throws. */
final class Rows {
    private Rows() {}

    /** What live.db knows of a node. */
    record Live(
            @Nullable DiscoKey disco,
            List<InetSocketAddress> endpoints,
            int home,
            int capver,
            Hostinfo hostinfo) {
        static final Live NONE = new Live(null, List.of(), 0, 0, Hostinfo.EMPTY);
    }

    static Live live(ResultSet r) throws SQLException {
        String disco = r.getString("disco");
        return new Live(
                disco == null ? null : DiscoKey.parse(disco),
                list(r, "endpoints", Rows::endpoint),
                r.getInt("home"),
                r.getInt("capver"),
                Hostinfo.parse(r.getString("hostinfo")));
    }

    static Node node(ResultSet r, Live live) throws SQLException {
        return new Node(
                r.getLong("id"),
                r.getString("stable_id"),
                MachineKey.parse(r.getString("machine")),
                NodeKey.parse(r.getString("node_key")),
                live.disco(),
                r.getLong("user_id"),
                list(r, "tags", t -> t),
                r.getString("hostname"),
                r.getString("name"),
                r.getString("given_name"),
                IpAddress.parse(r.getString("v4")),
                IpAddress.parse(r.getString("v6")),
                live.endpoints(),
                live.home(),
                live.hostinfo(),
                list(r, "advertised", IpPrefix::parse),
                list(r, "approved", IpPrefix::parse),
                time(r, "created"),
                timeOrNull(r, "expiry"),
                r.getBoolean("expiry_disabled"),
                r.getBoolean("logged_out"),
                false, // the tailnet looks at the clock
                r.getBoolean("ephemeral"),
                r.getBoolean("authorized"),
                live.capver(),
                r.getString("auth_key"),
                r.getBoolean("enrolled_by_admin"),
                r.getBoolean("local"),
                time(r, "key_created"));
    }

    static User user(ResultSet r) throws SQLException {
        return new User(
                r.getLong("id"),
                r.getString("login"),
                r.getString("display_name"),
                Role.valueOf(r.getString("role")),
                time(r, "created"),
                r.getBoolean("suspended"));
    }

    static AuthKey authKey(ResultSet r) throws SQLException {
        return new AuthKey(
                r.getString("id"),
                r.getLong("user_id"),
                list(r, "tags", t -> t),
                r.getBoolean("reusable"),
                r.getBoolean("ephemeral"),
                r.getBoolean("preauthorized"),
                time(r, "created"),
                time(r, "expires"),
                timeOrNull(r, "revoked"),
                r.getInt("uses"),
                r.getString("description"),
                r.getString("secret_hash"));
    }

    static PolicyVersion policy(ResultSet r) throws SQLException {
        return new PolicyVersion(
                r.getLong("version"),
                r.getString("text"),
                r.getString("author"),
                time(r, "time"),
                r.getString("comment"));
    }

    static AuditEntry audit(ResultSet r) throws SQLException {
        return new AuditEntry(
                r.getLong("id"),
                time(r, "time"),
                r.getString("origin"),
                r.getString("actor_type"),
                r.getString("actor_id"),
                r.getString("actor_name"),
                r.getString("account"),
                r.getString("address"),
                r.getString("target_type"),
                r.getString("target_id"),
                r.getString("target_name"),
                r.getString("property"),
                r.getString("action"),
                r.getString("old_value"),
                r.getString("new_value"),
                r.getString("details"),
                r.getString("prev_hash"),
                r.getString("hash"));
    }

    static String text(DnsSettings d) {
        var json = ControlJson.MAPPER.createObjectNode();
        json.put("magicDns", d.magicDns());
        json.set("nameservers", ControlJson.tree(d.nameservers()));
        json.set("splitDomains", ControlJson.tree(d.splitDomains()));
        json.put("overrideLocal", d.overrideLocal());
        json.set("searchDomains", ControlJson.tree(d.searchDomains()));
        return json.toString();
    }

    static DnsSettings dns(String text) {
        JsonNode json = ControlJson.MAPPER.readTree(text);
        Map<String, List<String>> split = new TreeMap<>();
        for (Map.Entry<String, JsonNode> e : json.path("splitDomains").properties()) {
            split.put(e.getKey(), strings(e.getValue()));
        }
        return new DnsSettings(
                json.path("magicDns").booleanValue(),
                strings(json.path("nameservers")),
                split,
                json.path("overrideLocal").booleanValue(),
                strings(json.path("searchDomains")));
    }

    static String text(Settings s) {
        var json = ControlJson.MAPPER.createObjectNode();
        json.put("deviceApproval", s.deviceApproval());
        json.put("keyExpiry", s.keyExpiry());
        json.put("keySeconds", s.keyDuration().toSeconds());
        return json.toString();
    }

    static Settings settings(String text) {
        JsonNode json = ControlJson.MAPPER.readTree(text);
        return new Settings(
                json.path("deviceApproval").booleanValue(),
                json.path("keyExpiry").booleanValue(),
                Duration.ofSeconds(json.path("keySeconds").longValue()));
    }

    private static List<String> strings(JsonNode array) {
        return array.valueStream().map(JsonNode::stringValue).toList();
    }

    static String join(Collection<?> items) {
        return items.stream().map(Object::toString).collect(Collectors.joining(" "));
    }

    static String endpoints(Collection<InetSocketAddress> all) {
        return all.stream()
                .map(e -> IpAddress.of(e.getAddress()) + "|" + e.getPort())
                .collect(Collectors.joining(" "));
    }

    private static InetSocketAddress endpoint(String text) {
        int bar = text.indexOf('|');
        return new InetSocketAddress(
                IpAddress.parse(text.substring(0, bar)).toInetAddress(),
                Integer.parseInt(text.substring(bar + 1)));
    }

    static @Nullable Long millis(@Nullable Instant t) {
        return t == null ? null : t.toEpochMilli();
    }

    private static Instant time(ResultSet r, String column) throws SQLException {
        return Instant.ofEpochMilli(r.getLong(column));
    }

    private static @Nullable Instant timeOrNull(ResultSet r, String column) throws SQLException {
        long millis = r.getLong(column);
        return r.wasNull() ? null : Instant.ofEpochMilli(millis);
    }

    private static <T> List<T> list(ResultSet r, String column, Function<String, T> parse)
            throws SQLException {
        String text = r.getString(column);
        return text.isEmpty() ? List.of() : Arrays.stream(text.split(" ")).map(parse).toList();
    }
}
