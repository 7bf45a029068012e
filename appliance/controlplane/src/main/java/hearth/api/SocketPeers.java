package hearth.api;

import hearth.tailnet.Actor;
import hearth.tailnet.Tailnet;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import jdk.net.ExtendedSocketOptions;

/**
 * Names the local account behind each connection of the unix socket. Helidon shows neither the
 * channel nor the connection to a handler, so a wrapped selector reads the credentials when a
 * connection opens (the channel sits in a private field: java.base must be opened to us, otherwise
 * the account is unknown) and handlers find them by the connection's id.
 */
public final class SocketPeers {
    private static final System.Logger LOG = System.getLogger(SocketPeers.class.getName());
    private static final String UNKNOWN = "unknown account";

    private final Map<String, String> accounts = new ConcurrentHashMap<>();

    /** {@code selector}, with each of its connections' account noted while it lives. */
    public ServerConnectionSelector wrap(ServerConnectionSelector selector) {
        return new ServerConnectionSelector() {
            @Override
            public int bytesToIdentifyConnection() {
                return selector.bytesToIdentifyConnection();
            }

            @Override
            public Support supports(BufferData data) {
                return selector.supports(data);
            }

            @Override
            public Set<String> supportedApplicationProtocols() {
                return selector.supportedApplicationProtocols();
            }

            @Override
            public ServerConnection connection(ConnectionContext context) {
                return new Noted(selector.connection(context), context);
            }
        };
    }

    /** Whoever opens the socket acts as the owner, under the name of the local account. */
    public Caller caller(Tailnet tailnet) {
        return request -> Actor.socket(tailnet.snapshot().owner().login(), account(request));
    }

    private String account(ServerRequest request) {
        return accounts.getOrDefault(request.socketId(), UNKNOWN);
    }

    private final class Noted implements ServerConnection {
        private final ServerConnection inner;
        private final ConnectionContext context;

        Noted(ServerConnection inner, ConnectionContext context) {
            this.inner = inner;
            this.context = context;
        }

        @Override
        public void handle(Limit limit) throws InterruptedException {
            String id = context.childSocketId();
            String account = credentials(context);
            accounts.put(id, account);
            accounts.put(context.socketId(), account);
            try {
                inner.handle(limit);
            } finally {
                accounts.remove(id);
                accounts.remove(context.socketId());
            }
        }

        @Override
        public Duration idleTime() {
            return inner.idleTime();
        }

        @Override
        public void close(boolean interrupt) {
            inner.close(interrupt);
        }
    }

    private static String credentials(ConnectionContext context) {
        try {
            Object socket = context.serverSocket();
            for (Class<?> c = socket.getClass(); c != null; c = c.getSuperclass()) {
                for (Field f : c.getDeclaredFields()) {
                    if (SocketChannel.class.isAssignableFrom(f.getType())) {
                        f.setAccessible(true);
                        var channel = (SocketChannel) f.get(socket);
                        return channel.getOption(ExtendedSocketOptions.SO_PEERCRED)
                                .user()
                                .getName();
                    }
                }
            }
        } catch (ReflectiveOperationException
                | IOException
                | InaccessibleObjectException
                | UnsupportedOperationException e) {
            LOG.log(System.Logger.Level.DEBUG, "peer credentials unreadable", e);
        }
        return UNKNOWN;
    }
}
