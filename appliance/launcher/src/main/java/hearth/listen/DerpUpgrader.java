package hearth.listen;

import hearth.relay.RelayService;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HttpPrologue;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.spi.Http1Upgrader;
import io.helidon.webserver.spi.ServerConnection;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /derp} with {@code Upgrade: DERP}: out of HTTP, into the relay. A client that knows
 * the relay's key from the meta certificate asks for a fast start and gets no answer, only frames.
 */
final class DerpUpgrader implements Http1Upgrader {
    static final String PATH = "/derp";
    static final String PROTOCOL = "DERP";

    private static final HeaderName FAST_START = HeaderNames.create("Derp-Fast-Start");

    private final String spelling;
    private final RelayService relay;
    private final ConnectionWatch watch;
    private final byte[] answer;

    /**
     * An upgrader for one spelling: Helidon compares the header's value with case.
     *
     * @param spelling of {@link #PROTOCOL} in the request
     */
    DerpUpgrader(String spelling, RelayService relay, ConnectionWatch watch) {
        this.spelling = spelling;
        this.relay = relay;
        this.watch = watch;
        String head =
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: DERP\r\nConnection: Upgrade\r\n"
                        + "Derp-Version: 2\r\nDerp-Public-Key: "
                        + HexFormat.of().formatHex(relay.publicKey().bytes())
                        + "\r\n\r\n";
        this.answer = head.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public String supportedProtocol() {
        return spelling;
    }

    @Override
    public @Nullable ServerConnection upgrade(
            ConnectionContext context, HttpPrologue prologue, WritableHeaders<?> headers) {
        if (!prologue.uriPath().path().equals(PATH) || !prologue.method().text().equals("GET")) {
            return null;
        }
        if (headers.first(FAST_START).orElse("").equals("1")) {
            watch.countFastStart();
        } else {
            context.dataWriter().writeNow(BufferData.create(answer));
        }
        return serve(context, false);
    }

    /** The relay on a connection that has left HTTP already. */
    ServerConnection serve(ConnectionContext context, boolean carried) {
        var stream =
                new HelidonStream(context, watch.channel(context), watch.ahead(context), carried);
        return new ServerConnection() {
            @Override
            public void handle(Limit limit) {
                relay.serve(stream);
            }

            // never idle to Helidon: the relay pings
            @Override
            public Duration idleTime() {
                return Duration.ZERO;
            }

            @Override
            public void close(boolean interrupt) {
                stream.close();
            }
        };
    }
}
