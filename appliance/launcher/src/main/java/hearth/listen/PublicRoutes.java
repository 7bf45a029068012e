package hearth.listen;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;

/**
 * The small answers of both ports: health, the relay's probes, the captive portal check, and 426
 * for a relay request without an upgrade.
 */
final class PublicRoutes implements HttpService {
    private static final HeaderName CHALLENGE = HeaderNames.create("X-Tailscale-Challenge");
    private static final HeaderName RESPONSE = HeaderNames.create("X-Tailscale-Response");
    private static final Pattern CHALLENGE_FORM = Pattern.compile("[A-Za-z0-9.\\-_:]{1,64}");
    private static final String NO_CACHE =
            "no-cache, no-store, must-revalidate, no-transform, max-age=0";

    private final BooleanSupplier healthy;

    PublicRoutes(BooleanSupplier healthy) {
        this.healthy = healthy;
    }

    @Override
    public void routing(HttpRules rules) {
        for (String path : new String[] {"/derp/probe", "/derp/latency-check"}) {
            rules.get(path, PublicRoutes::probe).head(path, PublicRoutes::probe);
            rules.any(path, PublicRoutes::notAllowed);
        }
        rules.get("/generate_204", PublicRoutes::noContent);
        rules.head("/generate_204", PublicRoutes::noContent);
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
