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

    /** One entry of a grant's {@code ip}; no protocol means the usual four. */
    record Traffic(@Nullable Integer protocol, PortRange ports) {}

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

    /** Names that grants know beside {@link #PROTOCOLS} (tailscale/tailscale types/ipproto). */
    private static final Map<String, Integer> MORE_OF_GRANTS =
            Map.of("icmpv4", 1, "dccp", 33, "icmpv6", 58, "tsmp", 99);

    private static final int TSMP = 99;

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

    /**
     * The protocol of an acl; null for the usual four, which an empty name means. Unlike a grant's,
     * its number has no leading zero and is not 99.
     */
    static @Nullable Integer protocol(String name) throws Malformed {
        if (name.isEmpty()) {
            return null;
        }
        int number = byteNumber(name);
        if (number == TSMP) {
            throw new Malformed("IP protocol 99 is reserved for use by Tailscale");
        }
        if (number >= 0 && name.startsWith("0")) {
            throw new Malformed("leading 0 not permitted in protocol number \"" + name + "\"");
        }
        if (number >= 0) {
            return number;
        }
        Integer known = PROTOCOLS.get(name.toLowerCase(Locale.ROOT));
        if (known == null) {
            throw new Malformed(unknown(name) + " or protocol name (icmp, tcp, udp, etc.)");
        }
        return known;
    }

    private static String unknown(String name) {
        return "proto name \"" + name + "\" not known; use protocol number 0-255";
    }

    /** The number from 0 to 255, leading zeros allowed, or -1. */
    private static int byteNumber(String text) {
        int value = number(text);
        return value > 255 ? -1 : value;
    }

    /**
     * {@code *}, {@code PORTS}, {@code PROTO:*} or {@code PROTO:PORTS} with one port or range, as
     * tailscale/tailscale tailcfg.ParseProtoPortRanges reads it: no blanks, any case, protocol 0
     * like none.
     */
    static Traffic traffic(String text) throws Malformed {
        if (text.isEmpty()) {
            throw new Malformed("empty string");
        }
        String s = text.toLowerCase(Locale.ROOT);
        int colon = s.lastIndexOf(':');
        String name = colon < 0 ? "*" : s.substring(0, colon);
        String ports = s.substring(colon + 1);
        refuseComma(name);
        if (ports.isEmpty()) {
            throw new Malformed("invalid port list: \"\"");
        }
        PortRange range = ports.equals("*") ? PortRange.ALL : range(ports);
        if (name.isEmpty()) {
            throw new Malformed("empty protocol");
        }
        Integer protocol = name.equals("*") ? null : grantProtocol(name);
        if (protocol != null && !hasPorts(protocol) && !range.equals(PortRange.ALL)) {
            throw new Malformed("ip \"" + text + "\": this protocol has no ports, use \"*\"");
        }
        return new Traffic(protocol, range);
    }

    private static @Nullable Integer grantProtocol(String name) throws Malformed {
        int number = byteNumber(name);
        if (number >= 0) {
            return number == 0 ? null : number;
        }
        Integer known = PROTOCOLS.getOrDefault(name, MORE_OF_GRANTS.get(name));
        if (known == null) {
            throw new Malformed(unknown(name));
        }
        return known;
    }

    /** Ports come in lists, hosts do not. */
    static void refuseComma(String host) throws Malformed {
        if (host.indexOf(',') >= 0) {
            throw new Malformed("host cannot contain a comma (\",\")");
        }
    }

    /** Whether the protocol has ports: TCP, UDP, SCTP. */
    static boolean hasPorts(int protocol) {
        return protocol == 6 || protocol == 17 || protocol == 132;
    }
}
