package hearth.listen;

import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.spi.ServerConnection;
import org.jspecify.annotations.Nullable;

/** Opens one protocol over WebSocket. */
@FunctionalInterface
public interface WebSocketEndpoint {
    /** The connection inside, null when the request is not for this endpoint. */
    @Nullable ServerConnection open(
            ConnectionContext context, HttpPrologue prologue, Headers headers);
}
