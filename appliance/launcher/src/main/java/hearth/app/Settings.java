package hearth.app;

import hearth.base.IpPrefix;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What the appliance was told: file, then environment, then flags, each overriding the former (see
 * {@link SettingsReader}). Absent values are chosen at start and the choice is printed.
 *
 * @param stateDir holds database, keys and certificate
 * @param serverUrl what clients log in to; absent: {@code http://} and the address of the
 *     default-route interface
 * @param listen the address of all TCP and UDP ports; absent: every address of both families
 * @param httpsPort absent: 443, or 8443 where 443 cannot be bound; 0: any free port
 * @param httpPort absent: 80, or 8080
 * @param stunPort UDP; the port after it answers STUN too, so that clients can see a symmetric NAT
 * @param wireguardPort UDP
 * @param tun interface name; {@code off} for none
 * @param advertiseRoutes replaces the list of routes that are found on the machine
 * @param masquerade whether what devices send to networks behind this machine leaves with its own
 *     address; else those networks need a way back to the tailnet
 * @param baseDomain the tailnet's DNS suffix
 * @param trustedProxies addresses of proxies in front of us, whose word for a client's address
 *     counts
 */
record Settings(
        Path stateDir,
        @Nullable URI serverUrl,
        @Nullable String listen,
        OptionalInt httpsPort,
        OptionalInt httpPort,
        int stunPort,
        int wireguardPort,
        @Nullable Path tlsCert,
        @Nullable Path tlsKey,
        Path socket,
        String tun,
        @Nullable List<IpPrefix> advertiseRoutes,
        boolean masquerade,
        String baseDomain,
        List<IpPrefix> trustedProxies) {
    public static final int DEFAULT_STUN_PORT = 3478;
    public static final int DEFAULT_WIREGUARD_PORT = 41641;
    public static final String DEFAULT_TUN = "hearth0";
    public static final String TUN_OFF = "off";
    public static final String DEFAULT_BASE_DOMAIN = "hearth.internal";

    public boolean tunOff() {
        return tun.equals(TUN_OFF);
    }
}
