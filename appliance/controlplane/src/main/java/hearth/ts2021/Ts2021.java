package hearth.ts2021;

import hearth.base.IpAddress;
import hearth.base.WireException;
import hearth.control.ControlJson;
import hearth.crypto.ChallengeKey;
import hearth.crypto.MachineKey;
import hearth.crypto.NoiseIk;
import hearth.crypto.NoiseRecords;
import hearth.crypto.SecretKey;
import hearth.login.TrustedProxies;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.http.Status;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.Router;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http1.spi.Http1Upgrader;
import io.helidon.webserver.http2.Http2Config;
import io.helidon.webserver.http2.Http2ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The way in for Tailscale clients: {@code GET /key}, then {@code /ts2021}, by {@code POST} with
 * {@code Upgrade: tailscale-control-protocol} or by WebSocket. Behind it a client finds HTTP/2 and
 * only the routes that it was given here, never those of the listener (tailscale/tailscale
 * control/controlhttp, control/ts2021).
 */
public final class Ts2021 implements HttpService, AutoCloseable {
    /** The value of {@code Upgrade}, and the WebSocket subprotocol. */
    public static final String PROTOCOL = "tailscale-control-protocol";

    private static final System.Logger LOG = System.getLogger(Ts2021.class.getName());
    private static final String PATH = "/ts2021";
    private static final HeaderName HANDSHAKE = HeaderNames.create("X-Tailscale-Handshake");
    private static final byte[] EARLY_MAGIC = {-1, -1, -1, 'T', 'S'};
    private static final int MAX_ERROR_BYTES = 256;
    private static final HeaderName FORWARDED_FOR =
            HeaderNames.create(TrustedProxies.FORWARDED_FOR);
    private static final int MAX_STREAMS = 256;
    private static final int MAX_RAPID_RESETS = 100_000; // the client is known by its machine key
    private static final int WINDOW_BYTES = 65_535;
    private static final Duration CHECK = Duration.ofSeconds(5);
    private static final long HUNG_WRITE_NANOS = Duration.ofSeconds(30).toNanos();
    private static final long STALLED_NANOS = Duration.ofSeconds(15).toNanos();

    private final SecretKey serverKey;
    private final RandomGenerator random;
    private final TrustedProxies proxies;
    private final Router inside;
    private final Http2ConnectionSelector http2;
    private final byte[] keyAnswer;
    private final Map<String, Open> open = new ConcurrentHashMap<>();
    private final AtomicLong ids = new AtomicLong();
    private final ControlCounters counters = new ControlCounters();
    private final Thread watchdog;
    private volatile boolean closed;

    /** A connection and how to cut it. */
    private record Open(MachineConnection machine, Runnable cut) {}

    /** Finds the connection of a request inside Noise. */
    @FunctionalInterface
    public interface Connections extends Function<ServerRequest, MachineConnection> {}

    /**
     * The way in.
     *
     * @param serverKey the appliance's Noise key; not closed here
     * @param random a SecureRandom outside tests
     * @param proxies whose word for a client's address counts
     * @param routes of what clients may ask inside Noise, given how to find who asks
     */
    public Ts2021(
            SecretKey serverKey,
            RandomGenerator random,
            TrustedProxies proxies,
            Function<Connections, HttpService> routes) {
        this.serverKey = serverKey;
        this.random = random;
        this.proxies = proxies;
        this.inside =
                Router.builder()
                        .addRouting(
                                HttpRouting.builder().register(routes.apply(this::connectionOf)))
                        .build();
        this.http2 =
                Http2ConnectionSelector.builder()
                        .http2Config(
                                Http2Config.builder()
                                        .initialWindowSize(WINDOW_BYTES)
                                        .maxConcurrentStreams(MAX_STREAMS)
                                        .maxRapidResets(MAX_RAPID_RESETS)
                                        .flowControlTimeout(Duration.ofSeconds(30))
                                        .sendErrorDetails(false)
                                        .build())
                        .build();
        this.keyAnswer =
                ControlJson.write(
                        Map.of(
                                "legacyPublicKey",
                                new MachineKey(new byte[MachineKey.LENGTH]),
                                "publicKey",
                                serverKey.machineKey()));
        this.watchdog = Thread.ofVirtual().name("ts2021-watchdog").start(this::watch);
    }

    /** Routes outside Noise, for every listener: {@code /key} and what a failed upgrade gets. */
    @Override
    public void routing(HttpRules rules) {
        rules.get("/key", this::key);
        rules.any(PATH, Ts2021::notAnUpgrade);
    }

    private void key(ServerRequest request, ServerResponse response) {
        response.header(HeaderNames.CONTENT_TYPE, "application/json");
        response.header(HeaderNames.CACHE_CONTROL, "no-store");
        response.send(keyAnswer);
    }

    private static void notAnUpgrade(ServerRequest request, ServerResponse response) {
        response.status(Status.BAD_REQUEST_400)
                .send(
                        "expected POST with Upgrade: "
                                + PROTOCOL
                                + ", Content-Length: 0 and X-Tailscale-Handshake of 101 bytes in"
                                + " base64; a proxy in between must pass the Upgrade header on");
    }

    /** For every listener's HTTP/1.1 selector. */
    public Http1Upgrader upgrader() {
        return new Http1Upgrader() {
            @Override
            public String supportedProtocol() {
                return PROTOCOL;
            }

            @Override
            public @Nullable ServerConnection upgrade(
                    ConnectionContext context, HttpPrologue prologue, WritableHeaders<?> headers) {
                return Ts2021.this.upgrade(context, prologue, headers);
            }
        };
    }

    private @Nullable ServerConnection upgrade(
            ConnectionContext context, HttpPrologue prologue, Headers headers) {
        byte[] initiation = decode(headers.first(HANDSHAKE).orElse(""));
        if (!prologue.uriPath().path().equals(PATH)
                || !prologue.method().text().equals("POST")
                || initiation == null) {
            counters.count(ControlCounter.REFUSED);
            return null;
        }
        String head =
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: "
                        + PROTOCOL
                        + "\r\nConnection: upgrade\r\n\r\n";
        return start(
                context,
                remote(context, headers),
                initiation,
                head.getBytes(StandardCharsets.US_ASCII),
                true);
    }

    /**
     * The WebSocket way, for the listener's upgrader of {@code websocket}.
     *
     * @return null when the request is not for this path or is no proper handshake
     */
    public @Nullable ServerConnection webSocket(
            ConnectionContext context, HttpPrologue prologue, Headers headers) {
        if (!prologue.uriPath().path().equals(PATH)) {
            return null;
        }
        byte[] initiation = decode(prologue.query().first(HANDSHAKE.defaultCase()).orElse(""));
        if (initiation == null) {
            counters.count(ControlCounter.REFUSED);
            return null;
        }
        ConnectionContext carried = WebSocketFrames.accept(context, headers, PROTOCOL);
        if (carried == null) {
            counters.count(ControlCounter.REFUSED);
            return null;
        }
        return start(carried, remote(context, headers), initiation, new byte[0], false);
    }

    private static byte @Nullable [] decode(String base64) {
        try {
            byte[] b = Base64.getDecoder().decode(base64.strip());
            return b.length == NoiseIk.INITIATION_BYTES ? b : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private ServerConnection start(
            ConnectionContext context,
            IpAddress remote,
            byte[] initiation,
            byte[] head,
            boolean early) {
        NoiseIk.Answer answer;
        try {
            answer =
                    NoiseIk.respond(
                            serverKey, SecretKey.generate(random), ByteBuffer.wrap(initiation));
        } catch (WireException e) {
            counters.count(ControlCounter.REFUSED);
            refuse(context.dataWriter(), head, String.valueOf(e.getMessage()));
            throw new CloseConnectionException("ts2021 handshake: " + e.getMessage());
        }
        counters.count(ControlCounter.HANDSHAKES);
        String id = "ts2021-" + ids.incrementAndGet();
        try (NoiseIk.Session session = answer.session()) {
            var connection = new Lazy();
            var guard = new FrameGuard(connection::reset);
            var pipe =
                    new NoisePipe(
                            context.dataReader(),
                            context.dataWriter(),
                            NoiseRecords.opening(session.clientToServer()),
                            NoiseRecords.sealing(session.serverToClient()),
                            guard,
                            counters);
            var machine =
                    new MachineConnection(
                            id, session.peer(), session.version(), remote, pipe, counters);
            connection.target = machine;
            open.put(id, new Open(machine, () -> context.serverSocket().close()));
            ByteBuffer start = ByteBuffer.allocate(head.length + NoiseIk.RESPONSE_BYTES);
            start.put(head).put(answer.response());
            pipe.begin(start.array(), early ? earlyPayload() : new byte[0]);
            var carried =
                    new CarriedContext(context, DataReader.create(pipe::read), pipe, inside, id);
            return new NoiseConnection(
                    http2.connection(carried), () -> ended(id, machine, guard.goingAway()));
        } catch (RuntimeException e) {
            open.remove(id);
            throw e;
        }
    }

    /** The guard is made before the connection that it tells. */
    private static final class Lazy {
        @Nullable MachineConnection target;

        void reset(int stream) {
            if (target != null) {
                target.reset(stream);
            }
        }
    }

    private void ended(String id, MachineConnection machine, boolean goneAway) {
        if (open.remove(id) != null && goneAway && !closed) {
            counters.count(ControlCounter.PROTOCOL_ERRORS);
        }
        machine.close();
    }

    /** An unauthenticated error record: {@code 3 | length u16be | text}. */
    private static void refuse(DataWriter writer, byte[] head, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(utf8.length, MAX_ERROR_BYTES);
        ByteBuffer out = ByteBuffer.allocate(head.length + NoiseRecords.HEAD_BYTES + length);
        out.put(head).put((byte) NoiseRecords.TYPE_ERROR).putShort((short) length);
        out.put(utf8, 0, length);
        writer.writeNow(BufferData.create(out.array()));
    }

    /** {@code FF FF FF T S | length u32be | JSON}, before the first HTTP/2 frame. */
    private byte[] earlyPayload() {
        byte[] challenge = new byte[ChallengeKey.LENGTH];
        random.nextBytes(challenge);
        byte[] json = ControlJson.write(Map.of("nodeKeyChallenge", new ChallengeKey(challenge)));
        ByteBuffer out = ByteBuffer.allocate(EARLY_MAGIC.length + Integer.BYTES + json.length);
        return out.put(EARLY_MAGIC).putInt(json.length).put(json).array();
    }

    private IpAddress remote(ConnectionContext context, Headers headers) {
        if (!(context.remotePeer().address() instanceof InetSocketAddress a)
                || a.getAddress() == null) {
            return IpAddress.V4_MIN;
        }
        return proxies.client(
                IpAddress.of(a.getAddress()),
                headers.contains(FORWARDED_FOR)
                        ? headers.get(FORWARDED_FOR).allValues()
                        : List.of());
    }

    private MachineConnection connectionOf(ServerRequest request) {
        Open o = open.get(request.socketId());
        if (o == null) {
            throw new CloseConnectionException("no Noise connection " + request.socketId());
        }
        return o.machine();
    }

    /** Connections that are open. */
    public int connections() {
        return open.size();
    }

    /** All counters and gauges by metric name. */
    public Map<String, Long> metrics() {
        Map<String, Long> out = counters.all();
        out.put("connections", (long) open.size());
        return out;
    }

    private void watch() {
        try {
            while (true) {
                Thread.sleep(CHECK);
                sweep(System.nanoTime());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    /** Cuts what is dead or stalls at {@code now}, by System.nanoTime. */
    public void sweep(long now) {
        for (Open o : open.values()) {
            String dead = deadBecause(o.machine().pipe(), now);
            String stalls = dead == null ? stallsBecause(o.machine(), now) : null;
            if (stalls != null) {
                counters.count(ControlCounter.STALLED);
            }
            if (dead != null || stalls != null) {
                LOG.log(
                        Level.DEBUG,
                        "ts2021 connection cut machine={0} cause=\"{1}\"",
                        o.machine().machine().shortText(),
                        dead != null ? dead : stalls);
                o.cut().run();
            }
        }
    }

    private static @Nullable String stallsBecause(MachineConnection machine, long now) {
        long waiting = machine.pipe().waitingNanos();
        if (waiting != 0 && now - waiting > STALLED_NANOS) {
            return "a record, frame or head is not complete";
        }
        return machine.waitsForBodySince(now - STALLED_NANOS)
                ? "a request's body is not complete"
                : null;
    }

    private static @Nullable String deadBecause(NoisePipe pipe, long now) {
        long writing = pipe.writeStartedNanos();
        if (writing != 0 && now - writing > HUNG_WRITE_NANOS) {
            return "a write hung for 30 s";
        }
        long probed = pipe.unansweredProbeNanos();
        if (probed != 0 && now - probed > HUNG_WRITE_NANOS) {
            return "no answer to a probe for 30 s";
        }
        return null;
    }

    /** Ends the watchdog; the connections end with their listener. */
    @Override
    public void close() {
        closed = true;
        watchdog.interrupt();
    }
}
