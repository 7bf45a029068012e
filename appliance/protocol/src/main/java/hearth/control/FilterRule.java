package hearth.control;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * One accept rule of a node's packet filter: either ports or capabilities. Rules are a union.
 *
 * @param srcIPs addresses, prefixes without host bits, ranges {@code a-b}, {@code *}, or {@code
 *     cap:attribute} of the source node
 * @param dstPorts empty in a rule that grants capabilities
 * @param ipProto IP protocol numbers; empty means TCP, UDP, ICMP and ICMPv6
 * @param capGrant empty in a rule that opens ports
 */
public record FilterRule(
        @JsonProperty("SrcIPs") List<String> srcIPs,
        @JsonProperty("DstPorts") @JsonInclude(JsonInclude.Include.NON_EMPTY)
                List<NetPortRange> dstPorts,
        @JsonProperty("IPProto") @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Integer> ipProto,
        @JsonProperty("CapGrant") @JsonInclude(JsonInclude.Include.NON_EMPTY)
                List<CapGrant> capGrant) {
    public FilterRule {
        srcIPs = Lists.of(srcIPs);
        dstPorts = Lists.of(dstPorts);
        ipProto = Lists.of(ipProto);
        capGrant = Lists.of(capGrant);
    }

    /** A rule that lets {@code srcIPs} reach {@code dstPorts} by the default protocols. */
    public static FilterRule ports(List<String> srcIPs, List<NetPortRange> dstPorts) {
        return new FilterRule(srcIPs, dstPorts, List.of(), List.of());
    }
}
