package hearth.app;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A proxy as people put before a server: adds to the first request of a connection whom it comes
 * from and that it came by TLS, and passes everything else on as it is, upgrades too.
 */
final class HeadProxy implements AutoCloseable {
    private final ServerSocket port = new ServerSocket(0, 50, RunningAppliance.LOOPBACK);
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final InetSocketAddress server;

    /** Whom the next connections come from. */
    volatile String client = "203.0.113.9";

    HeadProxy(InetSocketAddress server) throws IOException {
        this.server = server;
        Thread.ofVirtual().start(this::accept);
    }

    InetSocketAddress address() {
        return new InetSocketAddress(RunningAppliance.LOOPBACK, port.getLocalPort());
    }

    private void accept() {
        while (!port.isClosed()) {
            try {
                Socket in = port.accept();
                Socket out = new Socket(server.getAddress(), server.getPort());
                open.add(in);
                open.add(out);
                Thread.ofVirtual().start(() -> forward(in, out));
                Thread.ofVirtual().start(() -> copy(out, in));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void forward(Socket from, Socket to) {
        try {
            var head = new StringBuilder();
            InputStream in = from.getInputStream();
            while (head.indexOf("\r\n\r\n") < 0) {
                int c = in.read();
                if (c < 0) {
                    return;
                }
                head.append((char) c);
            }
            head.setLength(head.length() - 2);
            head.append("X-Forwarded-For: ").append(client);
            head.append("\r\nX-Forwarded-Proto: https\r\n\r\n");
            to.getOutputStream().write(RunningAppliance.ascii(head.toString()));
            copy(from, to);
        } catch (IOException e) {
            close(from, to);
        }
    }

    private void copy(Socket from, Socket to) {
        try (InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            in.transferTo(out);
        } catch (IOException e) {
            close(from, to);
        }
    }

    private static void close(Socket a, Socket b) {
        try (a;
                b) {
            // both end together
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        port.close();
        for (Socket s : open) {
            s.close();
        }
    }
}
