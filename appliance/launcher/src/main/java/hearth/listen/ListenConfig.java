package hearth.listen;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Where the appliance listens for TCP.
 *
 * @param only the one address to listen on, null for every address of both families
 * @param httpsPort absent: 443, or 8443 where 443 cannot be had; 0: any free port
 * @param httpPort absent: 80, or 8080
 * @param socket the unix socket's path, null for none
 * @param maxConnections for each of the two ports
 */
public record ListenConfig(
        @Nullable InetAddress only,
        OptionalInt httpsPort,
        OptionalInt httpPort,
        @Nullable Path socket,
        int maxConnections) {
    static final int HTTPS = 443;
    static final int HTTPS_OTHERWISE = 8443;
    static final int HTTP = 80;
    static final int HTTP_OTHERWISE = 8080;
    private static final int LEAST_CONNECTIONS = 1024;
    private static final long BYTES_PER_CONNECTION = 128 << 10;

    /** As many connections as this Java's memory can hold at 128 KiB each, at least 1024. */
    public static int connectionsForMemory() {
        long byMemory = Runtime.getRuntime().maxMemory() / BYTES_PER_CONNECTION;
        return (int) Math.max(LEAST_CONNECTIONS, Math.min(byMemory, 16_384));
    }
}
