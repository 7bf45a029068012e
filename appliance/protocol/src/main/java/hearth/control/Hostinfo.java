package hearth.control;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import hearth.base.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a client says about itself, kept as it came: unknown fields survive. Every accessor copes
 * with an absent or mistyped field.
 */
public final class Hostinfo {
    public static final Hostinfo EMPTY = new Hostinfo(ControlJson.MAPPER.createObjectNode());

    private final ObjectNode json; // never changed after construction

    private Hostinfo(ObjectNode json) {
        this.json = json;
    }

    /** Of a client's JSON; anything but an object counts as empty. */
    @JsonCreator
    public static Hostinfo of(@Nullable JsonNode json) {
        return json instanceof ObjectNode o ? new Hostinfo(o.deepCopy()) : EMPTY;
    }

    /** Parses stored text; anything but an object counts as empty. */
    public static Hostinfo parse(String text) {
        return of(ControlJson.MAPPER.readTree(text));
    }

    /** The whole object; a copy of the caller's own. */
    @JsonValue
    public ObjectNode json() {
        return json.deepCopy();
    }

    public String hostname() {
        return text("Hostname");
    }

    public String os() {
        return text("OS");
    }

    public String osVersion() {
        return text("OSVersion");
    }

    /** The client's version, e.g. {@code 1.102.5-t…}. */
    public String ipnVersion() {
        return text("IPNVersion");
    }

    public String text(String field) {
        JsonNode n = json.get(field);
        return n != null && n.isString() ? n.stringValue() : "";
    }

    public boolean flag(String field) {
        JsonNode n = json.get(field);
        return n != null && n.isBoolean() && n.booleanValue();
    }

    /** Subnets and exit routes the client offers; what is no prefix is skipped. */
    public List<IpPrefix> routableIps() {
        List<IpPrefix> out = new ArrayList<>();
        for (String s : texts("RoutableIPs")) {
            IpPrefix p = IpPrefix.tryParse(s);
            if (p != null && !out.contains(p.masked())) {
                out.add(p.masked());
            }
        }
        return List.copyOf(out);
    }

    /** Tags the client asks for. */
    public List<String> requestTags() {
        return texts("RequestTags");
    }

    public List<String> sshHostKeys() {
        return texts("sshHostKeys");
    }

    private List<String> texts(String field) {
        List<String> out = new ArrayList<>();
        JsonNode array = json.get(field);
        if (array != null && array.isArray()) {
            for (JsonNode n : array) {
                if (n.isString()) {
                    out.add(n.stringValue());
                }
            }
        }
        return List.copyOf(out);
    }

    /** {@code NetInfo.PreferredDERP}, or 0 when the client has not told it. */
    public int preferredDerp() {
        JsonNode net = json.get("NetInfo");
        JsonNode home = net == null ? null : net.get("PreferredDERP");
        return home != null && home.isInt() ? home.intValue() : 0;
    }

    /**
     * What peers see of it: OS, host name, the PeerAPI services, SSH host keys, location; the rest
     * is nobody's business.
     */
    public ObjectNode forPeers() {
        ObjectNode out = ControlJson.MAPPER.createObjectNode();
        for (String field : List.of("OS", "Hostname", "ShareeNode", "sshHostKeys", "Location")) {
            JsonNode n = json.get(field);
            if (n != null) {
                out.set(field, n.deepCopy());
            }
        }
        JsonNode services = json.get("Services");
        if (services != null && services.isArray()) {
            var kept = ControlJson.MAPPER.createArrayNode();
            for (JsonNode s : services) {
                JsonNode proto = s.get("Proto");
                if (proto != null
                        && proto.isString()
                        && proto.stringValue().startsWith("peerapi")) {
                    kept.add(s.deepCopy());
                }
            }
            if (!kept.isEmpty()) {
                out.set("Services", kept);
            }
        }
        return out;
    }

    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof Hostinfo h && h.json.equals(json);
    }

    @Override
    public int hashCode() {
        return json.hashCode();
    }

    /** The JSON text. */
    @Override
    public String toString() {
        return json.toString();
    }
}
