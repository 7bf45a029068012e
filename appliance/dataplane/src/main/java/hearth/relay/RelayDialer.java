package hearth.relay;

import hearth.base.IpAddress;
import hearth.control.DERPNode;
import hearth.control.DERPRegion;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * The way to a region of the relay map: TCP, TLS, and out of HTTP by {@code Upgrade: DERP}. Nodes
 * are tried in the map's order, each at its addresses or, where it gives none, at those of its
 * name. Source: tailscale/tailscale derp/derphttp.
 */
public final class RelayDialer implements RelayClient.Dialer {
    private static final int HTTPS = 443;
    private static final int CONNECT_MILLIS = (int) Duration.ofSeconds(3).toMillis();
    private static final int TALK_MILLIS = (int) Duration.ofSeconds(10).toMillis();
    private static final int MAX_HEAD = 8 << 10;
    private static final String NONE = "none";

    private final DERPRegion region;

    public RelayDialer(DERPRegion region) {
        this.region = region;
    }

    @Override
    public ByteStream dial() throws IOException {
        IOException last = new IOException("region " + region.regionId() + " has no relay");
        for (DERPNode node : region.nodes()) {
            if (node.stunOnly()) {
                continue;
            }
            try {
                for (InetAddress address : addresses(node)) {
                    try {
                        return dial(node, address);
                    } catch (IOException e) {
                        last = new IOException(node.hostName() + ": " + e.getMessage(), e);
                    }
                }
            } catch (IOException e) {
                last = new IOException(node.hostName() + ": cannot be looked up", e);
            }
        }
        throw last;
    }

    private static List<InetAddress> addresses(DERPNode node) throws IOException {
        List<InetAddress> out = new ArrayList<>();
        boolean v4 = !NONE.equals(node.ipv4());
        boolean v6 = !NONE.equals(node.ipv6());
        for (String literal : new @Nullable String[] {node.ipv4(), node.ipv6(), host(node)}) {
            IpAddress a = literal == null ? null : IpAddress.tryParse(literal);
            if (a != null && (a.v4() ? v4 : v6) && !out.contains(a.toInetAddress())) {
                out.add(a.toInetAddress());
            }
        }
        if (out.isEmpty()) {
            for (InetAddress a : InetAddress.getAllByName(host(node))) {
                if (IpAddress.of(a).v4() ? v4 : v6) {
                    out.add(a);
                }
            }
        }
        return out;
    }

    /** An IPv6 address stands in brackets in some maps, for the clients' sake. */
    private static String host(DERPNode node) {
        String h = node.hostName();
        return h.startsWith("[") && h.endsWith("]") ? h.substring(1, h.length() - 1) : h;
    }

    private static ByteStream dial(DERPNode node, InetAddress address) throws IOException {
        int port = node.derpPort() == 0 ? HTTPS : node.derpPort();
        var to = new InetSocketAddress(address, port);
        Socket raw = new Socket();
        try {
            raw.setTcpNoDelay(true);
            raw.connect(to, CONNECT_MILLIS);
            raw.setSoTimeout(TALK_MILLIS);
            SSLSocket tls = tls(node, raw, port);
            tls.startHandshake();
            var in = new BufferedInputStream(tls.getInputStream(), 16 << 10);
            upgrade(in, tls.getOutputStream(), host(node));
            raw.setSoTimeout(0); // from here on ClientLine knows what is too long
            return new Wire(raw, in, tls.getOutputStream(), to.toString());
        } catch (IOException e) {
            raw.close();
            throw e;
        }
    }

    private static SSLSocket tls(DERPNode node, Socket raw, int port) throws IOException {
        String host = host(node);
        String cert = node.certName();
        boolean pinned = cert != null && cert.startsWith(DERPNode.PIN);
        String vouchedFor = cert == null || cert.isEmpty() || pinned ? host : cert;
        var trust =
                cert != null && pinned
                        ? RelayTrust.pinned(cert.substring(DERPNode.PIN.length()))
                        : node.insecureForTests() && vouchedFor.equals(host)
                                ? RelayTrust.none()
                                : RelayTrust.authorities();
        // the name that the certificate is held against is the one given here
        var tls = (SSLSocket) trust.getSocketFactory().createSocket(raw, vouchedFor, port, true);
        SSLParameters p = tls.getSSLParameters();
        p.setEndpointIdentificationAlgorithm("HTTPS");
        if (!vouchedFor.equals(host) && IpAddress.tryParse(host) == null) {
            p.setServerNames(List.of(new SNIHostName(host)));
        }
        tls.setSSLParameters(p);
        return tls;
    }

    private static void upgrade(InputStream in, OutputStream out, String host) throws IOException {
        String name = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
        out.write(
                ("GET /derp HTTP/1.1\r\nHost: "
                                + name
                                + "\r\nUpgrade: DERP\r\nConnection: Upgrade\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        out.flush();
        var head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int b = in.read();
            if (b < 0 || head.length() > MAX_HEAD) {
                throw new IOException("it does not answer the upgrade");
            }
            head.append((char) b);
        }
        String status = head.substring(0, head.indexOf("\r\n"));
        if (!status.toLowerCase(Locale.ROOT).matches("http/1\\.1 101( .*)?")) {
            throw new IOException("it answers the upgrade with " + status);
        }
    }

    private record Wire(Socket raw, InputStream in, OutputStream out, String remote)
            implements ByteStream {
        @Override
        public int read(byte[] into) throws IOException {
            return in.read(into);
        }

        @Override
        public void write(byte[] from, int length) throws IOException {
            out.write(from, 0, length);
            out.flush();
        }

        @Override
        public void close() {
            try {
                raw.close(); // below TLS, whose farewell may block
            } catch (IOException e) {
                System.getLogger(RelayDialer.class.getName())
                        .log(System.Logger.Level.DEBUG, "close failed", e);
            }
        }
    }
}
