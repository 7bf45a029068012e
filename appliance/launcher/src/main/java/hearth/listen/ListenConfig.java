package hearth.listen;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.System.Logger.Level;
import java.lang.management.ManagementFactory;
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
    private static final System.Logger LOG = System.getLogger(ListenConfig.class.getName());
    static final int HTTPS = 443;
    static final int HTTPS_OTHERWISE = 8443;
    static final int HTTP = 80;
    static final int HTTP_OTHERWISE = 8080;
    private static final int LEAST_CONNECTIONS = 1024;
    private static final int OTHER_FILES = 160; // about 90 at rest
    private static final long BYTES_PER_CONNECTION = 128 << 10;

    /** As many connections a port as this process has room for. */
    public static int connectionsForProcess() {
        long memory = Runtime.getRuntime().maxMemory();
        long files =
                ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean os
                        ? os.getMaxFileDescriptorCount()
                        : Long.MAX_VALUE;
        int room = connections(memory, files);
        if (room < connections(memory, Long.MAX_VALUE)) {
            LOG.log(
                    Level.WARNING,
                    "no more than {0} connections a port: the process may open {1} files"
                            + " (LimitNOFILE=, ulimit -Hn)",
                    String.valueOf(room),
                    String.valueOf(files));
        }
        return room;
    }

    /**
     * At 128 KiB each in {@code memory} bytes, at least 1024; but never so many that both ports
     * together take the last of {@code files}: Helidon closes a port that cannot accept.
     */
    static int connections(long memory, long files) {
        long byMemory = Math.clamp(memory / BYTES_PER_CONNECTION, LEAST_CONNECTIONS, 16_384);
        return (int) Math.clamp((files - OTHER_FILES) / 2, 8, byMemory);
    }
}
