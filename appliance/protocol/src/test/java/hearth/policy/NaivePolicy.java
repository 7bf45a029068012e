package hearth.policy;

import hearth.base.IpAddress;
import hearth.base.IpPrefix;
import hearth.policy.hujson.HuJson;
import hearth.policy.hujson.HuJsonException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What a policy means, taken literally: the first rule of {@code acls} that a flow matches decides,
 * then any grant. No set is built and nothing is compiled; every flow walks the text anew. Knows
 * the part of the language that concerns flows, but for {@code via} and postures.
 */
final class NaivePolicy {
    private static final List<String> TAILNET_V4 =
            List.of("100.64.0.0-100.115.91.255", "100.115.94.0-100.127.255.255");
    private static final IpPrefix TAILNET_V6 = IpPrefix.parse("fd7a:115c:a1e0::/48");
    private static final List<String> NOT_PUBLIC =
            List.of(
                    "10.0.0.0/8",
                    "100.64.0.0/10",
                    "169.254.0.0/16",
                    "172.16.0.0/12",
                    "192.168.0.0/16");
    private static final Map<String, Integer> PROTOCOLS =
            Map.of("icmp", 1, "tcp", 6, "udp", 17, "ipv6-icmp", 58, "sctp", 132, "gre", 47);

    private final JsonNode policy;
    private final World world;

    /** A new connection. */
    record Flow(IpAddress source, IpAddress destination, int protocol, int port) {}

    NaivePolicy(String text, World world) {
        try {
            this.policy = HuJson.toJson(HuJson.parse(text));
        } catch (HuJsonException e) {
            throw new IllegalArgumentException(text, e);
        }
        this.world = world;
    }

    /** Whether {@code flow} may enter {@code node}, one of whose addresses or routes it goes to. */
    boolean allows(Device node, Flow flow) {
        for (JsonNode rule : policy.path("acls")) {
            if (aclMatches(rule, node, flow)) {
                return rule.get("action").asString().equals("accept");
            }
        }
        for (JsonNode grant : policy.path("grants")) {
            if (grantMatches(grant, node, flow)) {
                return true;
            }
        }
        return !policy.has("acls") && !policy.has("grants");
    }

    private boolean aclMatches(JsonNode rule, Device node, Flow flow) {
        String proto = rule.path("proto").asString("");
        for (JsonNode dst : rule.get("dst")) {
            String text = dst.asString();
            int colon = text.lastIndexOf(':');
            String ports = text.substring(colon + 1);
            if (trafficMatches(proto, ports, flow)
                    && sideMatches(
                            rule.get("src"), unbracket(text.substring(0, colon)), node, flow)) {
                return true;
            }
        }
        return false;
    }

    private boolean grantMatches(JsonNode grant, Device node, Flow flow) {
        for (JsonNode ip : grant.path("ip")) {
            String text = ip.asString();
            int colon = text.indexOf(':');
            String proto = colon < 0 ? "" : text.substring(0, colon);
            if (!trafficMatches(proto, text.substring(colon + 1), flow)) {
                continue;
            }
            for (JsonNode dst : grant.get("dst")) {
                if (sideMatches(grant.get("src"), dst.asString(), node, flow)) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean sideMatches(JsonNode sources, String destination, Device node, Flow flow) {
        if (destination.equals("autogroup:self")) {
            return node.tags().isEmpty()
                    && isAddressOf(node, flow.destination)
                    && anyOwner(sources, flow.source)
                    && world.devices().stream()
                            .anyMatch(
                                    d ->
                                            isAddressOf(d, flow.source)
                                                    && d.tags().isEmpty()
                                                    && Objects.equals(d.user(), node.user()));
        }
        return anySource(sources, flow.source) && isDestination(destination, flow.destination);
    }

    private boolean anySource(JsonNode sources, IpAddress a) {
        for (JsonNode s : sources) {
            if (isSource(s.asString(), a)) {
                return true;
            }
        }
        return false;
    }

    /** As {@link #anySource}, but of a group only its users count. */
    private boolean anyOwner(JsonNode sources, IpAddress a) {
        for (JsonNode s : sources) {
            String selector = s.asString();
            if (!selector.startsWith("group:")) {
                if (isSource(selector, a)) {
                    return true;
                }
                continue;
            }
            for (JsonNode member : policy.path("groups").path(selector)) {
                if (member.asString().indexOf('@') >= 0 && names(member.asString(), a)) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean isSource(String selector, IpAddress a) {
        if (selector.equals("*")) {
            return TAILNET_V4.stream().anyMatch(r -> inRange(r, a))
                    || TAILNET_V6.contains(a)
                    || world.devices().stream()
                            .flatMap(d -> d.approved().stream())
                            .anyMatch(p -> !p.isDefaultRoute() && p.contains(a));
        }
        return names(selector, a);
    }

    private boolean isDestination(String selector, IpAddress a) {
        if (selector.equals("*")) {
            return true;
        }
        if (selector.equals("autogroup:internet")) {
            return a.v4()
                    ? NOT_PUBLIC.stream().noneMatch(p -> IpPrefix.parse(p).contains(a))
                    : IpPrefix.parse("2000::/3").contains(a);
        }
        return names(selector, a);
    }

    private boolean names(String selector, IpAddress a) {
        if (selector.startsWith("group:")) {
            for (JsonNode member : policy.path("groups").path(selector)) {
                if (names(member.asString(), a)) {
                    return true;
                }
            }
            return false;
        }
        if (selector.equals("autogroup:member")) {
            return belongs(a, d -> d.tags().isEmpty());
        }
        if (selector.equals("autogroup:tagged")) {
            return belongs(a, d -> !d.tags().isEmpty());
        }
        if (selector.equals("autogroup:admin")) {
            return belongs(a, d -> d.tags().isEmpty() && isAdmin(d.user()));
        }
        if (selector.startsWith("tag:")) {
            return belongs(a, d -> d.tags().contains(selector));
        }
        if (selector.indexOf('@') >= 0) {
            return belongs(a, d -> d.tags().isEmpty() && selector.equals(d.user()));
        }
        return selector.startsWith("device:")
                ? isNamed(selector.substring(7), a)
                : isWord(selector, a);
    }

    private boolean isWord(String word, IpAddress a) {
        String alias = word.startsWith("host:") ? word.substring(5) : word;
        JsonNode host = policy.path("hosts").path(alias);
        String literal = host.isString() ? host.asString() : word;
        IpAddress one = IpAddress.tryParse(literal);
        if (one != null) {
            return one.equals(a);
        }
        IpPrefix prefix = IpPrefix.tryParse(literal);
        return prefix != null ? prefix.contains(a) : isNamed(word, a);
    }

    private boolean isNamed(String name, IpAddress a) {
        Long bound = world.bindings().get(name.toLowerCase(Locale.ROOT));
        return bound != null && belongs(a, d -> d.id() == bound);
    }

    private boolean isAdmin(@Nullable String login) {
        return world.owner().equals(login)
                || world.users().stream()
                        .anyMatch(u -> u.login().equals(login) && u.role() == Member.Role.ADMIN);
    }

    private boolean belongs(IpAddress a, Predicate<Device> which) {
        return world.devices().stream().anyMatch(d -> isAddressOf(d, a) && which.test(d));
    }

    private static boolean isAddressOf(Device d, IpAddress a) {
        return d.v4().equals(a) || d.v6().equals(a);
    }

    private static boolean inRange(String range, IpAddress a) {
        int dash = range.indexOf('-');
        return a.v4()
                && IpAddress.parse(range.substring(0, dash)).compareTo(a) <= 0
                && a.compareTo(IpAddress.parse(range.substring(dash + 1))) <= 0;
    }

    private static String unbracket(String host) {
        return host.startsWith("[") ? host.substring(1).replace("]", "") : host;
    }

    private static boolean trafficMatches(String proto, String ports, Flow flow) {
        boolean usual = proto.isEmpty() || proto.equals("*") || proto.matches("0+");
        List<Integer> protocols = usual ? List.of(1, 6, 17, 58) : List.of(number(proto));
        if (!protocols.contains(flow.protocol)) {
            return false;
        }
        if (ports.equals("*")) {
            return true;
        }
        if (flow.protocol != 6 && flow.protocol != 17 && flow.protocol != 132) {
            return false;
        }
        for (String part : ports.split(",", -1)) {
            int dash = part.indexOf('-');
            int first = Integer.parseInt(dash < 0 ? part : part.substring(0, dash));
            int last = Integer.parseInt(part.substring(dash + 1));
            if (first <= flow.port && flow.port <= last) {
                return true;
            }
        }
        return false;
    }

    private static int number(String proto) {
        Integer known = PROTOCOLS.get(proto.toLowerCase(Locale.ROOT));
        return known == null ? Integer.parseInt(proto) : known;
    }

    /** Every destination that enters through {@code node}: its addresses, routes, if exit more. */
    static List<IpAddress> destinations(Device node) {
        List<IpAddress> out = new ArrayList<>(List.of(node.v4(), node.v6()));
        for (IpPrefix p : node.approved()) {
            if (!p.isDefaultRoute()) {
                out.add(p.first());
                out.add(p.last());
                out.add(p.first().next());
                out.add(p.last().previous());
            } else if (p.address().v4()) {
                out.add(IpAddress.parse("1.1.1.1"));
                out.add(IpAddress.parse("9.255.255.255"));
            } else {
                out.add(IpAddress.parse("2606:4700::1"));
            }
        }
        return out;
    }
}
