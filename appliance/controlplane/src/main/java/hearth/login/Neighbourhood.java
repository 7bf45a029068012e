package hearth.login;

import hearth.base.IpAddress;
import hearth.base.IpPrefix;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which addresses are at home: private, link-local, unique local (RFC 1918, 3927, 4193), shared
 * address space that the tailnet uses (RFC 6598) and loopback.
 */
public final class Neighbourhood {
    private static final List<IpPrefix> HOME =
            Stream.of(
                            "10.0.0.0/8",
                            "172.16.0.0/12",
                            "192.168.0.0/16",
                            "169.254.0.0/16",
                            "100.64.0.0/10",
                            "127.0.0.0/8",
                            "fc00::/7",
                            "fe80::/10",
                            "::1/128")
                    .map(IpPrefix::parse)
                    .toList();

    private Neighbourhood() {}

    public static boolean isHome(IpAddress address) {
        IpAddress plain = address.unmapped();
        return HOME.stream().anyMatch(p -> p.contains(plain));
    }

    /** What one subscriber holds: the IPv4 address itself, of IPv6 the /64. */
    static IpPrefix subscriber(IpAddress address) {
        IpAddress plain = address.unmapped();
        return new IpPrefix(plain, plain.v4() ? 32 : 64).masked();
    }
}
