package hearth.packet;

import hearth.base.IpRange;
import hearth.base.IpSet;
import java.util.Set;

/**
 * One thing a rule allows: {@code sources} may reach {@code destination} at the ports from {@code
 * firstPort} to {@code lastPort}, both included, by any of {@code protocols} (IP protocol numbers).
 */
public record FilterBox(
        IpSet sources, IpRange destination, int firstPort, int lastPort, Set<Integer> protocols) {
    public static final int MAX_PORT = 65_535;

    /** What a rule without protocols means (tailscale/tailscale wgengine/filter). */
    public static final Set<Integer> DEFAULT_PROTOCOLS =
            Set.of(IpProtocol.TCP, IpProtocol.UDP, IpProtocol.ICMP_V4, IpProtocol.ICMP_V6);

    public FilterBox {
        if (firstPort < 0 || lastPort > MAX_PORT || firstPort > lastPort) {
            throw new IllegalArgumentException("ports " + firstPort + "-" + lastPort);
        }
        protocols = protocols.isEmpty() ? DEFAULT_PROTOCOLS : Set.copyOf(protocols);
    }
}
