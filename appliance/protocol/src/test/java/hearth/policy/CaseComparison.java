package hearth.policy;

import hearth.base.IpAddress;
import hearth.base.IpRange;
import hearth.base.IpSet;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Compares an answer with a case by meaning: grouping and order of filter rules are free. */
final class CaseComparison {
    private static final List<Integer> USUAL = List.of(1, 6, 17, 58);

    /** The network part of a filter rule: any of the sources may reach any of the destinations. */
    private record Box(
            IpSet sources,
            Set<String> attributes,
            IpRange destination,
            int firstPort,
            int lastPort,
            List<Integer> protocols) {}

    private CaseComparison() {}

    static List<String> differences(JsonNode wanted, JsonNode got) {
        int status = wanted.path("status").asInt();
        if (got.path("status").asInt() != status) {
            return List.of("status " + got.path("status") + " " + got.path("message"));
        }
        if (status != 200) {
            String want = wanted.path("message").asString("");
            String have = got.path("message").asString("");
            return want.equals(have) ? List.of() : List.of("message " + have + ", not " + want);
        }
        List<String> out = new ArrayList<>();
        if (wanted.path("captureIncomplete").asBoolean(false)) {
            return out;
        }
        Set<String> attributes = attributes(wanted.path("policy"));
        for (Map.Entry<String, JsonNode> e : wanted.path("nodes").properties()) {
            JsonNode have = got.path("nodes").path(e.getKey());
            node(e.getKey(), e.getValue(), have, attributes, out);
        }
        return out;
    }

    private static void node(
            String name, JsonNode want, JsonNode have, Set<String> attributes, List<String> out) {
        if (have.isMissingNode()) {
            out.add(name + ": missing");
            return;
        }
        if (!sameFilter(want.path("packetFilter"), have.path("packetFilter"))) {
            out.add(name + ": packet filter differs");
        }
        if (!grants(want.path("packetFilter")).equals(grants(have.path("packetFilter")))) {
            out.add(name + ": capability grants differ");
        }
        if (!peers(want.path("peers")).equals(peers(have.path("peers")))) {
            out.add(name + ": peers differ: " + peers(have.path("peers")));
        }
        if (!addresses(want.path("allowedIPs")).equals(addresses(have.path("allowedIPs")))) {
            out.add(name + ": own allowed IPs differ");
        }
        if (!ssh(want.path("ssh")).equals(ssh(have.path("ssh")))) {
            out.add(name + ": SSH rules differ");
        }
        for (String a : attributes) {
            JsonNode w = want.path("capMap").path(a);
            JsonNode h = have.path("capMap").path(a);
            boolean sameValue = (empty(w) && empty(h)) || w.equals(h);
            if (w.isMissingNode() != h.isMissingNode() || !sameValue) {
                out.add(name + ": attribute " + a + " differs");
            }
        }
    }

    private static boolean empty(JsonNode n) {
        return n.isNull() || n.isMissingNode() || n.isEmpty();
    }

    /** Only attributes that the policy names are compared: others are the service's own. */
    private static Set<String> attributes(JsonNode policy) {
        JsonNode p = policy.isString() ? JsonMapper.shared().readTree(policy.asString()) : policy;
        Set<String> out = new TreeSet<>();
        for (JsonNode e : p.path("nodeAttrs")) {
            e.path("attr").forEach(a -> out.add(a.asString()));
            e.path("app").properties().forEach(a -> out.add(a.getKey()));
        }
        return out;
    }

    private static IpSet addresses(JsonNode texts) {
        List<IpRange> out = new ArrayList<>();
        for (JsonNode t : texts) {
            out.addAll(ranges(t.asString()));
        }
        return IpSet.of(out);
    }

    private static List<IpRange> ranges(String text) {
        if (text.equals("*")) {
            return IpSet.ALL.ranges();
        }
        IpRange r = Ranges.parse(text);
        if (r == null) {
            throw new AssertionError("no address range: " + text);
        }
        return List.of(r);
    }

    private static List<Box> boxes(JsonNode rules) {
        List<Box> out = new ArrayList<>();
        for (JsonNode r : rules) {
            List<IpRange> sources = new ArrayList<>();
            Set<String> attributes = new TreeSet<>();
            for (JsonNode s : r.path("SrcIPs")) {
                if (s.asString().startsWith("cap:")) {
                    attributes.add(s.asString());
                } else {
                    sources.addAll(ranges(s.asString()));
                }
            }
            IpSet set = IpSet.of(sources);
            List<Integer> protocols = new ArrayList<>();
            r.path("IPProto").forEach(p -> protocols.add(p.asInt()));
            List<Integer> sorted =
                    protocols.isEmpty() ? USUAL : protocols.stream().sorted().toList();
            for (JsonNode d : r.path("DstPorts")) {
                for (IpRange to : ranges(d.path("IP").asString())) {
                    JsonNode ports = d.path("Ports");
                    out.add(
                            new Box(
                                    set,
                                    attributes,
                                    to,
                                    ports.path("First").asInt(0),
                                    ports.path("Last").asInt(0),
                                    sorted));
                }
            }
        }
        return out;
    }

    private static boolean sameFilter(JsonNode a, JsonNode b) {
        List<Box> left = boxes(a);
        List<Box> right = boxes(b);
        if (new HashSet<>(left).equals(new HashSet<>(right))) {
            return true;
        }
        TreeSet<IpAddress> sources = new TreeSet<>();
        TreeSet<IpAddress> destinations = new TreeSet<>();
        TreeSet<Integer> ports = new TreeSet<>();
        for (List<Box> side : List.of(left, right)) {
            for (Box box : side) {
                box.sources().ranges().forEach(r -> cut(r, sources));
                cut(box.destination(), destinations);
                ports.add(box.firstPort());
                ports.add(box.lastPort() + 1);
            }
        }
        return cells(left, sources, destinations, ports)
                .equals(cells(right, sources, destinations, ports));
    }

    private static void cut(IpRange r, Set<IpAddress> out) {
        out.add(r.first());
        if (!r.last().next().equals(IpAddress.V4_MIN)
                && !r.last().next().equals(IpAddress.V6_MIN)) {
            out.add(r.last().next());
        }
    }

    private static Set<List<Object>> cells(
            List<Box> boxes,
            NavigableSet<IpAddress> sources,
            NavigableSet<IpAddress> destinations,
            NavigableSet<Integer> ports) {
        Set<List<Object>> out = new HashSet<>();
        for (Box b : boxes) {
            List<Object> from = new ArrayList<>(b.attributes());
            sources.stream().filter(b.sources()::contains).forEach(from::add);
            for (IpAddress to :
                    destinations.subSet(
                            b.destination().first(), true, b.destination().last(), true)) {
                for (int port : ports.subSet(b.firstPort(), true, b.lastPort(), true)) {
                    for (int protocol : b.protocols()) {
                        from.forEach(f -> out.add(List.of(f, to, port, protocol)));
                    }
                }
            }
        }
        return out;
    }

    private static Set<List<Object>> grants(JsonNode rules) {
        Set<List<Object>> out = new HashSet<>();
        for (JsonNode r : rules) {
            for (JsonNode g : r.path("CapGrant")) {
                Map<String, List<String>> caps = new TreeMap<>();
                g.path("CapMap")
                        .properties()
                        .forEach(c -> caps.put(c.getKey(), sorted(c.getValue())));
                g.path("Caps").forEach(c -> caps.putIfAbsent(c.asString(), List.of()));
                for (JsonNode d : g.path("Dsts")) {
                    for (IpRange from : addresses(r.path("SrcIPs")).ranges()) {
                        caps.forEach(
                                (name, values) ->
                                        out.add(List.of(from, ranges(d.asString()), name, values)));
                    }
                }
            }
        }
        return out;
    }

    private static List<String> sorted(JsonNode values) {
        List<String> out = new ArrayList<>();
        values.forEach(v -> out.add(v.toString()));
        return out.stream().sorted().toList();
    }

    private static Map<String, List<IpSet>> peers(JsonNode peers) {
        Map<String, List<IpSet>> out = new TreeMap<>();
        for (JsonNode p : peers) {
            out.put(
                    p.path("name").asString(),
                    List.of(addresses(p.path("allowedIPs")), addresses(p.path("primaryRoutes"))));
        }
        return out;
    }

    /** Rules in order; the order of principals is free. */
    private static List<List<Object>> ssh(JsonNode rules) {
        List<List<Object>> out = new ArrayList<>();
        for (JsonNode r : rules) {
            Set<String> principals = new TreeSet<>();
            r.path("principals").forEach(p -> principals.add(p.toString()));
            Map<String, JsonNode> rest = new TreeMap<>();
            r.properties().stream()
                    .filter(e -> !e.getKey().equals("principals"))
                    .forEach(e -> rest.put(e.getKey(), e.getValue()));
            out.add(List.of(principals, rest));
        }
        return out;
    }
}
