package hearth.listen;

import hearth.base.IpAddress;
import hearth.base.IpPrefix;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The names and addresses this machine is known by: in its certificate, and in a Host header.
 * Beside those that a person gave and its addresses these are its host name, alone and below {@code
 * .local} (RFC 6762), and what the tailnet calls it.
 */
public final class HostNames implements Predicate<String> {
    private static final System.Logger LOG = System.getLogger(HostNames.class.getName());
    private static final List<String> ALWAYS = List.of("localhost", "hearth.local");
    private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    private static final IpPrefix UNIQUE_LOCAL = IpPrefix.parse("fc00::/7"); // RFC 4193
    private static final IpAddress LOOPBACK = IpAddress.parse("::1");

    private final Set<String> fixed;
    private final Supplier<? extends Collection<String>> tailnet;

    /**
     * The names.
     *
     * @param configured the server's own DNS name and others a person gave
     * @param tailnet names and addresses of the appliance's own node, which may be renamed
     */
    public HostNames(
            Collection<String> configured, Supplier<? extends Collection<String>> tailnet) {
        fixed = new TreeSet<>(ALWAYS);
        configured.forEach(n -> fixed.add(n.toLowerCase(Locale.ROOT)));
        this.tailnet = tailnet;
        String machine = machineName();
        if (machine != null) {
            fixed.add(machine);
            fixed.add(machine + ".local");
        }
    }

    /** Names and addresses that a certificate should be for, sorted. */
    public List<String> all() {
        var out = new TreeSet<>(fixed);
        out.addAll(tailnet.get());
        lasting(localAddresses()).forEach(a -> out.add(a.toString()));
        return List.copyOf(out);
    }

    /**
     * Without the global IPv6 addresses, unless there is nothing else: they change with a
     * provider's prefix and by themselves (RFC 8981), nobody types them, and browsers warn anew of
     * every new certificate.
     */
    static Set<IpAddress> lasting(Set<IpAddress> local) {
        Set<IpAddress> out =
                local.stream()
                        .filter(a -> a.v4() || LOOPBACK.equals(a) || UNIQUE_LOCAL.contains(a))
                        .collect(Collectors.toSet());
        boolean reachable = out.stream().anyMatch(a -> !a.toInetAddress().isLoopbackAddress());
        return reachable ? out : local;
    }

    /** Whether {@code host}, without a port, is one of them. */
    @Override
    public boolean test(String host) {
        IpAddress ip = IpAddress.tryParse(host);
        if (ip != null) {
            return localAddresses().contains(ip.unmapped());
        }
        String name = host.toLowerCase(Locale.ROOT);
        return fixed.contains(name) || tailnet.get().contains(name);
    }

    /** The first label of the system's host name, null when that is no DNS label. */
    private static @Nullable String machineName() {
        try {
            String name = Files.readString(HOST_NAME).strip().toLowerCase(Locale.ROOT);
            String label = name.split("\\.", 2)[0];
            return LABEL.matcher(label).matches() ? label : null;
        } catch (IOException e) {
            LOG.log(Level.WARNING, "no host name cause=\"{0}\"", e.getMessage());
            return null;
        }
    }

    /** The addresses of all interfaces, link-local ones left out. */
    public static Set<IpAddress> localAddresses() {
        try {
            return NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .filter(a -> !a.isLinkLocalAddress())
                    .map(IpAddress::of)
                    .collect(Collectors.toSet());
        } catch (SocketException e) {
            LOG.log(Level.WARNING, "no list of local addresses cause=\"{0}\"", e.getMessage());
            return Set.of();
        }
    }
}
