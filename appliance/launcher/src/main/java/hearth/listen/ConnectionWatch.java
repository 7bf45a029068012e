package hearth.listen;

import io.helidon.common.socket.SocketOptions;
import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1ConnectionListener;
import io.helidon.webserver.http1.spi.Http1Upgrader;
import io.helidon.webserver.spi.ServerConnection;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Every TCP connection of one listener from its accept on, so that one that stalls is cut: before
 * its first request head is complete (also within the TLS handshake), within a later head, or
 * within the body of a request that carries one. Helidon's own idle time knows none of these.
 * Thread-safe; learns of connections as the listener's socket options and HTTP/1.1 listener.
 */
final class ConnectionWatch implements Http1ConnectionListener {
    /** From accept, or from a request's first line, to the end of its head. */
    static final Duration HEAD = Duration.ofSeconds(10);

    /** From the head of a request with a body to the next request. */
    static final Duration BODY = Duration.ofMinutes(2);

    /** Instead of {@link #HEAD} when most of the listener's places are taken. */
    static final Duration HEAD_WHEN_CROWDED = Duration.ofSeconds(2);

    private enum Stage {
        HEAD,
        BODY,
        FREE
    }

    /** One connection. */
    private static final class Entry {
        final SocketChannel channel;
        volatile BufferedTls.@Nullable Ahead ahead;
        volatile Stage stage = Stage.HEAD;
        volatile long sinceNanos;
        volatile boolean bodyExpected;
        volatile boolean asked; // a request line has come

        Entry(SocketChannel channel, long nowNanos) {
            this.channel = channel;
            this.sinceNanos = nowNanos;
        }

        void enter(Stage next, long nowNanos) {
            sinceNanos = nowNanos;
            stage = next;
        }
    }

    private final int places;
    private final Map<SocketAddress, Entry> open = new ConcurrentHashMap<>();
    private final LongAdder accepted = new LongAdder();
    private final LongAdder stalled = new LongAdder();
    private final LongAdder silent = new LongAdder();
    private final LongAdder fastStarts = new LongAdder();

    ConnectionWatch(int places) {
        this.places = places;
    }

    /** Socket options that tell this watch of each accepted connection. */
    SocketOptions options() {
        return new Options(SocketOptions.builder().tcpNoDelay(true).build());
    }

    private void accepted(SocketChannel channel) {
        accepted.increment();
        try {
            SocketAddress remote = channel.getRemoteAddress();
            if (remote != null) {
                Entry before = open.put(remote, new Entry(channel, System.nanoTime()));
                if (before != null) {
                    close(before); // the same remote port again: the old one is long dead
                }
            }
        } catch (IOException e) {
            // closed already: nothing to watch
        }
    }

    @Override
    public void prologue(ConnectionContext context, HttpPrologue prologue) {
        Entry e = find(context);
        if (e != null) {
            String method = prologue.method().text();
            e.bodyExpected = !method.equals("GET") && !method.equals("HEAD");
            e.asked = true;
            e.enter(Stage.HEAD, System.nanoTime());
        }
    }

    @Override
    public void headers(ConnectionContext context, Headers headers) {
        Entry e = find(context);
        if (e != null) {
            e.enter(e.bodyExpected ? Stage.BODY : Stage.FREE, System.nanoTime());
        }
    }

    /** The same upgrader; what becomes another protocol by it watches itself from then on. */
    Http1Upgrader freeing(Http1Upgrader upgrader) {
        return new Http1Upgrader() {
            @Override
            public String supportedProtocol() {
                return upgrader.supportedProtocol();
            }

            @Override
            public @Nullable ServerConnection upgrade(
                    ConnectionContext context, HttpPrologue prologue, WritableHeaders<?> headers) {
                ServerConnection other = upgrader.upgrade(context, prologue, headers);
                if (other != null) {
                    upgraded(context);
                }
                return other;
            }
        };
    }

    private void upgraded(ConnectionContext context) {
        Entry e = find(context);
        if (e != null) {
            e.enter(Stage.FREE, System.nanoTime());
        }
    }

    void countFastStart() {
        fastStarts.increment();
    }

    /** Relay connections that began without an HTTP answer. */
    long fastStartsTotal() {
        return fastStarts.sum();
    }

    /** The connection's own channel, for a close that no lock of TLS can hold up. */
    @Nullable SocketChannel channel(ConnectionContext context) {
        Entry e = find(context);
        return e == null ? null : e.channel;
    }

    /** TLS begins on the connection from {@code remote}. */
    void reads(SocketAddress remote, BufferedTls.Ahead ahead) {
        Entry e = open.get(remote);
        if (e != null) {
            e.ahead = ahead;
        }
    }

    /** What TLS has not read yet of the connection, null without TLS. */
    BufferedTls.@Nullable Ahead ahead(ConnectionContext context) {
        Entry e = find(context);
        return e == null ? null : e.ahead;
    }

    private @Nullable Entry find(ConnectionContext context) {
        return open.get(context.remotePeer().address());
    }

    /** Cuts what stalls and forgets what is closed; to be called about once a second. */
    void sweep(long nowNanos) {
        long head = (open.size() > places / 4 * 3 ? HEAD_WHEN_CROWDED : HEAD).toNanos();
        open.values().removeIf(e -> isOver(e, head, nowNanos));
    }

    private boolean isOver(Entry e, long headNanos, long nowNanos) {
        if (!e.channel.isOpen()) {
            if (!e.asked) {
                silent.increment();
            }
            return true;
        }
        long limit =
                switch (e.stage) {
                    case HEAD -> headNanos;
                    case BODY -> BODY.toNanos();
                    case FREE -> Long.MAX_VALUE;
                };
        if (nowNanos - e.sinceNanos <= limit) {
            return false;
        }
        stalled.increment();
        close(e);
        return true;
    }

    private static void close(Entry e) {
        try {
            e.channel.close();
        } catch (IOException closing) {
            // nothing is left to do for it
        }
    }

    int openNow() {
        return open.size();
    }

    long acceptedTotal() {
        return accepted.sum();
    }

    /** Cut because they stalled. */
    long stalledTotal() {
        return stalled.sum();
    }

    /** Closed without ever sending a request line: failed TLS handshakes, port scans, garbage. */
    long silentTotal() {
        return silent.sum();
    }

    /** Delegates all but the hook that Helidon calls for each accepted channel. */
    private final class Options implements SocketOptions {
        private final SocketOptions plain;

        Options(SocketOptions plain) {
            this.plain = plain;
        }

        @Override
        public void configureSocket(SocketChannel channel) {
            plain.configureSocket(channel);
            try {
                channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            } catch (IOException e) {
                // a unix socket, or closed already
            }
            accepted(channel);
        }

        @Override
        public Map<SocketOption<?>, Object> socketOptions() {
            return plain.socketOptions();
        }

        @Override
        public Duration connectTimeout() {
            return plain.connectTimeout();
        }

        @Override
        public Duration readTimeout() {
            return plain.readTimeout();
        }

        @Override
        public Optional<Integer> socketReceiveBufferSize() {
            return plain.socketReceiveBufferSize();
        }

        @Override
        public Optional<Integer> socketSendBufferSize() {
            return plain.socketSendBufferSize();
        }

        @Override
        public boolean socketReuseAddress() {
            return plain.socketReuseAddress();
        }

        @Override
        public boolean socketKeepAlive() {
            return plain.socketKeepAlive();
        }

        @Override
        public boolean tcpNoDelay() {
            return plain.tcpNoDelay();
        }
    }
}
