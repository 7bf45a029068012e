package hearth.policy;

import hearth.control.PortRange;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Rules, ports and protocols in the words that people read. */
final class Words {
    private static final Map<Integer, String> PROTOCOLS =
            Map.of(
                    1,
                    "icmp",
                    2,
                    "igmp",
                    6,
                    "tcp",
                    17,
                    "udp",
                    47,
                    "gre",
                    50,
                    "esp",
                    51,
                    "ah",
                    58,
                    "ipv6-icmp",
                    132,
                    "sctp");

    private Words() {}

    static String protocol(int number) {
        return PROTOCOLS.getOrDefault(number, "protocol " + number);
    }

    static String ports(List<PortRange> ranges) {
        return ranges.stream().map(Words::range).collect(Collectors.joining(","));
    }

    private static String range(PortRange r) {
        if (r.equals(PortRange.ALL)) {
            return "*";
        }
        return r.first() == r.last() ? "" + r.first() : r.first() + "-" + r.last();
    }

    /** {@code accept group:dev -> tag:web:80,443, nas:* (tcp)}. */
    static String rule(Rule rule) {
        StringBuilder out = new StringBuilder();
        out.append(rule.action() == Rule.Action.DENY ? "deny " : "accept ");
        out.append(join(rule.sources())).append(" -> ");
        List<String> openings = new ArrayList<>();
        for (Rule.Opening o : rule.openings()) {
            String to =
                    o.targets().stream()
                            .map(t -> t.to() + ":" + ports(t.ports()))
                            .distinct()
                            .collect(Collectors.joining(", "));
            String by =
                    o.protocols().stream().map(Words::protocol).collect(Collectors.joining(", "));
            openings.add(to + (by.isEmpty() ? "" : " (" + by + ")"));
        }
        if (!rule.app().isEmpty()) {
            openings.add(join(rule.appTo()) + " (" + String.join(", ", rule.app().keySet()) + ")");
        }
        out.append(String.join("; ", openings));
        if (!rule.via().isEmpty()) {
            out.append(" via ").append(String.join(", ", rule.via()));
        }
        if (!rule.postures().isEmpty()) {
            out.append(" if ").append(String.join(" or ", rule.postures()));
        }
        return out.toString();
    }

    private static String join(List<Selector> selectors) {
        return selectors.stream()
                .map(Selector::toString)
                .distinct()
                .collect(Collectors.joining(", "));
    }

    /** {@code everything}, {@code ports 22,80}, {@code tcp 22; icmp}. */
    static String traffic(Map<Integer, PortSet> ports) {
        Map<PortSet, List<Integer>> byPorts = new LinkedHashMap<>();
        ports.keySet().stream()
                .sorted()
                .forEach(p -> byPorts.computeIfAbsent(ports.get(p), _ -> new ArrayList<>()).add(p));
        return byPorts.entrySet().stream()
                .map(e -> traffic(e.getValue(), e.getKey()))
                .collect(Collectors.joining("; "));
    }

    private static String traffic(List<Integer> protocols, PortSet ports) {
        if (ports.isAll() && protocols.equals(List.of(1, 6, 17, 58))) {
            return "everything";
        }
        String names =
                protocols.equals(List.of(6, 17))
                        ? "ports"
                        : protocols.stream().map(Words::protocol).collect(Collectors.joining(", "));
        boolean portless = protocols.stream().noneMatch(Ports::hasPorts);
        return portless ? names : names + " " + ports(ports.ranges());
    }
}
