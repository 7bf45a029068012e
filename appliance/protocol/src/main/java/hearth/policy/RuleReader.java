package hearth.policy;

import hearth.base.IpAddress;
import hearth.control.PortRange;
import hearth.policy.hujson.HuArray;
import hearth.policy.hujson.HuJson;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads {@code acls} and {@code grants} into {@link Rule}s. */
final class RuleReader {
    private static final String SELF_SOURCES =
            "autogroup:self can only be used with users, groups, or supported autogroups";

    /** Capabilities of Tailscale's domain that a policy may grant. */
    private static final Set<String> GRANTABLE =
            Set.of(
                    "tailscale.com/cap/databases",
                    "tailscale.com/cap/drive",
                    "tailscale.com/cap/golink",
                    "tailscale.com/cap/kubernetes",
                    "tailscale.com/cap/relay",
                    "tailscale.com/cap/secrets",
                    "tailscale.com/cap/tsidp",
                    "tailscale.com/cap/webui");

    private final Sheet sheet;
    private final Tokens tokens;
    private final Policy.Dialect dialect;
    private final Set<String> postures;
    private final List<String> defaultPostures;
    private final List<Document.NamedDomain> domains;

    RuleReader(
            Sheet sheet,
            Tokens tokens,
            Policy.Dialect dialect,
            Set<String> postures,
            List<String> defaultPostures,
            List<Document.NamedDomain> domains) {
        this.sheet = sheet;
        this.tokens = tokens;
        this.dialect = dialect;
        this.postures = postures;
        this.defaultPostures = defaultPostures;
        this.domains = domains;
    }

    @Nullable Rule acl(Fields f) {
        Rule.Action action = action(f);
        Integer protocol = protocol(f);
        String sourceName = f.has("src") ? "src" : "users";
        String destinationName = f.has("dst") ? "dst" : "ports";
        List<Selector> sources = selectors(f.texts(sourceName), Tokens.Side.ACL_SOURCE, "[acls] ");
        List<Rule.Target> targets = new ArrayList<>();
        for (Text t : f.texts(destinationName)) {
            Rule.Target target = target(t, protocol);
            if (target != null) {
                targets.add(target);
            }
            if (target != null
                    && target.to() instanceof Selector.Group(String name)
                    && tokens.groupAddresses.containsKey(name)) {
                targets.add(new Rule.Target(tokens.groupAddresses.get(name), target.ports()));
            }
        }
        List<String> asked = postures(f);
        f.get("users");
        f.get("ports");
        f.refuseOthers();
        boolean self = targets.stream().anyMatch(t -> t.to().is(AutoGroup.SELF));
        if (self && !sources.stream().allMatch(s -> mayBeSelf(s, true))) {
            sheet.problem(f.place(sourceName), "self-source", SELF_SOURCES);
        }
        List<Integer> protocols = protocol == null ? List.of() : List.of(protocol);
        if (action == Rule.Action.DENY) {
            targets.replaceAll(t -> new Rule.Target(wholly(t.to()), t.ports()));
            sources = sources.stream().map(RuleReader::wholly).toList();
        }
        return new Rule(
                f.place(),
                action,
                sources,
                asked,
                List.of(),
                List.of(new Rule.Opening(protocols, targets)),
                Map.of(),
                List.of());
    }

    /** A deny means every address that it names, also one that no node is expected to have. */
    private static Selector wholly(Selector s) {
        return s instanceof Selector.Addresses a
                ? new Selector.Addresses(a.token(), a.set(), a.set(), a.wire())
                : s;
    }

    private Rule.Action action(Fields f) {
        Text t = f.text("action");
        String action = t == null ? "" : t.value();
        if (action.equals("accept")) {
            return Rule.Action.ACCEPT;
        }
        if (action.equals("deny") && dialect == Policy.Dialect.HEARTH) {
            return Rule.Action.DENY;
        }
        String hint = dialect == Policy.Dialect.HEARTH ? ", only accept and deny are" : "";
        sheet.problem(
                f.place("action"),
                "action",
                "action=\"" + action + "\" is not supported" + (action.isEmpty() ? "" : hint));
        return Rule.Action.ACCEPT;
    }

    private @Nullable Integer protocol(Fields f) {
        Text t = f.text("proto");
        try {
            return t == null ? null : Ports.protocol(t.value());
        } catch (Ports.Malformed e) {
            sheet.problem(f.place("proto"), "proto", e.text());
            return null;
        }
    }

    private Rule.@Nullable Target target(Text t, @Nullable Integer protocol) {
        String token = t.value().strip();
        int colon = token.lastIndexOf(':');
        String where = "dst=\"" + token + "\": ";
        if (colon < 0) {
            sheet.problem(t.place(), "port", where + "hostport must contain a colon (\":\")");
            return null;
        }
        List<PortRange> ports;
        try {
            Ports.refuseComma(token.substring(0, colon));
            ports = Ports.parse(token.substring(colon + 1).strip());
        } catch (Ports.Malformed e) {
            sheet.problem(t.place(), "port", where + e.text());
            return null;
        }
        if (protocol != null && !Ports.hasPorts(protocol) && !ports.equals(ALL_PORTS)) {
            sheet.problem(t.place(), "port", where + "this protocol has no ports, use \"*\"");
        }
        String host = unbracket(token.substring(0, colon));
        if (host == null) {
            sheet.problem(
                    t.place(),
                    "address",
                    where + "square brackets are only valid around IPv6 addresses");
            return null;
        }
        Text bare = new Text(host, t.place());
        Selector to = selector(bare, Tokens.Side.ACL_DESTINATION, "[acls] ");
        return to == null ? null : new Rule.Target(to, ports);
    }

    private static final List<PortRange> ALL_PORTS = List.of(PortRange.ALL);

    /** {@code [v6]} and {@code [v6]/128} without the brackets; null when they hold no IPv6. */
    static @Nullable String unbracket(String host) {
        if (!host.startsWith("[")) {
            return host;
        }
        int close = host.indexOf(']');
        String inner = close < 0 ? "" : host.substring(1, close);
        IpAddress a = IpAddress.tryParse(inner);
        return a == null || a.v4() ? null : inner + host.substring(close + 1);
    }

    @Nullable Rule grant(Fields f) {
        List<Selector> sources = selectors(f.texts("src"), Tokens.Side.GRANT_SOURCE, "[grants] ");
        List<Text> destinationTexts = f.texts("dst");
        List<Selector> destinations =
                selectors(destinationTexts, Tokens.Side.GRANT_DESTINATION, "[grants] ");
        Map<List<Integer>, List<PortRange>> traffic = traffic(f.texts("ip"));
        Map<String, List<JsonNode>> app = capabilities(f);
        if (f.texts("ip").isEmpty() && app.isEmpty()) {
            sheet.problem(f.place(), "empty-grant", "ip and app can not both be empty");
        }
        refuseDefaultRoutes(destinationTexts);
        if (!app.isEmpty() && destinations.stream().anyMatch(d -> d.is(AutoGroup.INTERNET))) {
            sheet.problem(
                    f.place("dst"),
                    "app-internet",
                    "cannot use app grants with autogroup:internet");
        }
        List<String> via = tags(f.texts("via"), "via");
        List<String> asked = postures(f);
        f.refuseOthers();
        boolean self = destinations.stream().anyMatch(d -> d.is(AutoGroup.SELF));
        if (self && !sources.stream().allMatch(s -> mayBeSelf(s, false))) {
            sheet.problem(f.place("src"), "self-source", SELF_SOURCES);
        }
        List<Rule.Opening> openings = new ArrayList<>();
        traffic.forEach(
                (protocols, ports) ->
                        openings.add(
                                new Rule.Opening(
                                        protocols,
                                        destinations.stream()
                                                .map(d -> new Rule.Target(d, ports))
                                                .toList())));
        return new Rule(
                f.place(),
                Rule.Action.ACCEPT,
                sources,
                asked,
                via,
                openings,
                app,
                app.isEmpty() ? List.of() : destinations);
    }

    private void refuseDefaultRoutes(List<Text> destinations) {
        for (Text t : destinations) {
            String d = t.value().strip();
            if (d.equals("0.0.0.0/0") || d.equals("::/0")) {
                sheet.problem(
                        t.place(),
                        "default-route",
                        "dst \""
                                + d
                                + "\": to allow all IP addresses, use \"*\" or"
                                + " \"autogroup:internet\"");
            }
        }
    }

    /** Ports by protocols, in the order of their first mention. */
    private Map<List<Integer>, List<PortRange>> traffic(List<Text> texts) {
        Map<List<Integer>, List<PortRange>> out = new LinkedHashMap<>();
        for (Text t : texts) {
            try {
                Ports.Traffic traffic = Ports.traffic(t.value());
                Integer protocol = traffic.protocol();
                out.computeIfAbsent(
                                protocol == null ? List.of() : List.of(protocol),
                                _ -> new ArrayList<>())
                        .add(traffic.ports());
            } catch (Ports.Malformed e) {
                sheet.problem(t.place(), "port", e.text());
            }
        }
        return out;
    }

    private Map<String, List<JsonNode>> capabilities(Fields f) {
        Map<String, List<JsonNode>> out = new LinkedHashMap<>();
        for (Fields.Entry e : f.entries("app")) {
            String name = e.name().value();
            String wrong = wrongCapability(name);
            if (wrong != null) {
                sheet.problem(e.name().place(), "capability", wrong);
            }
            out.put(name, arguments(e));
        }
        return out;
    }

    /** The JSON values of an app capability, or of a node attribute. */
    List<JsonNode> arguments(Fields.Entry e) {
        if (e.value() instanceof HuArray a) {
            return a.elements().stream().map(HuJson::toJson).toList();
        }
        if (!Sheet.isNull(e.value())) {
            sheet.wrongKind(new Place(e.path(), e.value().offset()), e.value(), "an array");
        }
        return List.of();
    }

    private static @Nullable String wrongCapability(String name) {
        int slash = name.indexOf('/');
        if (name.contains("://") || slash <= 0 || slash == name.length() - 1) {
            return "capability name must have the form {domain}/{path}";
        }
        boolean ours = name.substring(0, slash).equals("tailscale.com");
        return ours && !GRANTABLE.contains(name)
                ? "capability name must not be in the tailscale.com domain"
                : null;
    }

    /** The tags of a member that takes nothing else. */
    List<String> tags(List<Text> texts, String member) {
        Set<String> out = new TreeSet<>();
        for (Text t : texts) {
            String tag = t.value().strip();
            if (!tag.startsWith("tag:")) {
                sheet.problem(t.place(), member, member + " can only be a tag");
            } else if (!tokens.tags.contains(tag)) {
                sheet.problem(t.place(), "unknown-tag", "tag \"" + tag + "\" not found");
            }
            out.add(tag);
        }
        return List.copyOf(out);
    }

    Tokens tokens() {
        return tokens;
    }

    List<String> postures(Fields f) {
        if (!f.has("srcPosture")) {
            return defaultPostures;
        }
        List<String> out = new ArrayList<>();
        for (Text t : f.texts("srcPosture")) {
            if (!postures.contains(t.value())) {
                sheet.problem(
                        t.place(), "unknown-posture", "posture not found: \"" + t.value() + "\"");
            }
            out.add(t.value());
        }
        return out;
    }

    List<Selector> selectors(List<Text> texts, Tokens.Side side, String domainPrefix) {
        List<Selector> out = new ArrayList<>();
        for (Text t : texts) {
            Selector s = selector(t, side, domainPrefix);
            if (s != null) {
                out.add(s);
            }
            if (s instanceof Selector.Group(String name)
                    && tokens.groupAddresses.containsKey(name)
                    && side.takesAddresses()) {
                out.add(tokens.groupAddresses.get(name));
            }
        }
        return out;
    }

    @Nullable Selector selector(Text t, Tokens.Side side, String domainPrefix) {
        Selector s = tokens.read(t, side, sheet);
        if (s instanceof Selector.Domain(String domain)) {
            domains.add(new Document.NamedDomain(t.place(), domainPrefix, domain));
        }
        return s;
    }

    /** Whether all devices of {@code s} belong to users. {@code *} does for acls only. */
    private static boolean mayBeSelf(Selector s, boolean everyone) {
        return switch (s) {
            case Selector.Everyone _ -> everyone;
            case Selector.User _, Selector.Group _, Selector.Domain _ -> true;
            case Selector.Auto(AutoGroup g) -> AutoGroup.SELF_SOURCES.contains(g);
            case Selector.Addresses a -> a.token().startsWith("group:"); // devices in a group: lint
            case Selector.Tag _, Selector.Named _, Selector.Service _ -> false;
        };
    }
}
