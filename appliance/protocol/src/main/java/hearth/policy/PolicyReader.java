package hearth.policy;

import hearth.base.IpPrefix;
import hearth.base.IpRange;
import hearth.base.IpSet;
import hearth.policy.hujson.HuArray;
import hearth.policy.hujson.HuJson;
import hearth.policy.hujson.HuJsonException;
import hearth.policy.hujson.HuObject;
import hearth.policy.hujson.HuString;
import hearth.policy.hujson.HuValue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads the text of a policy: definitions first, then what refers to them. */
final class PolicyReader {
    private final Sheet sheet;
    private final Policy.Dialect dialect;
    private boolean extended;
    private final Tokens tokens;
    private final List<Document.NamedDomain> domains = new ArrayList<>();

    private PolicyReader(String text, Policy.Dialect dialect) {
        this.sheet = new Sheet(text);
        this.dialect = dialect;
        this.tokens = new Tokens(dialect);
    }

    static Document read(String text, Policy.Dialect dialect) throws InvalidPolicy {
        return new PolicyReader(text, dialect).read(text);
    }

    /** The policy with other tests than its own. */
    static Document read(String text, String tests, Policy.Dialect dialect) throws InvalidPolicy {
        PolicyReader reader = new PolicyReader(text, dialect);
        Document document = reader.read(text);
        HuValue root = parse(tests);
        Sheet sheet = new Sheet(tests);
        List<Document.PolicyTest> others = new ArrayList<>();
        if (root instanceof HuArray array) {
            for (int i = 0; i < array.elements().size(); i++) {
                HuValue e = array.elements().get(i);
                String path = "tests[" + i + "]";
                if (e instanceof HuObject o) {
                    others.add(reader.test(new Fields(sheet, o, path)));
                } else {
                    sheet.wrongKind(new Place(path, e.offset()), e, "an object");
                }
            }
        } else {
            sheet.wrongKind(new Place("tests", root.offset()), root, "an array of objects");
        }
        if (!sheet.problems().isEmpty()) {
            throw new InvalidPolicy(sheet.problems());
        }
        return document.withTests(others);
    }

    private static HuValue parse(String text) throws InvalidPolicy {
        try {
            return HuJson.parse(text);
        } catch (HuJsonException e) {
            // the message holds the position, as the service's does
            throw new InvalidPolicy(List.of(e.problem()), String.valueOf(e.getMessage()));
        }
    }

    private Document read(String text) throws InvalidPolicy {
        HuValue root = parse(text);
        if (!(root instanceof HuObject object)) {
            sheet.problem(new Place("", root.offset()), "type", "a policy must be an object");
            throw new InvalidPolicy(sheet.problems());
        }
        Document document = document(new Fields(sheet, object, ""));
        if (document.extended()) {
            sheet.forgive("unknown-tag"); // administrators may give any tag: a lint
        }
        if (!sheet.problems().isEmpty()) {
            throw new InvalidPolicy(sheet.problems());
        }
        return document;
    }

    private Document document(Fields top) {
        Map<String, List<Text>> groups = groups(top);
        Map<String, List<Text>> owners = owners(top);
        hosts(top);
        new IpSetReader(sheet, tokens).read(top.entries("ipsets"));
        Map<String, List<Posture>> postures = postures(top);
        List<String> defaultPostures = new ArrayList<>();
        for (Text t : top.texts("defaultSrcPosture")) {
            if (!postures.containsKey(t.value())) {
                sheet.problem(
                        t.place(), "unknown-posture", "posture not found: \"" + t.value() + "\"");
            }
            defaultPostures.add(t.value());
        }
        var rules =
                new RuleReader(sheet, tokens, dialect, postures.keySet(), defaultPostures, domains);
        Map<String, List<Selector>> groupMembers = new HashMap<>();
        groups.forEach((name, members) -> groupMembers.put(name, members(name, members)));
        Map<String, List<Selector>> tagOwners = new HashMap<>();
        owners.forEach(
                (tag, tokens) ->
                        tagOwners.put(
                                tag, rules.selectors(tokens, Tokens.Side.OWNER, "[tagOwners] ")));
        List<Rule> grantsAndAcls = rules(top, rules);
        SshReader sshReader = new SshReader(sheet, rules, domains, dialect);
        List<SshRule> ssh = top.objects("ssh").stream().map(sshReader::rule).toList();
        List<Document.NodeAttribute> attributes =
                top.objects("nodeAttrs").stream().map(f -> attribute(f, rules)).toList();
        Map<IpPrefix, List<Selector>> approvers = new LinkedHashMap<>();
        List<Selector> exitApprovers = approvers(top, rules, approvers);
        List<Document.PolicyTest> tests = top.objects("tests").stream().map(this::test).toList();
        List<Document.SshTest> sshTests =
                top.objects("sshTests").stream().map(sshReader::test).toList();
        refuseTwoNames();
        top.entries("attrConfig").forEach(e -> attributeKind(e, rules));
        Document document =
                new Document(
                        dialect,
                        sheet.positions(),
                        grantsAndAcls,
                        groupMembers,
                        tagOwners,
                        approvers,
                        exitApprovers,
                        ssh,
                        attributes,
                        postures,
                        tests,
                        sshTests,
                        domains,
                        tokens.devices,
                        tokens.hosts,
                        tokens.hostPlaces,
                        tokens.openTags,
                        tokens.shortLogins,
                        extended || isExtended(grantsAndAcls, ssh, tokens),
                        top.flag("randomizeClientPort"),
                        top.flag("disableIPv4"),
                        cgnatRoute(top),
                        new DerpMapReader(sheet).read(top));
        top.refuseOthers();
        return document;
    }

    /** One name in one text for what has a former name. */
    private void refuseTwoNames() {
        if (tokens.members != null && tokens.legacyMembers != null) {
            sheet.problem(
                    tokens.legacyMembers.place(),
                    "legacy-name",
                    "\"autogroup:members\" cannot be used together with \"autogroup:member\"");
        }
    }

    /** Whether the text says something that the service does not know. */
    private static boolean isExtended(
            @Nullable List<Rule> rules, List<SshRule> ssh, Tokens tokens) {
        return !tokens.devices.isEmpty()
                || (rules != null && rules.stream().anyMatch(r -> r.action() == Rule.Action.DENY))
                || ssh.stream().anyMatch(r -> r.action() == SshRule.Action.DENY);
    }

    private Map<String, List<Text>> groups(Fields top) {
        Map<String, List<Text>> out = new TreeMap<>(Collections.reverseOrder());
        for (Fields.Entry e : top.entries("groups")) {
            String name = e.name().value();
            if (!name.startsWith("group:") || name.length() == "group:".length()) {
                sheet.problem(
                        e.name().place(),
                        "group-name",
                        "groups[\"" + name + "\"]: group names must start with 'group:'");
            }
            tokens.groups.add(name);
            out.put(name, sheet.texts(e.value(), e.path()));
        }
        // from the last name on, as the service looks for groups in groups
        out.forEach((name, members) -> members.forEach(m -> checkMember(name, m)));
        return out;
    }

    private void checkMember(String group, Text member) {
        String m = member.value().strip();
        String where = "groups[\"" + group + "\"]: \"" + m + "\": ";
        if (m.startsWith("group:")) {
            sheet.problem(
                    member.place(), "nested-group", where + "group members cannot be recursive");
        } else if (m.indexOf('@') < 0 && dialect == Policy.Dialect.TAILSCALE) {
            sheet.problem(member.place(), "group-member", where + "group members must be users");
        }
    }

    /** Users; in the extended dialect also tags, devices and addresses, the last kept apart. */
    private List<Selector> members(String group, List<Text> members) {
        List<Selector> out = new ArrayList<>();
        IpSet addresses = IpSet.EMPTY;
        for (Text t : members) {
            String m = t.value().strip();
            if (m.indexOf('@') >= 0 || dialect == Policy.Dialect.TAILSCALE) {
                tokens.note(t);
                out.add(new Selector.User(m.toLowerCase(Locale.ROOT)));
                continue;
            }
            if (m.startsWith("group:")) {
                continue; // said before
            }
            Selector.Addresses literal = m.startsWith("ipset:") ? null : tokens.addresses(m);
            String device = tokens.deviceName(m);
            extended = true;
            if (literal != null) {
                addresses = addresses.union(literal.set());
            } else if (m.startsWith("tag:")) {
                Selector tag = tokens.read(t, Tokens.Side.TARGET, sheet);
                out.add(tag == null ? new Selector.Tag(m) : tag);
            } else if (device != null) {
                tokens.device(device, t.place());
                out.add(new Selector.Named(device));
            } else {
                sheet.problem(
                        t.place(),
                        "group-member",
                        "groups[\""
                                + group
                                + "\"]: \""
                                + m
                                + "\": group members must be users,"
                                + " tags, devices or addresses");
            }
        }
        if (!addresses.isEmpty()) {
            tokens.groupAddresses.put(
                    group,
                    new Selector.Addresses(group, addresses, addresses, Ranges.wire(addresses)));
        }
        return out;
    }

    private Map<String, List<Text>> owners(Fields top) {
        Map<String, List<Text>> out = new LinkedHashMap<>();
        for (Fields.Entry e : top.entries("tagOwners")) {
            String tag = e.name().value();
            String wrong = wrongTag(tag);
            if (wrong != null) {
                sheet.problem(e.name().place(), "tag-name", "tagOwners[\"" + tag + "\"]: " + wrong);
            }
            tokens.tags.add(tag);
            out.put(tag, sheet.texts(e.value(), e.path()));
        }
        return out;
    }

    /** What is wrong with a tag (tailscale/tailscale tailcfg.CheckTag), or null. */
    static @Nullable String wrongTag(String tag) {
        if (!tag.startsWith("tag:")) {
            return "tags must start with 'tag:'";
        }
        String name = tag.substring("tag:".length());
        if (name.isEmpty()) {
            return "tag names must not be empty";
        }
        if (!isLetter(name.charAt(0))) {
            return "tag names must start with a letter, after 'tag:'";
        }
        boolean plain =
                name.chars()
                        .allMatch(c -> isLetter((char) c) || c == '-' || (c >= '0' && c <= '9'));
        return plain ? null : "tag names can only contain numbers, letters, or dashes";
    }

    private static boolean isLetter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    private void hosts(Fields top) {
        for (Fields.Entry e : top.entries("hosts")) {
            String name = e.name().value();
            String where = "hosts[\"" + name + "\"]: ";
            boolean other = name.equals("*") || tokens.literal(name) != null;
            if (name.isEmpty() || name.indexOf('@') >= 0 || name.indexOf(':') >= 0 || other) {
                sheet.problem(e.name().place(), "host-name", where + "invalid host name");
            }
            Selector.Addresses literal =
                    e.value() instanceof HuString s ? tokens.literal(s.value().strip()) : null;
            if (literal == null) {
                Place at = new Place(e.path(), e.value().offset());
                if (e.value() instanceof HuString s) {
                    sheet.problem(at, "address", where + "\"" + s.value() + "\": invalid address");
                } else {
                    sheet.wrongKind(at, e.value(), "an address or a prefix");
                }
                literal = new Selector.Addresses(name, IpSet.EMPTY, IpSet.EMPTY, List.of());
            }
            tokens.hostPlaces.put(name, e.name().place());
            tokens.hosts.put(
                    name,
                    new Selector.Addresses(name, literal.set(), literal.onNodes(), literal.wire()));
        }
    }

    private Map<String, List<Posture>> postures(Fields top) {
        Map<String, List<Posture>> out = new HashMap<>();
        for (Fields.Entry e : top.entries("postures")) {
            if (!e.name().value().startsWith("posture:")) {
                sheet.problem(
                        e.name().place(),
                        "posture-name",
                        "postures[\""
                                + e.name().value()
                                + "\"]: posture names must start with 'posture:'");
            }
            List<Posture> all = new ArrayList<>();
            for (Text t : sheet.texts(e.value(), e.path())) {
                Posture p = Posture.parse(t.value());
                if (p == null) {
                    sheet.problem(
                            t.place(),
                            "posture",
                            "\"" + t.value() + "\": invalid posture assertion");
                } else {
                    all.add(p);
                }
            }
            out.put(e.name().value(), all);
        }
        return out;
    }

    private @Nullable List<Rule> rules(Fields top, RuleReader reader) {
        boolean any = top.has("grants");
        List<Rule> out = new ArrayList<>();
        for (Fields f : top.objects("grants")) {
            out.add(reader.grant(f));
        }
        any |= top.has("acls");
        List<Fields> acls = top.objects("acls");
        boolean current = acls.stream().anyMatch(f -> f.has("src") || f.has("dst"));
        for (Fields f : acls) {
            String legacy = f.has("users") ? "users" : f.has("ports") ? "ports" : "";
            if (current && !legacy.isEmpty()) {
                sheet.problem(
                        f.place(legacy),
                        "legacy-name",
                        "\"" + legacy + "\" cannot be used together with \"src\" and \"dst\"");
            }
            out.add(reader.acl(f));
        }
        return any ? out : null;
    }

    private Document.NodeAttribute attribute(Fields f, RuleReader rules) {
        List<Selector> targets =
                rules.selectors(f.texts("target"), Tokens.Side.TARGET, "[nodeAttrs] ");
        Map<String, List<JsonNode>> values = new LinkedHashMap<>();
        for (Text t : f.texts("attr")) {
            values.put(t.value(), List.of());
        }
        for (Fields.Entry e : f.entries("app")) {
            values.put(e.name().value(), rules.arguments(e));
        }
        List<IpPrefix> pools = new ArrayList<>();
        for (Text t : f.texts("ipPool")) {
            IpPrefix pool = pool(t);
            if (pool != null) {
                pools.add(pool);
            }
        }
        f.refuseOthers();
        return new Document.NodeAttribute(f.place(), targets, values, pools);
    }

    private @Nullable IpPrefix pool(Text t) {
        IpPrefix p = IpPrefix.tryParse(t.value());
        String wrong = null;
        if (p == null) {
            wrong = "invalid network";
        } else if (!Ranges.CGNAT.contains(p)) {
            wrong = "network must be within 100.64.0.0/10";
        } else if (Ranges.RESERVED.stream().anyMatch(p::overlaps)) {
            wrong = "network within reserved range";
        }
        if (wrong != null) {
            sheet.problem(t.place(), "ip-pool", "IPPool(" + t.value() + "): " + wrong);
            return null;
        }
        return p;
    }

    private List<Selector> approvers(
            Fields top, RuleReader rules, Map<IpPrefix, List<Selector>> routes) {
        Fields f = top.object("autoApprovers");
        if (f == null) {
            return List.of();
        }
        for (Fields.Entry e : f.entries("routes")) {
            IpPrefix p = IpPrefix.tryParse(e.name().value());
            if (p == null) {
                sheet.problem(
                        e.name().place(),
                        "route",
                        "autoApprovers: \"" + e.name().value() + "\": invalid network");
                continue;
            }
            List<Text> names = sheet.texts(e.value(), e.path());
            routes.put(
                    p.masked(), rules.selectors(names, Tokens.Side.APPROVER, "[autoApprovers] "));
        }
        for (Fields.Entry e : f.entries("services")) {
            String service = e.name().value();
            if (!service.startsWith("svc:") && !service.startsWith("tag:")) {
                sheet.problem(
                        e.name().place(),
                        "service",
                        "autoApprovers: \"" + service + "\": invalid service");
            }
            rules.selectors(
                    sheet.texts(e.value(), e.path()), Tokens.Side.APPROVER, "[autoApprovers] ");
        }
        List<Selector> exit =
                rules.selectors(f.texts("exitNode"), Tokens.Side.APPROVER, "[autoApprovers] ");
        f.refuseOthers();
        return exit;
    }

    /** The kind of values that a custom posture attribute has, and who is told them. */
    private void attributeKind(Fields.Entry e, RuleReader rules) {
        String where = "attrConfig[\"" + e.name().value() + "\"]: ";
        if (!e.name().value().matches("custom:[A-Za-z0-9_:]{1,43}")) {
            sheet.problem(e.name().place(), "attribute", where + "invalid attribute name");
        }
        if (!(e.value() instanceof HuObject o)) {
            sheet.wrongKind(new Place(e.path(), e.value().offset()), e.value(), "an object");
            return;
        }
        Fields f = new Fields(sheet, o, e.path());
        Text type = f.text("type");
        if (type == null || !Set.of("string", "bool", "number").contains(type.value())) {
            sheet.problem(
                    f.place("type"), "attribute", where + "type must be string, bool or number");
        }
        f.flag("allowSetByNode");
        rules.selectors(
                f.texts("broadcastToPeers"), Tokens.Side.GRANT_DESTINATION, "[attrConfig] ");
        f.refuseOthers();
    }

    private Document.PolicyTest test(Fields f) {
        Text source = f.has("src") ? f.text("src") : f.text("user");
        f.get("user");
        String from = source == null ? "" : source.value().strip();
        List<Text> accept = f.has("accept") ? f.texts("accept") : f.texts("allow");
        f.get("allow");
        var test =
                new Document.PolicyTest(
                        f.place(),
                        from,
                        tokens.testSource(from, source == null ? f.place() : source.place()),
                        protocols(f.text("proto")),
                        f.plainValues("srcPostureAttrs"),
                        accept.stream().map(tokens::testFlow).toList(),
                        f.texts("deny").stream().map(tokens::testFlow).toList());
        f.refuseOthers();
        return test;
    }

    private static List<Integer> protocols(@Nullable Text t) {
        try {
            Integer p = t == null ? null : Ports.protocol(t.value());
            return p == null ? List.of(6, 17) : List.of(p);
        } catch (Ports.Malformed _) {
            return List.of();
        }
    }

    private String cgnatRoute(Fields top) {
        Text t = top.text("OneCGNATRoute");
        String value = t == null ? "" : t.value();
        if (!Set.of("", "mac-always", "mac-never").contains(value)) {
            sheet.problem(
                    top.place("OneCGNATRoute"),
                    "one-cgnat-route",
                    "OneCGNATRoute: \""
                            + value
                            + "\" is none of \"\", \"mac-always\", \"mac-never\"");
        }
        return value;
    }

    /** Reads {@code ipsets}: entries add or remove, in order; a set may hold sets, not itself. */
    private static final class IpSetReader {
        private final Sheet sheet;
        private final Tokens tokens;
        private final Map<String, Fields.Entry> entries = new HashMap<>();
        private final Set<String> open = new HashSet<>();

        IpSetReader(Sheet sheet, Tokens tokens) {
            this.sheet = sheet;
            this.tokens = tokens;
        }

        void read(List<Fields.Entry> all) {
            all.forEach(e -> entries.put(e.name().value(), e));
            for (Fields.Entry e : all) {
                String name = e.name().value();
                if (!name.startsWith("ipset:") || name.length() == "ipset:".length()) {
                    sheet.problem(
                            e.name().place(),
                            "ipset-name",
                            "ipsets[\"" + name + "\"]: ipset names must start with 'ipset:'");
                }
                resolve(name);
            }
        }

        private @Nullable IpSet resolve(String name) {
            Selector.Addresses done = tokens.ipsets.get(name);
            if (done != null) {
                return done.set();
            }
            Fields.Entry e = entries.get(name);
            if (e == null || !open.add(name)) {
                return null;
            }
            IpSet set = IpSet.EMPTY;
            for (Text t : sheet.texts(e.value(), e.path())) {
                String s = t.value().strip();
                boolean remove = s.startsWith("remove ");
                String operand =
                        remove || s.startsWith("add ")
                                ? s.substring(s.indexOf(' ') + 1).strip()
                                : s;
                IpSet part = operand(operand);
                if (part == null) {
                    sheet.problem(
                            t.place(),
                            "ipset",
                            "ipsets[\"" + name + "\"]: \"" + operand + "\": invalid entry");
                } else {
                    set = remove ? set.minus(part) : set.union(part);
                }
            }
            open.remove(name);
            tokens.ipsets.put(name, new Selector.Addresses(name, set, set, Ranges.wire(set)));
            return set;
        }

        private @Nullable IpSet operand(String s) {
            if (s.startsWith("ipset:")) {
                return resolve(s);
            }
            if (s.equals(AutoGroup.INTERNET.toString())) {
                return Ranges.INTERNET;
            }
            IpRange r = Ranges.parse(s);
            if (r != null) {
                return IpSet.of(List.of(r));
            }
            Selector.Addresses host = tokens.addresses(s);
            return host == null ? null : host.set();
        }
    }
}
