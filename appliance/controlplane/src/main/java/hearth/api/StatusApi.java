package hearth.api;

import hearth.base.IpPrefix;
import hearth.base.Refused;
import hearth.login.Logins;
import hearth.tailnet.Node;
import hearth.tailnet.Presence;
import hearth.tailnet.Role.Right;
import hearth.tailnet.Snapshot;
import hearth.tailnet.Tailnet;
import hearth.tailnet.User;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The status as the field's command line spells it ({@code ipnstate.Status}), seen from the
 * appliance's own node, mounted at {@code /localapi/v0}. Beside the usual fields, {@code Pairs}
 * tells the measured ways between devices and {@code Health} what a person should know.
 */
final class StatusApi implements HttpService {
    private final Tailnet tailnet;
    private final Logins logins;
    private final Caller caller;
    private final Paths paths;
    private final InstantSource clock;
    private final Health health;
    private final String version;

    StatusApi(
            Tailnet tailnet,
            Logins logins,
            Caller caller,
            Paths paths,
            Health health,
            InstantSource clock,
            String version) {
        this.tailnet = tailnet;
        this.logins = logins;
        this.caller = caller;
        this.paths = paths;
        this.health = health;
        this.clock = clock;
        this.version = version;
    }

    @Override
    public void routing(HttpRules rules) {
        rules.get("/status", Exchange.needing(caller, Right.READ, this::status));
    }

    private void status(Exchange x) throws Refused {
        List<Paths.Pair> pairs = paths.pairs(x.query("probe").equals("true"));
        Snapshot s = tailnet.snapshot();
        Node self = null;
        Map<Long, Paths.Pair> own = new HashMap<>();
        for (Node n : s.nodes()) {
            if (n.local() && self == null) {
                self = n;
            }
        }
        for (Paths.Pair p : pairs) {
            if (self != null && (p.from() == self.id() || p.to() == self.id())) {
                own.put(p.from() == self.id() ? p.to() : p.from(), p);
            }
        }
        ObjectNode out = Objects.object();
        out.put("Version", version);
        out.put("TUN", health.tun());
        out.put("BackendState", "Running");
        out.put("HaveNodeKey", true);
        out.put("AuthURL", "");
        if (self != null) {
            Objects.addresses(out.putArray("TailscaleIPs"), self);
            out.set("Self", peer(s, self, null));
        }
        Objects.texts(out.putArray("Health"), health.texts());
        logins.setupToken().ifPresent(token -> out.put("SetupToken", token));
        out.put("MagicDNSSuffix", s.domain());
        ObjectNode current = out.putObject("CurrentTailnet");
        current.put("Name", s.domain());
        current.put("MagicDNSSuffix", s.domain());
        current.put("MagicDNSEnabled", s.dns().magicDns());
        ObjectNode peers = out.putObject("Peer");
        ObjectNode users = out.putObject("User");
        for (Node n : s.nodes()) {
            if (!n.equals(self)) {
                peers.set(n.key().toString(), peer(s, n, own.get(n.id())));
            }
            User u = s.userOf(n);
            ObjectNode user = users.putObject(String.valueOf(u.id()));
            user.put("ID", u.id());
            user.put("LoginName", u.login());
            user.put("DisplayName", u.displayName());
        }
        ArrayNode known = out.putArray("Pairs");
        for (Paths.Pair p : pairs) {
            Node from = s.node(p.from());
            Node to = s.node(p.to());
            if (from != null && to != null) {
                pair(known.addObject(), from, to, p);
            }
        }
        x.send(out);
    }

    private void pair(ObjectNode out, Node from, Node to, Paths.Pair p) {
        out.put("From", from.name());
        out.put("To", to.name());
        out.put(
                "Path",
                switch (p.kind()) {
                    case LAN -> "lan";
                    case DIRECT -> "direct";
                    case RELAYED -> "relay";
                    case UNKNOWN -> "unknown";
                });
        out.put("Via", p.via());
        if (p.latency() != null) {
            out.put("LatencyMs", p.latency().toNanos() / 1e6);
        }
        out.put("AgeSeconds", Duration.between(p.measured(), clock.instant()).toSeconds());
    }

    private ObjectNode peer(Snapshot s, Node n, Paths.@Nullable Pair way) {
        Presence presence = s.presence(n.id());
        ObjectNode o = Objects.object();
        o.put("ID", n.stableId());
        o.put("PublicKey", n.key().toString());
        o.put("HostName", n.hostname());
        o.put("DNSName", s.fullName(n) + ".");
        o.put("OS", n.hostinfo().os());
        o.put("UserID", s.userOf(n).id());
        Objects.addresses(o.putArray("TailscaleIPs"), n);
        ArrayNode allowed = o.putArray("AllowedIPs");
        Objects.prefixes(allowed, n.addresses());
        Objects.prefixes(allowed, n.enabledRoutes());
        if (n.isTagged()) {
            Objects.texts(o.putArray("Tags"), n.tags());
        }
        String via = way == null ? "" : way.via();
        Paths.Kind kind = way == null ? Paths.Kind.UNKNOWN : way.kind();
        boolean direct = kind == Paths.Kind.DIRECT || kind == Paths.Kind.LAN;
        o.put("CurAddr", direct ? via : "");
        o.put("Relay", kind == Paths.Kind.RELAYED ? via : "");
        o.put("Created", Objects.time(n.created()));
        o.put("LastSeen", Objects.time(presence.lastSeen()));
        o.put("Online", n.local() || presence.online());
        o.put("ExitNode", false);
        o.put("ExitNodeOption", n.enabledRoutes().stream().anyMatch(IpPrefix::isDefaultRoute));
        o.put("Active", way != null);
        o.put("InNetworkMap", n.authorized());
        o.put("InMagicSock", n.authorized());
        o.put("InEngine", way != null);
        if (s.userOf(n).suspended()) {
            o.put("UserSuspended", true);
        }
        if (n.expired()) {
            o.put("Expired", true);
        }
        if (n.keyExpiry() != null) {
            o.put("KeyExpiry", Objects.time(n.keyExpiry()));
        }
        return o;
    }
}
