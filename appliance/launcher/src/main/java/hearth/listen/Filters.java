package hearth.listen;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;

/** What every request passes first. */
final class Filters {
    /** Paths that programs ask under whatever name they know us by; never people's pages. */
    private static final List<String> ANY_HOST =
            List.of("/key", "/ts2021", "/derp", "/generate_204", "/health", "/bootstrap-dns");

    private final Predicate<String> hosts;
    private final LongAdder misdirected = new LongAdder();

    Filters(Predicate<String> hosts) {
        this.hosts = hosts;
    }

    /** Requests for a host that is not us. */
    long misdirected() {
        return misdirected.sum();
    }

    /**
     * Ends the connection after an answer to {@code Connection: close}: Helidon 4.5.0 says so and
     * leaves the socket open.
     */
    static void closeWhenAsked(
            FilterChain chain, RoutingRequest request, RoutingResponse response) {
        chain.proceed();
        boolean close =
                request.headers()
                        .first(HeaderNames.CONNECTION)
                        .map(v -> v.toLowerCase(Locale.ROOT).contains("close"))
                        .orElse(false);
        if (close) {
            throw new CloseConnectionException("asked for by the client");
        }
    }

    /** Refuses pages to a browser that was led here under a foreign name (DNS rebinding). */
    void checkHost(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        String path = request.path().rawPath();
        if (ANY_HOST.stream().anyMatch(p -> path.equals(p) || path.startsWith(p + "/"))
                || hosts.test(hostOf(request.authority()))) {
            chain.proceed();
            return;
        }
        misdirected.increment();
        response.status(Status.create(421, "Misdirected Request"));
        response.send("this host does not serve that name\n");
    }

    /** The host of {@code host[:port]}, lower case, an IPv6 literal without brackets. */
    static String hostOf(String authority) {
        String a = authority.toLowerCase(Locale.ROOT);
        if (a.startsWith("[")) {
            int end = a.indexOf(']');
            return end < 0 ? a : a.substring(1, end);
        }
        int colon = a.lastIndexOf(':');
        return colon < 0 ? a : a.substring(0, colon);
    }
}
