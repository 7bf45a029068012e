package hearth.console.view;

import java.util.List;

/**
 * What the DNS page shows; lists are written one item a line.
 *
 * @param version of the settings without the split domains
 */
public record Dns(
        String domain,
        String sample,
        String version,
        boolean magicDns,
        boolean overrideLocal,
        String nameservers,
        String searchDomains,
        List<Split> splits,
        List<String> order,
        boolean mayChange) {
    /** A domain and who answers for it. */
    public record Split(String domain, String servers) {}
}
