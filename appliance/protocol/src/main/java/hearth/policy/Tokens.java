package hearth.policy;

import hearth.base.IpRange;
import hearth.base.IpSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Makes {@link Selector}s of tokens; says what is wrong in the words of the service. */
final class Tokens {
    /** The side of which kind of rule a token stands on. */
    enum Side {
        ACL_SOURCE,
        ACL_DESTINATION,
        GRANT_SOURCE,
        GRANT_DESTINATION,
        SSH_SOURCE,
        SSH_DESTINATION,
        TARGET,
        OWNER,
        APPROVER,
        SSH_TEST;

        boolean isRuleSource() {
            return this == ACL_SOURCE || this == GRANT_SOURCE;
        }

        boolean isRuleDestination() {
            return this == ACL_DESTINATION || this == GRANT_DESTINATION;
        }

        boolean takesAddresses() {
            return isRuleSource() || isRuleDestination() || this == TARGET || this == SSH_TEST;
        }

        Set<AutoGroup> autoGroups() {
            return switch (this) {
                case ACL_SOURCE, GRANT_SOURCE -> AutoGroup.SOURCES;
                case ACL_DESTINATION, GRANT_DESTINATION -> AutoGroup.DESTINATIONS;
                case SSH_SOURCE -> AutoGroup.SSH_SOURCES;
                case SSH_DESTINATION -> AutoGroup.SSH_DESTINATIONS;
                case SSH_TEST -> AutoGroup.SSH_TESTED;
                case TARGET, OWNER, APPROVER -> AutoGroup.IDENTITIES;
            };
        }
    }

    /** A token that means nothing, and the text that says so. */
    record Refusal(String code, String text) {}

    /** Labels with dots between them, the last not a number: no address is a name. */
    private static final Pattern DEVICE =
            Pattern.compile(
                    "(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\\.)*(?!\\d+\\.?$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\\.?");

    final Map<String, Selector.Addresses> hosts = new HashMap<>();
    final Map<String, Place> hostPlaces = new HashMap<>();
    final Map<String, Selector.Addresses> ipsets = new HashMap<>();
    final Set<String> groups = new HashSet<>();
    final Set<String> tags = new HashSet<>();

    /** Addresses among the members of groups, by group. */
    final Map<String, Selector.Addresses> groupAddresses = new HashMap<>();

    /** Tags that {@code tagOwners} does not have. */
    final List<Text> openTags = new ArrayList<>();

    /** Users named by {@code LOCALPART@} alone, which only one may have. */
    final List<Text> shortLogins = new ArrayList<>();

    /** The first {@code autogroup:members} and the first {@code autogroup:member}. */
    @Nullable Text legacyMembers;

    @Nullable Text members;

    /** Devices named, and where. */
    final Map<String, List<Place>> devices = new TreeMap<>();

    private final Policy.Dialect dialect;

    Tokens(Policy.Dialect dialect) {
        this.dialect = dialect;
    }

    /** The selector of {@code text}, or null after saying what is wrong. */
    @Nullable Selector read(Text text, Side side, Sheet sheet) {
        Object result = parse(text.value(), side);
        if (result instanceof Selector.Named(String name)) {
            device(name, text.place());
        }
        note(text);
        if (result instanceof Selector s) {
            return s;
        }
        if (result instanceof Refusal r) {
            sheet.problem(text.place(), r.code(), r.text());
        }
        // whether that stays a problem depends on what else the policy says
        if (isOpenTag(text.value().strip())) {
            openTags.add(text);
            return new Selector.Tag(text.value().strip());
        }
        return null;
    }

    /** Remembers that a device is named there. */
    void device(String name, Place place) {
        devices.computeIfAbsent(name, _ -> new ArrayList<>()).add(place);
    }

    /** Remembers a token whose meaning depends on what else there is. */
    void note(Text text) {
        String s = text.value().strip();
        if (s.endsWith("@")) {
            shortLogins.add(new Text(s.toLowerCase(Locale.ROOT), text.place()));
        } else if (s.equals("autogroup:members") && legacyMembers == null) {
            legacyMembers = text;
        } else if (s.equals("autogroup:member") && members == null) {
            members = text;
        }
    }

    /** A {@link Selector} or a {@link Refusal}. */
    Object parse(String token, Side side) {
        String s = token.strip();
        if (s.equals("*")) {
            return everyone(side);
        }
        if (s.startsWith("autogroup:")) {
            return autoGroup(s, side);
        }
        if (s.startsWith("group:")) {
            if (side == Side.SSH_DESTINATION) {
                return badSshDestination(s);
            }
            return groups.contains(s) ? new Selector.Group(s) : notFound("group", s, side);
        }
        if (s.startsWith("tag:")) {
            return tags.contains(s) ? new Selector.Tag(s) : notFound("tag", s, side);
        }
        if (s.startsWith("user:*@") && s.length() > "user:*@".length()) {
            return side == Side.SSH_DESTINATION
                    ? badSshDestination(s)
                    : new Selector.Domain(s.substring("user:*@".length()));
        }
        if (s.startsWith("svc:")) {
            return side.isRuleDestination() ? new Selector.Service(s) : refused("service", s, side);
        }
        if (s.startsWith("user:")) {
            return refused("user", s, side);
        }
        if (s.indexOf('@') >= 0) {
            return new Selector.User(s.toLowerCase(Locale.ROOT));
        }
        if (s.startsWith("ipset:")
                && (side.isRuleSource() || side.isRuleDestination())
                && !ipsets.containsKey(s)) {
            return notFound("ipset", s, side);
        }
        Selector.Addresses addresses = addresses(s);
        String device = addresses == null ? deviceName(s) : null;
        if (device != null && side != Side.OWNER) {
            return new Selector.Named(device);
        }
        if (addresses == null || !side.takesAddresses()) {
            return refused("unknown-name", s, side);
        }
        boolean onlySets = s.startsWith("ipset:");
        if (onlySets && !side.isRuleSource() && !side.isRuleDestination()) {
            return refused("ipset", s, side);
        }
        return addresses;
    }

    private boolean isOpenTag(String s) {
        return dialect == Policy.Dialect.HEARTH
                && s.startsWith("tag:")
                && PolicyReader.wrongTag(s) == null;
    }

    /** The name of a device that {@code s} means, in lower case; null when it cannot be one. */
    @Nullable String deviceName(String s) {
        boolean forced = s.startsWith("device:");
        String name = (forced ? s.substring("device:".length()) : s).toLowerCase(Locale.ROOT);
        return dialect == Policy.Dialect.HEARTH && DEVICE.matcher(name).matches() ? name : null;
    }

    /** A literal address or prefix, a host or an ipset; null for anything else. */
    Selector.@Nullable Addresses addresses(String s) {
        if (s.startsWith("ipset:")) {
            return ipsets.get(s);
        }
        Selector.Addresses host = hosts.get(s.startsWith("host:") ? s.substring(5) : s);
        return host != null ? host : literal(s);
    }

    Selector.@Nullable Addresses literal(String s) {
        IpRange r = s.indexOf('-') < 0 ? Ranges.parse(s) : null;
        if (r == null) {
            return null;
        }
        IpSet set = IpSet.of(List.of(r));
        boolean onNoNode = Ranges.NEVER_GIVEN.containsAll(set);
        return new Selector.Addresses(
                s, set, onNoNode ? IpSet.EMPTY : set, List.of(Ranges.wire(r)));
    }

    /** What the source of a test means, or null; a group or tag that is not defined is nobody. */
    @Nullable Selector testSource(String s, Place place) {
        Selector from = tested(s, Side.ACL_SOURCE, place);
        if (from == null && s.startsWith("group:")) {
            return new Selector.Group(s);
        }
        return from == null && s.startsWith("tag:") ? new Selector.Tag(s) : from;
    }

    private @Nullable Selector tested(String s, Side side, Place place) {
        Object result = parse(s, side);
        if (result instanceof Selector.Named(String name)) {
            device(name, place);
        }
        return result instanceof Selector out ? out : null;
    }

    /** A destination of a test: one host, one port. */
    Document.TestFlow testFlow(Text t) {
        String s = t.value().strip();
        int colon = s.lastIndexOf(':');
        String host = colon < 0 ? null : RuleReader.unbracket(s.substring(0, colon));
        if (host == null) {
            return new Document.TestFlow(t, null, 0, "invalid destination");
        }
        int port = Ports.number(s.substring(colon + 1));
        if (port < 0) {
            return new Document.TestFlow(t, null, 0, "a test needs a single port");
        }
        Selector to = tested(host, Side.ACL_DESTINATION, t.place());
        if (to == null) {
            return new Document.TestFlow(t, null, port, "unknown destination");
        }
        boolean network =
                host.indexOf('/') >= 0
                        || to.is(AutoGroup.INTERNET)
                        || (to instanceof Selector.Addresses a && !isSingle(a.set()));
        return new Document.TestFlow(t, to, port, network ? "a test needs a single host" : "");
    }

    static boolean isSingle(IpSet set) {
        return set.ranges().size() == 1
                && set.ranges().getFirst().first().equals(set.ranges().getFirst().last());
    }

    private static Object everyone(Side side) {
        return switch (side) {
            case ACL_SOURCE, ACL_DESTINATION, GRANT_SOURCE, GRANT_DESTINATION, TARGET ->
                    new Selector.Everyone();
            case SSH_DESTINATION, SSH_TEST -> badSshDestination("*");
            case SSH_SOURCE -> badSshSource("*");
            case OWNER, APPROVER -> new Refusal("wildcard", "\"*\" is not valid here");
        };
    }

    private static Object autoGroup(String s, Side side) {
        AutoGroup g = AutoGroup.parse(s);
        if (g != null && side.autoGroups().contains(g)) {
            return new Selector.Auto(g);
        }
        if (g == AutoGroup.DANGER_ALL && side.isRuleDestination()) {
            return new Refusal("autogroup", "cannot use autogroup:danger-all as a dst");
        }
        String where =
                switch (side) {
                    case ACL_SOURCE, GRANT_SOURCE, SSH_SOURCE -> "on the src side of a rule";
                    case ACL_DESTINATION, GRANT_DESTINATION, SSH_DESTINATION, SSH_TEST ->
                            "on the dst side of a rule";
                    case TARGET -> "as a target";
                    case OWNER -> "as a tag owner";
                    case APPROVER -> "as an auto approver";
                };
        return new Refusal("autogroup", "\"" + s + "\" not valid " + where);
    }

    private static Refusal refused(String code, String s, Side side) {
        return switch (side) {
            case SSH_SOURCE -> badSshSource(s);
            case SSH_DESTINATION -> badSshDestination(s);
            case ACL_SOURCE,
                    ACL_DESTINATION,
                    GRANT_SOURCE,
                    GRANT_DESTINATION,
                    TARGET,
                    OWNER,
                    APPROVER,
                    SSH_TEST ->
                    new Refusal(code, invalid(s, side));
        };
    }

    private static Refusal badSshSource(String s) {
        return new Refusal("source", "invalid src \"" + s + "\"");
    }

    private static Refusal badSshDestination(String s) {
        return new Refusal("destination", "invalid dst \"" + s + "\"");
    }

    private static Refusal notFound(String kind, String name, Side side) {
        String code = "unknown-" + kind;
        if (side.isRuleSource()) {
            return new Refusal(code, "src=" + kind + " not found: \"" + name + "\"");
        }
        if (side == Side.ACL_DESTINATION) {
            return new Refusal(code, "dst=\"" + name + "\": " + kind + " not found");
        }
        return new Refusal(code, kind + " not found: \"" + name + "\"");
    }

    private static String invalid(String s, Side side) {
        String prefix = side.isRuleSource() ? "src=" : side == Side.ACL_DESTINATION ? "dst=" : "";
        return prefix + "\"" + s + "\": invalid address";
    }
}
