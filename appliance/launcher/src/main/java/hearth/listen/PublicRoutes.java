package hearth.listen;

import hearth.control.ControlJson;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * The small answers of both ports: health, the relay's probes, the captive portal check, the
 * server's own addresses, and 426 for a relay request without an upgrade.
 */
final class PublicRoutes implements HttpService {
    private static final HeaderName CHALLENGE = HeaderNames.create("X-Tailscale-Challenge");
    private static final HeaderName RESPONSE = HeaderNames.create("X-Tailscale-Response");
    private static final Pattern CHALLENGE_FORM = Pattern.compile("[A-Za-z0-9.\\-_:]{1,64}");
    private static final String NO_CACHE =
            "no-cache, no-store, must-revalidate, no-transform, max-age=0";

    private final BooleanSupplier healthy;
    private final Function<String, List<String>> addresses;

    /** {@code addresses}: of the server's own name, none of any other. */
    PublicRoutes(BooleanSupplier healthy, Function<String, List<String>> addresses) {
        this.healthy = healthy;
        this.addresses = addresses;
    }

    @Override
    public void routing(HttpRules rules) {
        for (String path : new String[] {"/derp/probe", "/derp/latency-check"}) {
            rules.get(path, PublicRoutes::probe).head(path, PublicRoutes::probe);
            rules.any(path, PublicRoutes::notAllowed);
        }
        rules.get("/generate_204", PublicRoutes::noContent);
        rules.head("/generate_204", PublicRoutes::noContent);
        rules.get("/bootstrap-dns", this::bootstrapDns);
        rules.get("/health", this::health).head("/health", this::health);
        rules.get("/robots.txt", PublicRoutes::robots);
        rules.any(DerpUpgrader.PATH, PublicRoutes::upgradeRequired);
    }

    private static void probe(ServerRequest request, ServerResponse response) {
        response.header(HeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, "*");
        response.send();
    }

    private static void notAllowed(ServerRequest request, ServerResponse response) {
        response.header(HeaderNames.ALLOW, "GET, HEAD");
        response.status(Status.METHOD_NOT_ALLOWED_405).send();
    }

    private static void noContent(ServerRequest request, ServerResponse response) {
        response.header(HeaderNames.CACHE_CONTROL, NO_CACHE);
        String challenge = request.headers().first(CHALLENGE).orElse("");
        if (CHALLENGE_FORM.matcher(challenge).matches()) {
            response.header(RESPONSE, "response " + challenge);
        }
        response.status(Status.NO_CONTENT_204).send();
    }

    /**
     * {@code {"name":["address"]}}: a client whose DNS is broken asks its relays for the name of
     * its control server (tailscale/tailscale net/dnsfallback). Other names are not looked up here.
     */
    private void bootstrapDns(ServerRequest request, ServerResponse response) {
        String name = request.query().first("q").orElse("");
        List<String> found = addresses.apply(name);
        response.header(HeaderNames.CONTENT_TYPE, "application/json");
        response.header(HeaderNames.CACHE_CONTROL, NO_CACHE);
        response.send(ControlJson.write(found.isEmpty() ? Map.of() : Map.of(name, found)));
    }

    private void health(ServerRequest request, ServerResponse response) {
        response.header(HeaderNames.CACHE_CONTROL, NO_CACHE);
        boolean up = healthy.getAsBoolean();
        response.status(up ? Status.OK_200 : Status.SERVICE_UNAVAILABLE_503);
        response.send(up ? "ok\n" : "starting\n");
    }

    private static void robots(ServerRequest request, ServerResponse response) {
        response.header(HeaderNames.CONTENT_TYPE, "text/plain");
        response.send("User-agent: *\nDisallow: /\n");
    }

    private static void upgradeRequired(ServerRequest request, ServerResponse response) {
        response.header(HeaderNames.UPGRADE, DerpUpgrader.PROTOCOL);
        response.status(Status.create(426, "Upgrade Required"));
        response.send("DERP requires connection upgrade\n");
    }
}
