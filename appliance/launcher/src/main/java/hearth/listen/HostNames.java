package hearth.listen;

import hearth.base.IpAddress;
import java.lang.System.Logger.Level;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The names and addresses this machine is known by: in its certificate, and in a Host header. */
public final class HostNames implements Predicate<String> {
    private static final System.Logger LOG = System.getLogger(HostNames.class.getName());
    private static final List<String> ALWAYS = List.of("localhost", "hearth.local");

    private final Set<String> names;

    /**
     * The names.
     *
     * @param configured the server's own DNS name and others a person gave
     */
    public HostNames(Collection<String> configured) {
        names =
                configured.stream()
                        .map(n -> n.toLowerCase(Locale.ROOT))
                        .collect(Collectors.toCollection(TreeSet::new));
        names.addAll(ALWAYS);
    }

    /** Names and the addresses of all interfaces now, sorted. */
    public List<String> all() {
        var out = new TreeSet<>(names);
        localAddresses().forEach(a -> out.add(a.toString()));
        return List.copyOf(out);
    }

    /** Whether {@code host}, without a port, is one of them. */
    @Override
    public boolean test(String host) {
        IpAddress ip = IpAddress.tryParse(host);
        return ip == null
                ? names.contains(host.toLowerCase(Locale.ROOT))
                : localAddresses().contains(ip.unmapped());
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
