package hearth.login;

import hearth.base.IpAddress;
import hearth.base.IpPrefix;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Proxies in front of us that a person has named. What they alone say about a request's origin is
 * believed: {@code X-Forwarded-For} and {@code X-Forwarded-Proto}, of which each proxy appends what
 * it has seen itself. From everybody else the headers count for nothing.
 */
public final class TrustedProxies {
    public static final String FORWARDED_FOR = "X-Forwarded-For";
    public static final String FORWARDED_PROTO = "X-Forwarded-Proto";
    public static final TrustedProxies NONE = new TrustedProxies(List.of());

    /** Stands for a client that a proxy names in a way that cannot be read; it is nobody's home. */
    static final IpAddress UNREADABLE = IpAddress.V4_MIN;

    private final List<IpPrefix> proxies;

    public TrustedProxies(List<IpPrefix> proxies) {
        this.proxies = List.copyOf(proxies);
    }

    private boolean trusts(IpAddress address) {
        return proxies.stream().anyMatch(p -> p.contains(address));
    }

    /**
     * Who asks: the nearest address, from us outwards, that is no trusted proxy's.
     *
     * @param peer the other end of the connection
     * @param forwardedFor the lines of {@link #FORWARDED_FOR}
     */
    public IpAddress client(IpAddress peer, List<String> forwardedFor) {
        IpAddress client = peer.unmapped();
        if (!trusts(client)) {
            return client;
        }
        for (String hop : outwards(forwardedFor)) {
            IpAddress ip = address(hop);
            if (ip == null) {
                return UNREADABLE;
            }
            client = ip;
            if (!trusts(client)) {
                return client;
            }
        }
        return client;
    }

    /**
     * Whether somebody passes requests on whom nobody has named: then {@code peer} says nothing of
     * where they come from.
     */
    public boolean strange(IpAddress peer, List<String> forwardedFor) {
        return !forwardedFor.isEmpty() && !trusts(peer.unmapped());
    }

    /**
     * Whether the browser speaks TLS.
     *
     * @param tls whether the connection to us does
     * @param forwardedProto the lines of {@link #FORWARDED_PROTO}
     */
    public boolean secure(IpAddress peer, boolean tls, List<String> forwardedProto) {
        List<String> hops = outwards(forwardedProto);
        if (hops.isEmpty() || !trusts(peer.unmapped())) {
            return tls;
        }
        return https(hops);
    }

    /**
     * Whether a browser that comes without TLS and is sent to TLS would come back the same way for
     * ever: it speaks TLS to a proxy that nobody has named, or to a named one that does not say so.
     */
    public boolean circle(IpAddress peer, List<String> forwardedFor, List<String> forwardedProto) {
        List<String> hops = outwards(forwardedProto);
        return trusts(peer.unmapped())
                ? hops.isEmpty() && !forwardedFor.isEmpty()
                : !hops.isEmpty() && https(hops);
    }

    private static boolean https(List<String> hops) {
        return hops.getFirst().toLowerCase(Locale.ROOT).equals("https");
    }

    private static List<String> outwards(List<String> lines) {
        List<String> hops = new ArrayList<>();
        for (String line : lines) {
            for (String hop : line.split(",", -1)) {
                hops.add(hop.strip());
            }
        }
        Collections.reverse(hops);
        return hops;
    }

    /**
     * Of {@code 192.0.2.1}, {@code 192.0.2.1:5}, {@code 2001:db8::1} or {@code [2001:db8::1]:5}.
     */
    private static @Nullable IpAddress address(String hop) {
        String text = hop;
        int bracket = hop.indexOf(']');
        if (hop.startsWith("[") && bracket > 0) {
            text = hop.substring(1, bracket);
        } else if (hop.indexOf(':') == hop.lastIndexOf(':') && hop.indexOf(':') > 0) {
            text = hop.substring(0, hop.indexOf(':'));
        }
        IpAddress ip = IpAddress.tryParse(text);
        return ip == null ? null : ip.unmapped();
    }
}
