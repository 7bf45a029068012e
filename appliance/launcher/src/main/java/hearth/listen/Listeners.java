package hearth.listen;

import hearth.relay.RelayService;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http1.spi.Http1Upgrader;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Every TCP port of the appliance, running: HTTPS, HTTP and the unix socket, each with its own
 * routes. The two ports share the relay, the upgraders and the small public answers. Thread-safe.
 */
public final class Listeners implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Listeners.class.getName());
    private static final Duration SWEEP = Duration.ofSeconds(1);
    private static final int CERTIFICATE_SWEEPS = 5;
    private static final int REHEARSAL_CONNECTIONS = 8;

    private final List<Port> ports = new ArrayList<>();
    private final @Nullable Port https;
    private final @Nullable Port http;
    private final @Nullable UnixPort unix;
    private final Certificates certificates;
    private final Filters filters;
    private final Thread sweeper;

    private Listeners(Builder b) throws IOException {
        this.certificates = b.certificates;
        this.filters = new Filters(b.hosts);
        rehearse(b);
        try {
            this.https =
                    open(
                            new Port(
                                    "https",
                                    b.config,
                                    b.config.httpsPort(),
                                    ListenConfig.HTTPS,
                                    ListenConfig.HTTPS_OTHERWISE,
                                    certificates.context()),
                            b,
                            b.httpsRoutes);
            int httpsPort = https.number();
            Consumer<HttpRouting.Builder> plainRoutes =
                    b.httpRoutes.andThen(r -> r.get("/*", (q, s) -> toHttps(q, s, httpsPort)));
            this.http =
                    open(
                            new Port(
                                    "http",
                                    b.config,
                                    b.config.httpPort(),
                                    ListenConfig.HTTP,
                                    ListenConfig.HTTP_OTHERWISE,
                                    null),
                            b,
                            plainRoutes);
            this.unix =
                    b.config.socket() == null
                            ? null
                            : UnixPort.open(b.config.socket(), b.unixRoutes, b.unixSelector);
        } catch (IOException | RuntimeException e) {
            ports.forEach(Port::close);
            throw e;
        }
        this.sweeper = Thread.ofPlatform().daemon().name("listen-sweep").start(this::sweep);
    }

    public static Builder builder(ListenConfig config, Certificates certificates) {
        return new Builder(config, certificates);
    }

    /** What is to be served, before it is. */
    public static final class Builder {
        private final ListenConfig config;
        private final Certificates certificates;
        private final List<Http1Upgrader> upgraders = new ArrayList<>();
        private final List<WebSocketEndpoint> webSockets = new ArrayList<>();
        private @Nullable RelayService relay;
        private Predicate<String> hosts = h -> true;
        private BooleanSupplier healthy = () -> true;
        private Function<String, List<String>> addresses = _ -> List.of();
        private @Nullable Consumer<InetSocketAddress> rehearsal;
        private Consumer<HttpRouting.Builder> httpsRoutes = r -> {};
        private Consumer<HttpRouting.Builder> httpRoutes = r -> {};
        private Consumer<HttpRouting.Builder> unixRoutes = r -> {};
        private UnaryOperator<ServerConnectionSelector> unixSelector = UnaryOperator.identity();

        private Builder(ListenConfig config, Certificates certificates) {
            this.config = config;
            this.certificates = certificates;
        }

        /** Serves DERP at {@code /derp} of both ports. */
        public Builder relay(RelayService service) {
            this.relay = service;
            return this;
        }

        /** A protocol that leaves HTTP by upgrade, on both ports. */
        public Builder upgrader(Http1Upgrader upgrader) {
            upgraders.add(upgrader);
            return this;
        }

        /** A protocol that leaves HTTP by WebSocket, on both ports. */
        public Builder webSocket(WebSocketEndpoint endpoint) {
            webSockets.add(endpoint);
            return this;
        }

        /** Which hosts, without port, people's pages and the API answer to. */
        public Builder hosts(Predicate<String> known) {
            this.hosts = known;
            return this;
        }

        /** What {@code /bootstrap-dns} tells: the addresses of our own name, none of another. */
        public Builder addresses(Function<String, List<String>> ofName) {
            this.addresses = ofName;
            return this;
        }

        /** Whether {@code /health} says 200. */
        public Builder health(BooleanSupplier up) {
            this.healthy = up;
            return this;
        }

        /** What is to be called on loopback, as the HTTP port will be, before any port opens. */
        public Builder rehearsal(Consumer<InetSocketAddress> caller) {
            this.rehearsal = caller;
            return this;
        }

        /** Routes of the HTTPS port, after the public ones. */
        public Builder https(Consumer<HttpRouting.Builder> routes) {
            this.httpsRoutes = routes;
            return this;
        }

        /** Routes of the HTTP port; any other GET there leads to HTTPS. */
        public Builder http(Consumer<HttpRouting.Builder> routes) {
            this.httpRoutes = routes;
            return this;
        }

        /** Routes of the unix socket, which has no other; {@code watched} sees each connection. */
        public Builder unix(
                Consumer<HttpRouting.Builder> routes,
                UnaryOperator<ServerConnectionSelector> watched) {
            this.unixRoutes = routes;
            this.unixSelector = watched;
            return this;
        }

        /** Opens all ports; an exception names the port that is taken, and by whom. */
        public Listeners start() throws IOException {
            return new Listeners(this);
        }
    }

    private void rehearse(Builder b) throws IOException {
        Consumer<InetSocketAddress> caller = b.rehearsal;
        if (caller == null) {
            return;
        }
        InetAddress loopback = InetAddress.getLoopbackAddress();
        var any = OptionalInt.of(0);
        var alone = new ListenConfig(loopback, any, any, null, REHEARSAL_CONNECTIONS);
        Port port = new Port("rehearsal", alone, any, 0, 0, null);
        try {
            serve(port, b, b.httpRoutes);
            caller.accept(new InetSocketAddress(loopback, port.number()));
        } finally {
            port.close();
        }
    }

    private Port open(Port port, Builder b, Consumer<HttpRouting.Builder> routes)
            throws IOException {
        serve(port, b, routes);
        ports.add(port);
        return port;
    }

    private void serve(Port port, Builder b, Consumer<HttpRouting.Builder> routes)
            throws IOException {
        List<Http1Upgrader> upgraders = new ArrayList<>(b.upgraders);
        List<WebSocketEndpoint> webSockets = new ArrayList<>(b.webSockets);
        if (b.relay != null) {
            var derp = new DerpUpgrader(DerpUpgrader.PROTOCOL, b.relay, port.watch());
            upgraders.add(derp);
            upgraders.add(new DerpUpgrader("derp", b.relay, port.watch()));
            webSockets.add(WebSocketUpgrader.derp(derp));
        }
        upgraders.add(new WebSocketUpgrader(webSockets));
        port.open(
                upgraders,
                r -> {
                    r.addFilter(Filters::closeWhenAsked);
                    r.addFilter(filters::checkHost);
                    r.register(new PublicRoutes(b.healthy, b.addresses));
                    routes.accept(r);
                });
    }

    private static void toHttps(ServerRequest request, ServerResponse response, int port) {
        String host = Filters.hostOf(request.authority());
        String name = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
        String where = port == ListenConfig.HTTPS ? name : name + ":" + port;
        String query = request.query().rawValue();
        response.header(
                HeaderNames.LOCATION,
                "https://"
                        + where
                        + request.path().rawPath()
                        + (query.isEmpty() ? "" : "?" + query));
        response.status(Status.FOUND_302).send();
    }

    public int httpsPort() {
        return https == null ? 0 : https.number();
    }

    public int httpPort() {
        return http == null ? 0 : http.number();
    }

    /** Counters by metric name. */
    public SequencedMap<String, Long> counters() {
        var out = new TreeMap<String, Long>();
        ports.forEach(p -> p.count(out));
        out.put("http_misdirected", filters.misdirected());
        out.put("tls_handshakes", certificates.handshakes());
        return out;
    }

    void sweepNow(long nowNanos) {
        ports.forEach(p -> p.sweep(nowNanos));
    }

    private void sweep() {
        try {
            for (int n = 1; ; n++) {
                Thread.sleep(SWEEP);
                sweepOnce(n % CERTIFICATE_SWEEPS == 0);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    private void sweepOnce(boolean certificateToo) {
        try {
            sweepNow(System.nanoTime());
            if (certificateToo) {
                certificates.refresh();
            }
        } catch (RuntimeException e) { // the next sweep must come
            LOG.log(Level.ERROR, "connections not looked after, tried again soon", e);
        }
    }

    /** Stops listening; what is under way has five seconds. */
    @Override
    public void close() {
        sweeper.interrupt();
        if (unix != null) {
            unix.close();
        }
        ports.forEach(Port::close);
    }
}
