package hearth.listen;

import io.helidon.common.tls.Tls;
import io.helidon.http.DirectHandler;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.http1.spi.Http1Upgrader;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * One TCP port with Helidon behind it, HTTP/1.1 alone: official clients speak nothing else outside
 * Noise, and Helidon 4.5.0's HTTP/2 trips over settings it does not know (docs/adr/0030).
 */
final class Port {
    private static final System.Logger LOG = System.getLogger(Port.class.getName());
    private static final Duration IDLE = Duration.ofMinutes(2);
    private static final Duration IDLE_CHECK = Duration.ofSeconds(15);
    private static final Duration GRACE = Duration.ofSeconds(1);
    private static final int MAX_REQUEST_LINE = 8 << 10;
    private static final int MAX_HEADERS = 16 << 10;
    private static final long MAX_BODY = 8 << 20;

    private final String name;
    private final ListenConfig config;
    private final OptionalInt wanted;
    private final int usual;
    private final int otherwise;
    private final @Nullable SSLContext tls;
    private final ConnectionWatch watch;
    private final LongAdder badRequests = new LongAdder();
    private volatile int number;
    private volatile @Nullable WebServer server;
    private volatile boolean closed;
    private volatile boolean gone;
    private @Nullable Runnable opener;

    Port(
            String name,
            ListenConfig config,
            OptionalInt wanted,
            int usual,
            int otherwise,
            @Nullable SSLContext tls) {
        this.name = name;
        this.config = config;
        this.wanted = wanted;
        this.usual = usual;
        this.otherwise = otherwise;
        this.tls = tls;
        this.watch = new ConnectionWatch(config.maxConnections());
    }

    ConnectionWatch watch() {
        return watch;
    }

    int number() {
        return number;
    }

    void open(List<Http1Upgrader> upgraders, Consumer<HttpRouting.Builder> routes)
            throws IOException {
        number = choose();
        opener = () -> start(upgraders, routes);
        opener.run();
    }

    private void start(List<Http1Upgrader> upgraders, Consumer<HttpRouting.Builder> routes) {
        var http1 =
                Http1ConnectionSelector.builder()
                        .config(
                                Http1Config.builder()
                                        .maxPrologueLength(MAX_REQUEST_LINE)
                                        .maxHeadersSize(MAX_HEADERS)
                                        .addReceiveListener(watch)
                                        .build());
        upgraders.forEach(u -> http1.addUpgrader(watch.freeing(u)));
        var builder =
                WebServer.builder()
                        .protocolsDiscoverServices(false)
                        .shutdownHook(false)
                        .bindAddress(address(number))
                        .useNio(false) // the other way looks every peer up in DNS
                        .addConnectionSelector(http1.build())
                        .connectionOptions(watch.options())
                        .maxTcpConnections(config.maxConnections())
                        .maxPayloadSize(MAX_BODY)
                        .idleConnectionTimeout(IDLE)
                        .idleConnectionPeriod(IDLE_CHECK)
                        .shutdownGracePeriod(GRACE)
                        .directHandlers(directHandlers())
                        .routing(
                                r -> {
                                    r.register(new Ending(() -> gone = true));
                                    routes.accept(r);
                                });
        if (tls != null) {
            builder.tls(Tls.builder().sslContext(BufferedTls.over(tls, watch::reads)).build());
        }
        WebServer fresh = builder.build().start();
        number = fresh.port();
        server = fresh;
    }

    /**
     * Has no routes: Helidon tells it that the port is closed, which no other call tells when
     * accepting failed (no file descriptor was free) and the server as a whole still runs.
     */
    private record Ending(Runnable told) implements HttpService {
        @Override
        public void routing(HttpRules rules) {}

        @Override
        public void afterStop() {
            told.run();
        }
    }

    private DirectHandlers directHandlers() {
        DirectHandler bad =
                (request, type, status, headers, message) -> {
                    badRequests.increment();
                    return DirectHandler.TransportResponse.builder()
                            .status(status)
                            .keepAlive(false)
                            .build();
                };
        return DirectHandlers.builder()
                .addHandler(DirectHandler.EventType.BAD_REQUEST, bad)
                .addHandler(DirectHandler.EventType.PAYLOAD_TOO_LARGE, bad)
                .build();
    }

    /** The port to take: what a person gave, or the usual one, or the other one. */
    private int choose() throws IOException {
        if (wanted.isPresent()) {
            return tryBind(wanted.getAsInt());
        }
        try {
            return tryBind(usual);
        } catch (IOException e) {
            LOG.log(
                    Level.INFO,
                    "{0} port {1} is not to be had, taking {2} cause=\"{3}\"",
                    name,
                    String.valueOf(usual),
                    String.valueOf(otherwise),
                    e.getMessage());
            return tryBind(otherwise);
        }
    }

    /**
     * Bound, never listening: a child that is being started at that moment (nft, ip) holds the
     * probe a little longer, and only one that listens would keep the server off the port.
     */
    private int tryBind(int port) throws IOException {
        try (SocketChannel probe = SocketChannel.open()) {
            probe.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            probe.bind(address(port));
            return port;
        } catch (BindException e) {
            String holder = PortHolder.find(port);
            throw new BindException(
                    name
                            + " port "
                            + port
                            + (holder == null ? ": " + e.getMessage() : " is taken by " + holder));
        }
    }

    private InetSocketAddress address(int port) {
        return config.only() == null
                ? new InetSocketAddress(port)
                : new InetSocketAddress(config.only(), port);
    }

    /** Cuts stalled connections; opens the port again if Helidon gave it up. */
    void sweep(long nowNanos) {
        watch.sweep(nowNanos);
        WebServer now = server;
        Runnable again = opener;
        if (!closed && gone && now != null && again != null) {
            now.stop();
            gone = false;
            try {
                again.run();
            } catch (RuntimeException e) {
                gone = true;
                throw e;
            }
            LOG.log(
                    Level.ERROR,
                    "{0} port {1} had stopped, opened again",
                    name,
                    String.valueOf(number));
        }
    }

    void count(Map<String, Long> out) {
        out.put(name + "_accepted", watch.acceptedTotal());
        out.put(name + "_open", (long) watch.openNow());
        out.put(name + "_stalled", watch.stalledTotal());
        out.put(name + "_silent", watch.silentTotal());
        out.put(name + "_derp_fast_starts", watch.fastStartsTotal());
        out.put(name + "_bad_requests", badRequests.sum());
    }

    void close() {
        closed = true;
        WebServer now = server;
        if (now != null) {
            now.stop();
        }
    }
}
