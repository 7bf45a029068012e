package hearth.control;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/**
 * One relay or STUN server.
 *
 * @param certName null: the host name; {@code sha256-raw:} and hex: the pinned certificate
 * @param ipv4 null: look the host up; {@code none}: no IPv4
 * @param ipv6 as {@code ipv4}
 * @param stunPort 0: 3478; -1: none
 * @param derpPort 0: 443
 * @param insecureForTests its certificate is not checked
 * @param stunTestIp replaces its address for STUN
 * @param canPort80 answers {@code /generate_204} on port 80
 */
public record DERPNode(
        @JsonProperty("Name") String name,
        @JsonProperty("RegionID") int regionId,
        @JsonProperty("HostName") String hostName,
        @JsonProperty("CertName") @Nullable String certName,
        @JsonProperty("IPv4") @Nullable String ipv4,
        @JsonProperty("IPv6") @Nullable String ipv6,
        @JsonProperty("STUNPort") @JsonInclude(JsonInclude.Include.NON_DEFAULT) int stunPort,
        @JsonProperty("STUNOnly") @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean stunOnly,
        @JsonProperty("DERPPort") @JsonInclude(JsonInclude.Include.NON_DEFAULT) int derpPort,
        @JsonProperty("InsecureForTests") @JsonInclude(JsonInclude.Include.NON_DEFAULT)
                boolean insecureForTests,
        @JsonProperty("STUNTestIP") @Nullable String stunTestIp,
        @JsonProperty("CanPort80") @JsonInclude(JsonInclude.Include.NON_DEFAULT)
                boolean canPort80) {
    /** What starts a {@code certName} that is a pin. */
    public static final String PIN = "sha256-raw:";

    /** A relay whose certificate is checked. */
    public DERPNode(
            String name,
            int regionId,
            String hostName,
            @Nullable String certName,
            @Nullable String ipv4,
            @Nullable String ipv6,
            int stunPort,
            boolean stunOnly,
            int derpPort,
            boolean canPort80) {
        this(
                name, regionId, hostName, certName, ipv4, ipv6, stunPort, stunOnly, derpPort, false,
                null, canPort80);
    }

    DERPNode withoutPin() {
        return certName == null || !certName.startsWith(PIN) ? this : with(regionId, null);
    }

    DERPNode inRegion(int id) {
        return with(id, certName);
    }

    private DERPNode with(int region, @Nullable String cert) {
        return new DERPNode(
                name,
                region,
                hostName,
                cert,
                ipv4,
                ipv6,
                stunPort,
                stunOnly,
                derpPort,
                insecureForTests,
                stunTestIp,
                canPort80);
    }
}
