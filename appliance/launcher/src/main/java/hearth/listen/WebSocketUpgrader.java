package hearth.listen;

import hearth.ts2021.WebSocketFrames;
import io.helidon.http.HttpPrologue;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.spi.Http1Upgrader;
import io.helidon.webserver.spi.ServerConnection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code Upgrade: websocket}, which several protocols share: the first that knows the path. */
final class WebSocketUpgrader implements Http1Upgrader {
    private final List<WebSocketEndpoint> endpoints;

    WebSocketUpgrader(List<WebSocketEndpoint> endpoints) {
        this.endpoints = List.copyOf(endpoints);
    }

    /** DERP as a byte stream in binary messages, for clients in a browser. */
    static WebSocketEndpoint derp(DerpUpgrader derp) {
        return (context, prologue, headers) -> {
            if (!prologue.uriPath().path().equals(DerpUpgrader.PATH)) {
                return null;
            }
            ConnectionContext carried = WebSocketFrames.accept(context, headers, "derp");
            return carried == null ? null : derp.serve(carried, true);
        };
    }

    @Override
    public String supportedProtocol() {
        return "websocket";
    }

    @Override
    public @Nullable ServerConnection upgrade(
            ConnectionContext context, HttpPrologue prologue, WritableHeaders<?> headers) {
        for (WebSocketEndpoint e : endpoints) {
            ServerConnection connection = e.open(context, prologue, headers);
            if (connection != null) {
                return connection;
            }
        }
        return null;
    }
}
