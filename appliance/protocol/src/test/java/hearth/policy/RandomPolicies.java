package hearth.policy;

import hearth.base.IpAddress;
import hearth.base.IpPrefix;
import hearth.policy.NaivePolicy.Flow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/** Random small tailnets, policies for them in the extended dialect, and flows at their edges. */
final class RandomPolicies {
    private static final List<String> USERS = List.of("ana@x.org", "bo@x.org", "cy@x.org");
    private static final List<String> TAGS = List.of("tag:web", "tag:db", "tag:tv");
    private static final List<String> GROUPS = List.of("group:a", "group:b", "group:c");
    private static final List<String> NAMES =
            List.of("nas", "tv", "laptop", "router", "db", "phone", "exit");
    private static final List<String> ROUTES =
            List.of("10.0.0.0/24", "10.0.1.0/24", "10.0.0.0/16", "fd00:1::/64");
    private static final Map<String, String> HOSTS =
            Map.of(
                    "lan", "10.0.0.0/24",
                    "half", "10.0.0.128/25",
                    "box", "10.0.1.7",
                    "wide", "100.64.0.0/29",
                    "one", "100.64.0.4",
                    "six", "fd7a:115c:a1e0::6440:4");
    private static final List<String> PORTS =
            List.of("*", "*", "*", "22", "22,80", "80-443", "1-65535", "1000-2000", "443", "65535");
    private static final List<Integer> PORT_EDGES =
            List.of(
                    0, 1, 21, 22, 23, 79, 80, 81, 442, 443, 444, 999, 1000, 2000, 2001, 65534,
                    65535);
    private static final List<Integer> PROTOCOLS = List.of(6, 6, 6, 17, 1, 58, 132, 47);

    private final RandomGenerator random;

    RandomPolicies(RandomGenerator random) {
        this.random = random;
    }

    World world() {
        List<Member> users = new ArrayList<>();
        users.add(new Member("ana@x.org", Member.Role.OWNER));
        users.add(new Member("bo@x.org", pickRole()));
        users.add(new Member("cy@x.org", Member.Role.MEMBER));
        List<Device> devices = new ArrayList<>();
        Map<String, Long> bindings = new HashMap<>();
        int count = 2 + random.nextInt(NAMES.size() - 1);
        for (int i = 0; i < count; i++) {
            boolean tagged = random.nextInt(3) == 0;
            List<String> tags = tagged ? some(TAGS) : List.of();
            List<IpPrefix> routes = routes();
            long id = i + 1L;
            devices.add(
                    new Device(
                            id,
                            NAMES.get(i),
                            tags.isEmpty() ? pick(USERS) : null,
                            tags,
                            IpAddress.parse("100.64.0." + (i + 1)),
                            IpAddress.parse("fd7a:115c:a1e0::6440:" + (i + 1)),
                            routes,
                            routes));
            if (random.nextInt(8) != 0) {
                bindings.put(NAMES.get(i), id);
            }
        }
        return new World("ana@x.org", users, devices, "", bindings);
    }

    private Member.Role pickRole() {
        return random.nextBoolean() ? Member.Role.ADMIN : Member.Role.MEMBER;
    }

    private List<IpPrefix> routes() {
        List<IpPrefix> out = new ArrayList<>();
        if (random.nextInt(3) == 0) {
            out.add(IpPrefix.parse(pick(ROUTES)));
        }
        if (random.nextInt(5) == 0) {
            out.add(IpPrefix.ALL_V4);
            out.add(IpPrefix.ALL_V6);
        }
        return out;
    }

    String policy() {
        StringBuilder out = new StringBuilder("{\n\"groups\": {");
        for (String g : GROUPS) {
            List<String> members = new ArrayList<>();
            for (int i = random.nextInt(3); i > 0; i--) {
                members.add(random.nextBoolean() ? pick(USERS) : pick(groupMembers()));
            }
            out.append('"').append(g).append("\": ").append(array(members)).append(",\n");
        }
        out.append("},\n\"tagOwners\": {");
        TAGS.forEach(t -> out.append('"').append(t).append("\": [], "));
        out.append("},\n\"hosts\": {");
        HOSTS.forEach((k, v) -> out.append('"' + k + "\": \"" + v + "\", "));
        out.append("},\n\"acls\": [\n");
        for (int i = random.nextInt(8); i >= 0; i--) {
            acl(out);
        }
        out.append("],\n");
        if (random.nextBoolean()) {
            out.append("\"grants\": [\n");
            for (int i = random.nextInt(3); i > 0; i--) {
                grant(out);
            }
            out.append("],\n");
        }
        return out.append("}\n").toString();
    }

    /** A short policy that has something of every section. */
    String shortPolicy() {
        StringBuilder out = new StringBuilder("{\"groups\": {\"group:a\": ");
        out.append(array(List.of(pick(USERS), pick(groupMembers())))).append("},");
        out.append("\"tagOwners\": {\"tag:web\": [\"group:a\"], \"tag:db\": []},");
        out.append("\"hosts\": {\"lan\": \"10.0.0.0/24\", \"one\": \"100.64.0.4\"},\n");
        out.append("\"acls\": [");
        for (int i = random.nextInt(3); i > 0; i--) {
            acl(out);
        }
        out.append("],\n\"grants\": [");
        if (random.nextBoolean()) {
            grant(out);
        }
        out.append("],\n").append(pick(SECTIONS)).append(",\n").append(pick(SECTIONS));
        return out.append("}\n").toString();
    }

    private static final List<String> SECTIONS =
            List.of(
                    "\"ssh\": [{\"action\": \"check\", \"src\": [\"bo@x.org\"], \"dst\": [\"tag:db\","
                            + " \"autogroup:self\"], \"users\": [\"root\", \"autogroup:nonroot\"],"
                            + " \"checkPeriod\": \"20h\", \"recorder\": [\"tag:web\"],"
                            + " \"enforceRecorder\": true}]",
                    "\"ssh\": [{\"action\": \"deny\", \"src\": [\"group:a\"], \"dst\": [\"nas\"],"
                            + " \"users\": [\"localpart:*@x.org\"], \"acceptEnv\": [\"A*\"]}]",
                    "\"tests\": [{\"src\": \"bo@x.org\", \"proto\": \"udp\", \"accept\": [\"one:53\"],"
                            + " \"deny\": [\"tag:db:22\"], \"srcPostureAttrs\": {\"node:os\": \"js\"}}]",
                    "\"sshTests\": [{\"src\": \"bo@x.org\", \"dst\": [\"tag:db\"], \"accept\": [\"root\"],"
                            + " \"check\": [\"kim\"], \"deny\": [\"\"]}]",
                    "\"nodeAttrs\": [{\"target\": [\"tag:db\", \"*\"], \"attr\": [\"funnel\"], \"app\":"
                            + " {\"x.org/a\": [{\"b\": 1}]}, \"ipPool\": [\"100.81.0.0/16\"]}]",
                    "\"autoApprovers\": {\"routes\": {\"10.0.0.0/8\": [\"tag:web\"]}, \"exitNode\":"
                            + " [\"group:a\"], \"services\": {\"svc:a\": [\"tag:db\"]}}",
                    "\"ipsets\": {\"ipset:a\": [\"10.0.0.0/8\", \"remove host:lan\", \"add 1.1.1.1-1.1.1.9\"],"
                            + " \"ipset:b\": [\"ipset:a\", \"autogroup:internet\"]}",
                    "\"postures\": {\"posture:a\": [\"node:os IN ['linux', 'macos']\", \"node:tsVersion >="
                            + " '1.80'\"]}, \"defaultSrcPosture\": [\"posture:a\"]",
                    "\"derpMap\": {\"OmitDefaultRegions\": true, \"Regions\": {\"900\": {\"RegionID\": 900,"
                            + " \"RegionCode\": \"a\", \"Nodes\": [{\"Name\": \"b\", \"RegionID\": 900,"
                            + " \"HostName\": \"c\", \"DERPPort\": 443}]}, \"1\": null}}",
                    "\"attrConfig\": {\"custom:a\": {\"type\": \"bool\", \"broadcastToPeers\": [\"*\"]}}, \"OneCGNATRoute\": \"mac-never\"",
                    "\"randomizeClientPort\": true, \"disableIPv4\": true");

    private void acl(StringBuilder out) {
        boolean deny = random.nextInt(5) < 2;
        List<String> sources = sources();
        boolean self = random.nextInt(8) == 0;
        String proto =
                random.nextInt(3) > 0 ? "" : pick(List.of("tcp", "udp", "icmp", "sctp", "gre"));
        boolean portless = proto.equals("icmp") || proto.equals("gre");
        List<String> destinations = new ArrayList<>();
        for (int i = random.nextInt(3); i >= 0; i--) {
            String host = self ? "autogroup:self" : destination();
            String quoted =
                    host.indexOf(':') >= 0 && IpAddress.tryParse(host) != null
                            ? "[" + host + "]"
                            : host;
            destinations.add(quoted + ":" + (portless ? "*" : pick(PORTS)));
        }
        if (self) {
            sources = List.of(pick(List.of("*", "autogroup:member", "ana@x.org", "group:a")));
        }
        out.append("  {\"action\": \"").append(deny ? "deny" : "accept").append("\", ");
        if (!proto.isEmpty()) {
            out.append("\"proto\": \"").append(proto).append("\", ");
        }
        out.append("\"src\": ").append(array(sources)).append(", \"dst\": ");
        out.append(array(destinations)).append("},\n");
    }

    private void grant(StringBuilder out) {
        List<String> traffic = new ArrayList<>();
        for (int i = random.nextInt(2); i >= 0; i--) {
            traffic.add(
                    switch (random.nextInt(6)) {
                        case 0 -> "tcp:" + pick(PORTS).split(",", -1)[0];
                        case 1 -> "udp:*";
                        case 2 -> "icmp:*";
                        default -> pick(PORTS).split(",", -1)[0];
                    });
        }
        List<String> destinations = new ArrayList<>();
        for (int i = random.nextInt(2); i >= 0; i--) {
            destinations.add(destination());
        }
        out.append("  {\"src\": ").append(array(sources())).append(", \"dst\": ");
        out.append(array(destinations)).append(", \"ip\": ").append(array(traffic)).append("},\n");
    }

    private List<String> sources() {
        List<String> out = new ArrayList<>();
        for (int i = random.nextInt(3); i >= 0; i--) {
            out.add(
                    random.nextInt(4) == 0
                            ? "*"
                            : random.nextInt(3) == 0 ? pick(GROUPS) : selector());
        }
        return out;
    }

    private String destination() {
        return switch (random.nextInt(8)) {
            case 0, 1 -> "*";
            case 2 -> "autogroup:internet";
            case 3 -> pick(GROUPS);
            default -> selector();
        };
    }

    private String selector() {
        return switch (random.nextInt(8)) {
            case 0 -> pick(USERS);
            case 1 -> pick(TAGS);
            case 2 -> pick(List.of("autogroup:member", "autogroup:tagged", "autogroup:admin"));
            case 3, 4 -> pick(List.copyOf(new TreeSet<>(HOSTS.keySet())));
            case 5 ->
                    pick(
                            List.of(
                                    "100.64.0.3",
                                    "100.64.0.0/30",
                                    "10.0.0.64/26",
                                    "fd7a:115c:a1e0::6440:2"));
            case 6 -> "device:" + pick(NAMES);
            default -> pick(NAMES);
        };
    }

    private List<String> groupMembers() {
        return List.of(
                "nas", "device:tv", "laptop", "100.64.0.6", "10.0.0.0/25", "tag:db", "lan", "one");
    }

    /** Flows into {@code node} from and to addresses at the edges of what the policy can name. */
    Flow flow(World world, Device node) {
        List<IpAddress> to = NaivePolicy.destinations(node);
        return new Flow(source(world), pick(to), pick(PROTOCOLS), pick(PORT_EDGES));
    }

    /** From an address of one node into another. */
    Flow flowBetween(Device from, Device to) {
        IpAddress destination = pick(NaivePolicy.destinations(to));
        IpAddress source = destination.v4() ? from.v4() : from.v6();
        return new Flow(source, destination, pick(PROTOCOLS), pick(PORT_EDGES));
    }

    /**
     * The first and last addresses of a prefix, of its halves and quarters, and of what hosts name.
     */
    static List<IpAddress> edges(IpPrefix p) {
        List<IpAddress> out = new ArrayList<>(List.of(p.first(), p.last()));
        for (String edge : EDGES) {
            IpAddress a = IpAddress.parse(edge);
            if (p.contains(a)) {
                out.add(a);
            }
        }
        return out;
    }

    private static final List<String> EDGES =
            List.of(
                    "10.0.0.0",
                    "10.0.0.63",
                    "10.0.0.64",
                    "10.0.0.127",
                    "10.0.0.128",
                    "10.0.0.255",
                    "10.0.1.0",
                    "10.0.1.6",
                    "10.0.1.7",
                    "10.0.1.8",
                    "10.0.1.255",
                    "10.0.2.0");

    private IpAddress source(World world) {
        if (random.nextInt(3) > 0) {
            Device d = pick(world.devices());
            return random.nextInt(3) == 0 ? d.v6() : d.v4();
        }
        return IpAddress.parse(
                pick(
                        List.of(
                                "100.64.0.0",
                                "100.64.0.7",
                                "100.64.0.8",
                                "100.115.91.255",
                                "100.115.92.0",
                                "100.127.255.255",
                                "100.128.0.0",
                                "10.0.0.0",
                                "10.0.0.63",
                                "10.0.0.127",
                                "10.0.0.128",
                                "10.0.0.255",
                                "10.0.1.7",
                                "10.0.2.0",
                                "fd7a:115c:a1e0::",
                                "fd7a:115c:a1e1::",
                                "fd00:1::1",
                                "8.8.8.8")));
    }

    private List<String> some(List<String> from) {
        List<String> out = new ArrayList<>(List.of(pick(from)));
        String more = pick(from);
        if (random.nextInt(4) == 0 && !out.contains(more)) {
            out.add(more);
        }
        return out;
    }

    private <T> T pick(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }

    private static String array(List<String> texts) {
        return texts.isEmpty() ? "[]" : "[\"" + String.join("\", \"", texts) + "\"]";
    }
}
