package hearth.app;

import hearth.base.IpPrefix;
import hearth.crypto.MachineKey;
import hearth.crypto.SecretKey;
import hearth.ts2021.ControlCaller;
import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The whole appliance in this process, on loopback, without TUN. */
final class RunningAppliance implements AutoCloseable {
    static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int TIMEOUT_MILLIS = 20_000;

    final SecureRandom random = new SecureRandom();
    final InetSocketAddress http;
    final InetSocketAddress https;
    final InetSocketAddress wireguard;
    final MachineKey serverKey;
    private final Path socket;
    private final Appliance appliance;

    RunningAppliance(Path dir) throws IOException {
        this(dir, List.of());
    }

    RunningAppliance(Path dir, List<IpPrefix> trustedProxies) throws IOException {
        socket = dir.resolve("h.sock");
        int httpPort = freeTcp();
        int httpsPort = freeTcp();
        int udpPort = freeUdp();
        appliance =
                Appliance.start(
                        new Settings(
                                dir.resolve("state"),
                                null,
                                LOOPBACK.getHostAddress(),
                                OptionalInt.of(httpsPort),
                                OptionalInt.of(httpPort),
                                freeUdp(),
                                udpPort,
                                null,
                                null,
                                socket,
                                Settings.TUN_OFF,
                                null,
                                true,
                                Settings.DEFAULT_BASE_DOMAIN,
                                trustedProxies));
        http = new InetSocketAddress(LOOPBACK, httpPort);
        https = new InetSocketAddress(LOOPBACK, httpsPort);
        wireguard = new InetSocketAddress(LOOPBACK, udpPort);
        try (Socket s = connect()) {
            s.getOutputStream()
                    .write(
                            ascii(
                                    "GET /key?v=113 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
            serverKey = MachineKey.parse(json(s.getInputStream()).path("publicKey").asString());
        }
    }

    private static int freeTcp() throws IOException {
        try (var s = new ServerSocket(0, 1, LOOPBACK)) {
            return s.getLocalPort();
        }
    }

    private static int freeUdp() throws IOException {
        try (var s = new DatagramSocket(0, LOOPBACK)) {
            return s.getLocalPort();
        }
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static JsonNode json(InputStream in) throws IOException {
        String all = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        return JSON.readTree(all.substring(all.indexOf("\r\n\r\n")));
    }

    Socket connect() throws IOException {
        var s = new Socket();
        s.setSoTimeout(TIMEOUT_MILLIS);
        s.connect(http);
        return s;
    }

    /** A Tailscale client's connection, up to HTTP/2. */
    ControlCaller caller(SecretKey machine) throws Exception {
        return ControlCaller.connect(http, serverKey, machine, random);
    }

    /** Answer of the unix socket, without its head. */
    private String api(String request, String body) throws IOException {
        try (SocketChannel s = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            s.connect(UnixDomainSocketAddress.of(socket));
            String head =
                    request
                            + " HTTP/1.1\r\nHost: hearth\r\nConnection: close\r\nContent-Length: "
                            + body.length()
                            + "\r\nContent-Type: application/json\r\n\r\n";
            Channels.newOutputStream(s).write(ascii(head + body));
            String all =
                    new String(Channels.newInputStream(s).readAllBytes(), StandardCharsets.UTF_8);
            return all.substring(all.indexOf("\r\n\r\n") + 4);
        }
    }

    Map<String, Long> metrics() throws IOException {
        Map<String, Long> out = new HashMap<>();
        api("GET /metrics", "")
                .lines()
                .map(l -> l.split(" "))
                .filter(w -> w.length == 2)
                .forEach(w -> out.put(w[0], Long.parseLong(w[1])));
        return out;
    }

    /** A fresh auth key: id and key. */
    JsonNode authKey(boolean reusable, int expirySeconds) throws IOException {
        return JSON.readTree(
                api(
                        "POST /api/v2/tailnet/-/keys",
                        "{\"capabilities\":{\"devices\":{\"create\":{\"reusable\":"
                                + reusable
                                + "}}},\"expirySeconds\":"
                                + expirySeconds
                                + "}"));
    }

    void revoke(String keyId) throws IOException {
        api("DELETE /api/v2/tailnet/-/keys/" + keyId, "");
    }

    /** Devices that wait to be let in, as text. */
    String logins() throws IOException {
        return api("GET /api/hearth/logins", "");
    }

    String audit() throws IOException {
        return api("GET /api/v2/tailnet/-/logging/configuration", "");
    }

    String setupToken() throws IOException {
        return JSON.readTree(api("GET /localapi/v0/status", "")).path("SetupToken").asString();
    }

    JsonNode devices() throws IOException {
        return JSON.readTree(api("GET /api/v2/tailnet/-/devices", "")).path("devices");
    }

    /** The answer to a registration of {@code node} with {@code authKey}. */
    static ControlCaller.Answer register(ControlCaller caller, SecretKey node, String authKey)
            throws Exception {
        return caller.post(
                "/machine/register",
                ascii(
                        "{\"Version\":113,\"NodeKey\":\""
                                + node.nodeKey()
                                + "\",\"Auth\":{\"AuthKey\":\""
                                + authKey
                                + "\"},\"Hostinfo\":{\"Hostname\":\"caller\",\"OS\":\"linux\"}}"));
    }

    static byte[] mapRequest(SecretKey node, boolean stream) {
        return ascii(
                "{\"Version\":113,\"NodeKey\":\""
                        + node.nodeKey()
                        + "\",\"OmitPeers\":true,\"ReadOnly\":true,\"Stream\":"
                        + stream
                        + "}");
    }

    @Override
    public void close() {
        appliance.close();
    }
}
