package hearth.app;

import hearth.base.IpAddress;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The addresses by which clients and people reach the appliance. Without a server URL it is the
 * address of the default route, looked up every few seconds: it may change while we run.
 */
final class Reach {
    static final int HTTP = 80;
    static final int HTTPS = 443;

    private static final long KNOWN_NANOS = Duration.ofSeconds(5).toNanos();

    private record Known(LocalAddresses.Main addresses, long sinceNanos) {}

    private final @Nullable URI given;
    private final boolean proxied;
    private final Supplier<LocalAddresses.Main> own;
    private final LongSupplier nanoTime;
    private volatile @Nullable Known known; // asked for with every map
    private volatile int httpPort = HTTP;
    private volatile int httpsPort = HTTPS;

    /**
     * How others reach us.
     *
     * @param given the server URL, null for our own address
     * @param proxied a proxy in front of us ends the TLS of that URL
     * @param own this machine's addresses
     */
    Reach(
            @Nullable URI given,
            boolean proxied,
            Supplier<LocalAddresses.Main> own,
            LongSupplier nanoTime) {
        this.given = given;
        this.proxied = proxied;
        this.own = own;
        this.nanoTime = nanoTime;
    }

    /** Told once the ports are open. */
    void listening(int http, int https) {
        this.httpPort = http;
        this.httpsPort = https;
    }

    int httpPort() {
        return httpPort;
    }

    /**
     * Where clients find the relay: the port of an https URL, which may be a proxy's, else ours.
     */
    int relayPort() {
        URI url = given;
        if (url == null || !url.getScheme().equals("https")) {
            return httpsPort;
        }
        return url.getPort() < 0 ? HTTPS : url.getPort();
    }

    /** Whether clients see a proxy's certificate where ours would be. */
    boolean tlsByProxy() {
        URI url = given;
        return proxied && url != null && url.getScheme().equals("https");
    }

    /** Host of the URLs and of the relay, an IPv6 address without brackets. */
    String host() {
        URI url = given;
        if (url == null) {
            return main().any().toString();
        }
        String host = String.valueOf(url.getHost());
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    /** This machine's addresses, at most five seconds old. */
    LocalAddresses.Main main() {
        Known k = known;
        long now = nanoTime.getAsLong();
        if (k == null || now - k.sinceNanos() > KNOWN_NANOS) {
            k = new Known(own.get(), now);
            known = k;
        }
        return k.addresses();
    }

    boolean hostIsAddress() {
        return IpAddress.tryParse(host()) != null;
    }

    /** What devices log in to. */
    String joinUrl() {
        URI url = given;
        if (url != null) {
            return url.toString();
        }
        return "http://" + bracketed() + (httpPort == HTTP ? "" : ":" + httpPort);
    }

    /** Where people's pages are. */
    String pageUrl() {
        URI url = given;
        if (url != null && url.getScheme().equals("https")) {
            return url.toString();
        }
        return "https://" + bracketed() + (httpsPort == HTTPS ? "" : ":" + httpsPort);
    }

    private String bracketed() {
        String host = host();
        return host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    }

    /** What the system knows of our own name, none of another one or while it cannot be asked. */
    List<String> addresses(String name) {
        if (hostIsAddress() || !name.equalsIgnoreCase(host())) {
            return List.of();
        }
        try {
            return Stream.of(InetAddress.getAllByName(host()))
                    .map(a -> IpAddress.of(a).toString())
                    .toList();
        } catch (UnknownHostException e) {
            return List.of();
        }
    }
}
