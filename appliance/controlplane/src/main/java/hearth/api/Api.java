package hearth.api;

import hearth.login.Logins;
import hearth.tailnet.Role.Right;
import hearth.tailnet.Tailnet;
import io.helidon.webserver.http.HttpRouting;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.function.Supplier;

/** All JSON routes for programs; each has a right that opens it. */
public final class Api {
    private final Tailnet tailnet;
    private final Logins logins;
    private final Paths paths;
    private final Health health;
    private final Archive archive;
    private final InstantSource clock;
    private final String version;
    private final Supplier<String> metrics;

    /** {@code metrics} renders the counters in Prometheus' text format. */
    public Api(
            Tailnet tailnet,
            Logins logins,
            Paths paths,
            Health health,
            Archive archive,
            Supplier<String> metrics,
            InstantSource clock,
            String version) {
        this.tailnet = tailnet;
        this.logins = logins;
        this.paths = paths;
        this.health = health;
        this.archive = archive;
        this.metrics = metrics;
        this.clock = clock;
        this.version = version;
    }

    /** Mounts the routes for callers that {@code caller} names. */
    public void routing(HttpRouting.Builder routing, Caller caller) {
        var policy = new PolicyApi(tailnet, caller);
        routing.register(
                        "/api/v2",
                        new DevicesApi(tailnet, caller),
                        new KeysApi(tailnet, caller, clock),
                        new PeopleApi(tailnet, logins, caller),
                        new DnsApi(tailnet, caller),
                        policy)
                .register(
                        "/api/hearth",
                        new HearthApi(tailnet, logins, caller, archive),
                        policy::history)
                .register(
                        "/api/hearth/policy",
                        new PolicyQuestions(tailnet, caller),
                        new PolicyNames(tailnet, caller))
                .register(
                        "/localapi/v0",
                        new StatusApi(tailnet, logins, caller, paths, health, clock, version))
                .get(
                        "/metrics",
                        Exchange.needing(
                                caller,
                                Right.READ,
                                x ->
                                        x.send(
                                                metrics.get().getBytes(StandardCharsets.UTF_8),
                                                "text/plain; version=0.0.4",
                                                null)));
    }
}
