package hearth.api;

import hearth.base.IpAddress;
import hearth.base.IpPrefix;
import hearth.control.ControlJson;
import hearth.tailnet.AuditEntry;
import hearth.tailnet.AuthKey;
import hearth.tailnet.Node;
import hearth.tailnet.PendingLogin;
import hearth.tailnet.Presence;
import hearth.tailnet.Snapshot;
import hearth.tailnet.User;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The objects of the REST API v2: Device, Key, User and audit entries, and the waiting login. */
final class Objects {
    private static final String NEVER = "0001-01-01T00:00:00Z";

    private Objects() {}

    static ObjectNode object() {
        return ControlJson.MAPPER.createObjectNode();
    }

    /** RFC 3339 in UTC with whole seconds; the zero time for null. */
    static String time(@Nullable Instant t) {
        return t == null
                ? NEVER
                : DateTimeFormatter.ISO_INSTANT.format(t.truncatedTo(ChronoUnit.SECONDS));
    }

    /** {@code all}: with the fields of {@code fields=all}. */
    static ObjectNode device(Snapshot s, Node n, boolean all) {
        Presence presence = s.presence(n.id());
        ObjectNode d = object();
        addresses(d.putArray("addresses"), n);
        d.put("id", String.valueOf(n.id()));
        d.put("nodeId", n.stableId());
        d.put("name", s.fullName(n));
        d.put("hostname", n.hostname());
        d.put("user", s.userOf(n).login());
        if (n.isTagged()) {
            texts(d.putArray("tags"), n.tags());
        }
        d.put("os", n.hostinfo().os());
        d.put("clientVersion", n.hostinfo().ipnVersion());
        d.put("updateAvailable", false);
        d.put("created", time(n.created()));
        d.put("expires", time(n.expiry()));
        if (!presence.online() && presence.lastSeen() != null) {
            d.put("lastSeen", time(presence.lastSeen()));
        }
        d.put("keyExpiryDisabled", n.expiryDisabled() || n.local());
        d.put("expired", n.expired());
        d.put("loggedOut", n.loggedOut());
        d.put("userSuspended", s.userOf(n).suspended());
        d.put("authorized", n.authorized());
        d.put("isExternal", false);
        d.put("isEphemeral", n.ephemeral());
        d.put("connectedToControl", presence.online());
        d.put("machineKey", n.machine().toString());
        d.put("nodeKey", n.key().toString());
        d.put("blocksIncomingConnections", n.hostinfo().flag("ShieldsUp"));
        d.put("tailnetLockError", "");
        d.put("tailnetLockKey", "");
        if (all) {
            prefixes(d.putArray("advertisedRoutes"), n.advertised());
            prefixes(d.putArray("enabledRoutes"), n.approved());
            d.put("sshEnabled", !n.hostinfo().sshHostKeys().isEmpty());
            ObjectNode connectivity = d.putObject("clientConnectivity");
            ArrayNode endpoints = connectivity.putArray("endpoints");
            n.endpoints()
                    .forEach(
                            e -> endpoints.add(IpAddress.of(e.getAddress()).withPort(e.getPort())));
            connectivity.put("derp", n.homeDerp() == 0 ? "" : String.valueOf(n.homeDerp()));
        }
        return d;
    }

    /** Without the key itself, which is shown once, at its creation. */
    static ObjectNode key(Snapshot s, AuthKey k, Instant now) {
        ObjectNode o = object();
        o.put("id", k.id());
        o.put("keyType", "auth");
        o.put("description", k.description());
        o.put("expirySeconds", Duration.between(k.created(), k.expires()).toSeconds());
        o.put("created", time(k.created()));
        o.put("expires", time(k.expires()));
        if (k.revoked() != null) {
            o.put("revoked", time(k.revoked()));
        }
        if (!k.valid(now)) {
            o.put("invalid", true);
        }
        ObjectNode create = o.putObject("capabilities").putObject("devices").putObject("create");
        create.put("reusable", k.reusable());
        create.put("ephemeral", k.ephemeral());
        create.put("preauthorized", k.preauthorized());
        texts(create.putArray("tags"), k.tags());
        User user = s.user(k.userId());
        o.put("userId", user == null ? String.valueOf(k.userId()) : user.login());
        return o;
    }

    static ObjectNode user(Snapshot s, User u) {
        int devices = 0;
        boolean connected = false;
        Instant lastSeen = null;
        for (Node n : s.nodes()) {
            if (n.userId() != u.id()) {
                continue;
            }
            devices++;
            Presence p = s.presence(n.id());
            connected |= p.online();
            if (p.lastSeen() != null && (lastSeen == null || p.lastSeen().isAfter(lastSeen))) {
                lastSeen = p.lastSeen();
            }
        }
        ObjectNode o = object();
        o.put("id", String.valueOf(u.id()));
        o.put("displayName", u.displayName());
        o.put("loginName", u.login());
        o.put("profilePicUrl", "");
        o.put("tailnetId", s.domain());
        o.put("created", time(u.created()));
        o.put("type", "member");
        o.put("role", u.role().text());
        o.put("status", u.suspended() ? "suspended" : devices > 0 ? "active" : "idle");
        o.put("deviceCount", devices);
        o.put("lastSeen", time(lastSeen));
        o.put("currentlyConnected", connected);
        return o;
    }

    static ObjectNode login(PendingLogin l) {
        ObjectNode o = object();
        o.put("id", l.id());
        o.put("code", l.code());
        o.put("hostname", l.hostname());
        o.put("os", l.os());
        o.put("address", l.address().toString());
        o.put("nodeKey", l.nodeKey().toString());
        o.put("created", time(l.created()));
        o.put("url", l.url());
        return o;
    }

    static ObjectNode audit(AuditEntry e) {
        ObjectNode o = object();
        o.put("eventTime", DateTimeFormatter.ISO_INSTANT.format(e.time()));
        o.put("type", "CONFIG");
        o.put("eventGroupID", String.valueOf(e.id()));
        o.put("origin", e.origin());
        ObjectNode actor = o.putObject("actor");
        actor.put("id", e.actorId());
        actor.put("type", e.actorType());
        actor.put("loginName", e.actorName());
        actor.put("displayName", e.account().isEmpty() ? e.actorName() : e.account());
        ObjectNode target = o.putObject("target");
        target.put("id", e.targetId());
        target.put("name", e.targetName());
        target.put("type", e.targetType());
        if (!e.property().isEmpty()) {
            target.put("property", e.property());
        }
        o.put("action", e.action());
        if (e.oldValue() != null) {
            o.put("old", e.oldValue());
        }
        if (e.newValue() != null) {
            o.put("new", e.newValue());
        }
        if (!e.details().isEmpty()) {
            o.put("actionDetails", e.details());
        }
        if (!e.address().isEmpty()) {
            o.put("sourceAddress", e.address());
        }
        o.put("prevHash", e.prevHash());
        o.put("hash", e.hash());
        return o;
    }

    static void texts(ArrayNode out, Collection<String> texts) {
        texts.forEach(out::add);
    }

    static void addresses(ArrayNode out, Node n) {
        out.add(n.v4().toString()).add(n.v6().toString());
    }

    static void prefixes(ArrayNode out, List<IpPrefix> prefixes) {
        prefixes.forEach(p -> out.add(p.toString()));
    }
}
