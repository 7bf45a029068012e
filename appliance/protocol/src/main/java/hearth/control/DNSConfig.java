package hearth.control;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;

/**
 * Names for a client; a sent one replaces the whole of the one before.
 *
 * @param resolvers not empty: they override the system's ("override local DNS")
 * @param routes suffix to its resolvers; an empty list is answered from {@code extraRecords} alone
 * @param fallbackResolvers used where the platform cannot split DNS
 * @param domains search domains without dot, the tailnet's own first
 * @param proxied MagicDNS is on
 */
public record DNSConfig(
        @JsonProperty("Resolvers") @JsonInclude(JsonInclude.Include.NON_EMPTY)
                List<Resolver> resolvers,
        @JsonProperty("Routes") @JsonInclude(JsonInclude.Include.NON_EMPTY)
                Map<String, List<Resolver>> routes,
        @JsonProperty("FallbackResolvers") @JsonInclude(JsonInclude.Include.NON_EMPTY)
                List<Resolver> fallbackResolvers,
        @JsonProperty("Domains") @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> domains,
        @JsonProperty("Proxied") @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean proxied,
        @JsonProperty("ExtraRecords") @JsonInclude(JsonInclude.Include.NON_EMPTY)
                List<DNSRecord> extraRecords,
        @JsonProperty("ExitNodeFilteredSet") @JsonInclude(JsonInclude.Include.NON_EMPTY)
                List<String> exitNodeFilteredSet) {
    public DNSConfig {
        resolvers = Lists.of(resolvers);
        routes = Lists.ordered(routes);
        fallbackResolvers = Lists.of(fallbackResolvers);
        domains = Lists.of(domains);
        extraRecords = Lists.of(extraRecords);
        exitNodeFilteredSet = Lists.of(exitNodeFilteredSet);
    }

    /** A nameserver: an address or the address of a known DoH provider. */
    public record Resolver(
            @JsonProperty("Addr") String addr,
            @JsonProperty("UseWithExitNode") @JsonInclude(JsonInclude.Include.NON_DEFAULT)
                    boolean useWithExitNode) {
        public static Resolver of(String addr) {
            return new Resolver(addr, false);
        }
    }

    /** A name of ours; {@code type} is empty for A and AAAA. */
    public record DNSRecord(
            @JsonProperty("Name") String name,
            @JsonProperty("Type") @JsonInclude(JsonInclude.Include.NON_EMPTY) String type,
            @JsonProperty("Value") String value) {}
}
