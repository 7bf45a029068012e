package hearth.listen;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.BindException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** The unix socket: folder 0750, socket 0660, group hearth where there is one. */
final class UnixPort {
    private static final System.Logger LOG = System.getLogger(UnixPort.class.getName());
    private static final String GROUP = "hearth";
    private static final Duration GRACE = Duration.ofSeconds(1);

    private static final int MAX_CONNECTIONS = 32; // scripts; leaves files for the ports
    private final Path path;
    private final WebServer server;

    private UnixPort(Path path, WebServer server) {
        this.path = path;
        this.server = server;
    }

    static UnixPort open(
            Path path,
            Consumer<HttpRouting.Builder> routes,
            UnaryOperator<ServerConnectionSelector> watched)
            throws IOException {
        Path dir = path.toAbsolutePath().getParent();
        if (dir != null && !Files.isDirectory(dir)) {
            Files.createDirectories(dir);
            secure(dir, "rwxr-x---");
        }
        removeStale(path);
        WebServer server =
                WebServer.builder()
                        .protocolsDiscoverServices(false)
                        .shutdownHook(false)
                        .bindAddress(UnixDomainSocketAddress.of(path))
                        .addConnectionSelector(
                                watched.apply(
                                        Http1ConnectionSelector.builder()
                                                .config(Http1Config.create())
                                                .build()))
                        .maxTcpConnections(MAX_CONNECTIONS)
                        .shutdownGracePeriod(GRACE)
                        .routing(
                                r -> {
                                    r.addFilter(Filters::closeWhenAsked);
                                    routes.accept(r);
                                })
                        .build()
                        .start();
        secure(path, "rw-rw----");
        return new UnixPort(path, server);
    }

    /** A socket file that nobody answers is left from a crash. */
    private static void removeStale(Path path) throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        try (SocketChannel _ = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            throw new BindException(path + " is served by another hearth");
        } catch (BindException e) {
            throw e;
        } catch (IOException e) {
            Files.delete(path);
        }
    }

    private static void secure(Path path, String mode) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
        try {
            var group =
                    path.getFileSystem()
                            .getUserPrincipalLookupService()
                            .lookupPrincipalByGroupName(GROUP);
            Files.getFileAttributeView(path, PosixFileAttributeView.class).setGroup(group);
        } catch (UserPrincipalNotFoundException e) {
            LOG.log(Level.DEBUG, "no group {0}: the socket is its owner''s", GROUP);
        } catch (FileSystemException e) {
            LOG.log(Level.DEBUG, "group of {0} cause=\"{1}\"", path, e.getMessage());
        }
    }

    void close() {
        server.stop();
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "socket {0} cause=\"{1}\"", path, e.getMessage());
        }
    }
}
