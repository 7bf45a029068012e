package hearth.os;

import hearth.base.IpAddress;
import hearth.base.IpPrefix;
import java.io.IOException;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Lists the machine's interfaces and what follows from them: routes to offer, own endpoints. */
public final class LinuxInterfaces {
    private static final Path SYS = Path.of("/sys/class/net");
    private static final int ARPHRD_ETHER = 1; // linux/if_arp.h
    private static final int ARPHRD_INFINIBAND = 32;

    /** Names that container and VM systems give the bridges they make. */
    private static final Pattern CONTAINER_BRIDGE =
            Pattern.compile(
                    "docker\\d+|docker_gwbridge|br-[0-9a-f]{12}|cni\\d+|cni-podman\\d+|podman\\d+"
                            + "|virbr\\d+|lxcbr\\d+|lxdbr\\d+|incusbr\\d+|kube-bridge|weave"
                            + "|flannel\\..*|cilium_.*|cali.*|vz.*");

    /** Where private networks live: RFC 1918 and RFC 4193. */
    private static final List<IpPrefix> PRIVATE =
            List.of(
                    IpPrefix.parse("10.0.0.0/8"),
                    IpPrefix.parse("172.16.0.0/12"),
                    IpPrefix.parse("192.168.0.0/16"),
                    IpPrefix.parse("fc00::/7"));

    static final IpPrefix TAILNET_V4 = IpPrefix.parse("100.64.0.0/10");
    static final IpPrefix TAILNET_V6 = IpPrefix.parse("fd7a:115c:a1e0::/48");

    private LinuxInterfaces() {}

    /** The interfaces that are up, by name. */
    public static List<LocalInterface> list() throws IOException {
        List<LocalInterface> out = new ArrayList<>();
        try (Stream<NetworkInterface> all = NetworkInterface.networkInterfaces()) {
            for (NetworkInterface i : all.toList()) {
                if (isUp(i)) {
                    out.add(read(i));
                }
            }
        }
        out.sort(Comparator.comparing(LocalInterface::name));
        return out;
    }

    private static boolean isUp(NetworkInterface i) {
        try {
            return i.isUp();
        } catch (SocketException e) {
            return false; // it went away
        }
    }

    private static LocalInterface read(NetworkInterface i) {
        List<IpPrefix> prefixes = new ArrayList<>();
        for (InterfaceAddress a : i.getInterfaceAddresses()) {
            IpAddress address = IpAddress.of(a.getAddress());
            int length = Math.min(Math.max(a.getNetworkPrefixLength(), 0), address.bits());
            prefixes.add(new IpPrefix(address, length));
        }
        return new LocalInterface(i.getName(), kind(i.getName()), prefixes);
    }

    private static LocalInterface.Kind kind(String name) {
        Path dir = SYS.resolve(name);
        if (name.equals("lo")) {
            return LocalInterface.Kind.LOOPBACK;
        }
        int type = number(dir.resolve("type"));
        boolean card = type == ARPHRD_ETHER || type == ARPHRD_INFINIBAND;
        if (!card || Files.exists(dir.resolve("tun_flags"))) {
            return LocalInterface.Kind.TUNNEL;
        }
        return CONTAINER_BRIDGE.matcher(name).matches()
                ? LocalInterface.Kind.CONTAINER_BRIDGE
                : LocalInterface.Kind.LAN;
    }

    private static int number(Path file) {
        try {
            return Integer.parseInt(Files.readString(file).strip());
        } catch (IOException | NumberFormatException e) {
            return ARPHRD_ETHER; // no sysfs: better to offer too much, nothing is routed unapproved
        }
    }

    /** The private networks that this machine is attached to, each once, ascending. */
    public static List<IpPrefix> offeredRoutes(List<LocalInterface> interfaces) {
        var routes = new TreeSet<IpPrefix>();
        for (LocalInterface i : interfaces) {
            if (i.kind() != LocalInterface.Kind.LAN) {
                continue;
            }
            for (IpPrefix p : i.prefixes()) {
                IpPrefix network = p.masked();
                boolean isPrivate = PRIVATE.stream().anyMatch(all -> all.contains(network));
                boolean isTailnet = TAILNET_V6.contains(network.address());
                if (isPrivate && !isTailnet && !network.isSingleAddress()) {
                    routes.add(network);
                }
            }
        }
        return List.copyOf(routes);
    }

    /**
     * The addresses at which peers might reach a socket that is bound to all, IPv4 first: those of
     * the LAN interfaces, loopback only when there is nothing else; no link-local ones, none of a
     * tailnet.
     */
    public static List<IpAddress> endpointAddresses(List<LocalInterface> interfaces) {
        List<IpAddress> out = addressesOf(interfaces, LocalInterface.Kind.LAN);
        return out.isEmpty() ? addressesOf(interfaces, LocalInterface.Kind.LOOPBACK) : out;
    }

    private static List<IpAddress> addressesOf(
            List<LocalInterface> interfaces, LocalInterface.Kind kind) {
        return interfaces.stream()
                .filter(i -> i.kind() == kind)
                .flatMap(i -> i.prefixes().stream())
                .map(IpPrefix::address)
                .filter(a -> !a.toInetAddress().isLinkLocalAddress())
                .filter(a -> !TAILNET_V4.contains(a) && !TAILNET_V6.contains(a))
                .distinct()
                .sorted()
                .toList();
    }
}
