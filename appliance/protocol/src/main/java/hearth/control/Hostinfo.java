package hearth.control;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import hearth.base.IpPrefix;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a client says about itself, kept as it came: unknown fields survive. Every accessor copes
 * with an absent or mistyped field.
 */
public final class Hostinfo {
    public static final Hostinfo EMPTY = new Hostinfo(ControlJson.MAPPER.createObjectNode());

    private static final int MAX_CHARACTERS = 64 << 10; // clients send 2 to 5 KiB
    private static final int MAX_TEXT = 255;
    private static final int MAX_SSH_KEYS = 16;
    private static final int MAX_SSH_KEY = 4096; // of RSA with 16 kbit, in base64
    private static final int MAX_SERVICES = 8;
    private static final int MAX_TAGS = 32;
    private static final int MAX_ROUTES = 128;
    private static final int MAX_PORT = 0xffff;
    private static final int MAX_REGION = 0xffff; // a port, as older clients read it
    private static final int MAX_DEGREES = 180;
    private static final Pattern PLAIN = Pattern.compile("[ -~]*");
    private static final Pattern UNSHOWN = Pattern.compile("[\\p{Cntrl}\\p{Cf}\\p{Cs}]");

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

    /** A text that can be shown: in one line, of at most 255 characters; empty when absent. */
    public String text(String field) {
        return shown(json.get(field));
    }

    private static String shown(@Nullable JsonNode n) {
        String text = n != null && n.isString() ? n.stringValue() : "";
        if (!PLAIN.matcher(text).matches()) {
            text = UNSHOWN.matcher(text).replaceAll("");
        }
        return text.length() <= MAX_TEXT ? text : cut(text);
    }

    private static String cut(String text) {
        boolean between = Character.isHighSurrogate(text.charAt(MAX_TEXT - 1));
        return text.substring(0, between ? MAX_TEXT - 1 : MAX_TEXT);
    }

    public boolean flag(String field) {
        JsonNode n = json.get(field);
        return n != null && n.isBoolean() && n.booleanValue();
    }

    /** What the client says to a question with yes and no; null when it says nothing. */
    public @Nullable Boolean told(String field) {
        JsonNode n = json.get(field);
        if (n == null || !n.isBoolean()) {
            return null;
        }
        return n.booleanValue();
    }

    /** Subnets and exit routes the client offers; what is no prefix is skipped. */
    public List<IpPrefix> routableIps() {
        Set<IpPrefix> out = new LinkedHashSet<>();
        for (String s : texts("RoutableIPs")) {
            IpPrefix p = IpPrefix.tryParse(s);
            if (p != null) {
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
        int region = home != null && home.isInt() ? home.intValue() : 0;
        return region > 0 && region <= MAX_REGION ? region : 0;
    }

    /**
     * What peers see of it: OS, host name, the PeerAPI services, SSH host keys, location; the rest
     * is nobody's business. Only what has the type that clients expect is passed on: of anything
     * else they refuse the whole map.
     */
    public ObjectNode forPeers() {
        ObjectNode out = ControlJson.MAPPER.createObjectNode();
        text(out, json, "OS");
        text(out, json, "Hostname");
        if (flag("ShareeNode")) {
            out.put("ShareeNode", true);
        }
        List<String> keys = sshHostKeys();
        if (!keys.isEmpty()) {
            var array = out.putArray("sshHostKeys");
            keys.stream()
                    .filter(k -> PLAIN.matcher(k).matches() && k.length() <= MAX_SSH_KEY)
                    .limit(MAX_SSH_KEYS)
                    .forEach(array::add);
        }
        if (json.get("Location") instanceof ObjectNode l) {
            out.set("Location", location(l));
        }
        if (json.get("Services") instanceof ArrayNode all) {
            ArrayNode services = services(all);
            if (!services.isEmpty()) {
                out.set("Services", services);
            }
        }
        return out;
    }

    /**
     * What a first login is decided by: names, versions, tags and routes, each in modest number. A
     * client tells all of it again as soon as it is in.
     */
    public Hostinfo modest() {
        ObjectNode out = ControlJson.MAPPER.createObjectNode();
        for (String field : List.of("OS", "OSVersion", "Hostname", "IPNVersion")) {
            text(out, json, field);
        }
        some(out, "RequestTags", requestTags(), MAX_TAGS);
        some(out, "RoutableIPs", texts("RoutableIPs"), MAX_ROUTES);
        return new Hostinfo(out);
    }

    /**
     * What is kept of a device that is in: all of it up to 64 Ki characters, else what a login
     * needs, what peers see, and the home relay.
     */
    public Hostinfo bounded() {
        if (json.toString().length() <= MAX_CHARACTERS) {
            return this;
        }
        ObjectNode out = forPeers();
        out.setAll(modest().json);
        if (preferredDerp() != 0) {
            out.putObject("NetInfo").put("PreferredDERP", preferredDerp());
        }
        return new Hostinfo(out);
    }

    private static void some(ObjectNode out, String field, List<String> texts, int most) {
        if (!texts.isEmpty()) {
            ArrayNode array = out.putArray(field);
            texts.stream().filter(t -> t.length() <= MAX_TEXT).limit(most).forEach(array::add);
        }
    }

    private static void text(ObjectNode out, ObjectNode in, String field) {
        String text = shown(in.get(field));
        if (!text.isEmpty()) {
            out.put(field, text);
        }
    }

    private static ObjectNode location(ObjectNode in) {
        ObjectNode out = ControlJson.MAPPER.createObjectNode();
        for (String field : List.of("Country", "CountryCode", "City", "CityCode")) {
            text(out, in, field);
        }
        for (String field : List.of("Latitude", "Longitude")) {
            JsonNode n = in.get(field);
            if (n != null && n.isNumber() && Math.abs(n.doubleValue()) <= MAX_DEGREES) {
                out.put(field, n.doubleValue());
            }
        }
        JsonNode priority = in.get("Priority");
        if (priority != null && priority.isInt()) {
            out.put("Priority", priority.intValue());
        }
        return out;
    }

    private static ArrayNode services(ArrayNode in) {
        ArrayNode out = ControlJson.MAPPER.createArrayNode();
        for (JsonNode s : in) {
            String proto = shown(s.get("Proto"));
            JsonNode port = s.get("Port");
            if (proto.startsWith("peerapi")
                    && port != null
                    && port.isInt()
                    && port.intValue() >= 0
                    && port.intValue() <= MAX_PORT
                    && out.size() < MAX_SERVICES) {
                out.addObject().put("Proto", proto).put("Port", port.intValue());
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
