package hearth.policy;

import hearth.control.PortRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Port lists and protocol names, with the service's texts for what is wrong with them. */
final class Ports {
    /** What is wrong with a token; the text is the service's. */
    static final class Malformed extends Exception {
        Malformed(String text) {
            super(text, null, false, false);
        }

        String text() {
            return String.valueOf(getMessage());
        }
    }

    private static final Map<String, Integer> PROTOCOLS =
            Map.ofEntries(
                    Map.entry("icmp", 1),
                    Map.entry("igmp", 2),
                    Map.entry("ipv4", 4),
                    Map.entry("ip-in-ip", 4),
                    Map.entry("tcp", 6),
                    Map.entry("egp", 8),
                    Map.entry("igp", 9),
                    Map.entry("udp", 17),
                    Map.entry("gre", 47),
                    Map.entry("esp", 50),
                    Map.entry("ah", 51),
                    Map.entry("ipv6-icmp", 58),
                    Map.entry("sctp", 132),
                    Map.entry("fc", 133));

    private Ports() {}

    /** {@code *}, or a list of ports and ranges with commas. */
    static List<PortRange> parse(String list) throws Malformed {
        if (list.equals("*")) {
            return List.of(PortRange.ALL);
        }
        List<PortRange> out = new ArrayList<>();
        for (String part : list.split(",", -1)) {
            if (part.isEmpty()) {
                throw new Malformed("invalid port list: \"" + list + "\"");
            }
            out.add(range(part));
        }
        return out;
    }

    private static PortRange range(String part) throws Malformed {
        String where = "port range \"" + part + "\": ";
        int dash = part.indexOf('-');
        if (dash != part.lastIndexOf('-')) {
            throw new Malformed(where + "too many dashes(-)");
        }
        int first = number(dash < 0 ? part : part.substring(0, dash));
        if (first < 0) {
            throw new Malformed(where + "invalid first integer");
        }
        int last = dash < 0 ? first : number(part.substring(dash + 1));
        if (last < 0) {
            throw new Malformed(where + "invalid last integer");
        }
        if (first == 0) {
            throw new Malformed(where + "first port must be >0, or use '*' for wildcard");
        }
        if (first > last) {
            throw new Malformed(where + "first port must be >= last port");
        }
        return new PortRange(first, last);
    }

    /** The number from 0 to 65535, or -1. */
    static int number(String text) {
        if (text.isEmpty() || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return -1;
        }
        String digits = text.replaceFirst("^0+(?=.)", "");
        if (digits.length() > 5) {
            return -1;
        }
        int value = Integer.parseInt(digits);
        return value <= 65535 ? value : -1;
    }

    /** The protocol's number; null for the usual four, which an empty name means. */
    static @Nullable Integer protocol(String name) throws Malformed {
        String word = name.strip().toLowerCase(Locale.ROOT);
        if (word.isEmpty()) {
            return null;
        }
        Integer known = PROTOCOLS.get(word);
        if (known != null) {
            return known;
        }
        String unknown =
                "proto name \""
                        + name
                        + "\" not known; use protocol number 0-255 or protocol name (icmp, tcp,"
                        + " udp, etc.)";
        if (!word.chars().allMatch(c -> c >= '0' && c <= '9') || word.length() > 3) {
            throw new Malformed(unknown);
        }
        if (word.startsWith("0")) {
            throw new Malformed("leading 0 not permitted in protocol number \"" + name + "\"");
        }
        int number = Integer.parseInt(word);
        if (number > 255) {
            throw new Malformed(unknown);
        }
        return number;
    }

    /** Whether the protocol has ports: TCP, UDP, SCTP. */
    static boolean hasPorts(int protocol) {
        return protocol == 6 || protocol == 17 || protocol == 132;
    }
}
