package hearth.tailnet;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * DNS of the tailnet.
 *
 * @param nameservers IP addresses or {@code https://} resolvers for all names
 * @param splitDomains domain without dots at its ends to its nameservers; none means "not found"
 * @param overrideLocal devices use {@code nameservers} instead of their own
 */
public record DnsSettings(
        boolean magicDns,
        List<String> nameservers,
        Map<String, List<String>> splitDomains,
        boolean overrideLocal,
        List<String> searchDomains) {
    public static final DnsSettings DEFAULT =
            new DnsSettings(true, List.of(), Map.of(), false, List.of());

    public DnsSettings {
        nameservers = List.copyOf(nameservers);
        searchDomains = List.copyOf(searchDomains);
        Map<String, List<String>> sorted = new TreeMap<>();
        splitDomains.forEach((k, v) -> sorted.put(k, List.copyOf(new ArrayList<>(v))));
        splitDomains = Collections.unmodifiableMap(sorted);
    }

    /** A domain as it is kept: lower case, no dot at its end. */
    public static String domain(String text) {
        String t = text.toLowerCase(Locale.ROOT);
        return t.endsWith(".") ? t.substring(0, t.length() - 1) : t;
    }
}
