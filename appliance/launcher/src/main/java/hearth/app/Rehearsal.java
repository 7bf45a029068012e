package hearth.app;

import hearth.base.WireException;
import hearth.crypto.MachineKey;
import hearth.crypto.NodeKey;
import hearth.crypto.SecretKey;
import hearth.derp.DerpClient;
import hearth.derp.DerpFrame;
import hearth.derp.Login;
import hearth.tailnet.MapSessions;
import hearth.tailnet.Node;
import hearth.tailnet.Tailnet;
import hearth.ts2021.ControlCaller;
import java.io.DataInputStream;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * The way of a first client, walked once by the appliance itself before its ports open. A virtual
 * thread that loads a class, or waits for another to initialise one, keeps its carrier; when all
 * clients of a restarted appliance come at once, that would be all carriers (docs/adr/0031).
 * Nothing of it is stored: the key is unknown, so registration, map and relay refuse it.
 */
final class Rehearsal {
    private static final System.Logger LOG = System.getLogger(Rehearsal.class.getName());
    private static final int TIMEOUT_MILLIS = (int) Duration.ofSeconds(5).toMillis();

    private final Tailnet tailnet;
    private final MapSessions maps;
    private final MachineKey server;
    private final NodeKey relay;
    private final RandomGenerator random;

    Rehearsal(
            Tailnet tailnet,
            MapSessions maps,
            MachineKey server,
            NodeKey relay,
            RandomGenerator random) {
        this.tailnet = tailnet;
        this.maps = maps;
        this.server = server;
        this.relay = relay;
        this.random = random;
    }

    /** Walks the way through {@code port}, where HTTP is spoken without TLS. */
    void run(InetSocketAddress port) {
        try (SecretKey key = SecretKey.generate(random)) {
            control(port, key);
            relay(port, key);
            for (Node n : tailnet.snapshot().nodes()) {
                maps.once(n.id());
                break;
            }
        } catch (IOException | WireException | RuntimeException e) { // never worth a failed start
            LOG.log(Level.WARNING, "the rehearsal ended early", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void control(InetSocketAddress port, SecretKey key) throws IOException, WireException {
        String node = key.nodeKey().toString();
        try (var caller = ControlCaller.connect(port, server, key, random)) {
            caller.post(
                    "/machine/register",
                    utf8(
                            "{\"Version\":113,\"NodeKey\":\""
                                    + node
                                    + "\",\"Auth\":{\"AuthKey\":\"none\"},"
                                    + "\"Expiry\":\"0001-01-01T00:00:00Z\","
                                    + "\"Hostinfo\":{\"Hostname\":\"rehearsal\",\"OS\":\"linux\"}}"));
            caller.post(
                    "/machine/map",
                    utf8(
                            "{\"Version\":113,\"NodeKey\":\""
                                    + node
                                    + "\",\"Stream\":true,\"Compress\":\"zstd\","
                                    + "\"Endpoints\":[\"192.0.2.1:41641\"]}"));
        }
    }

    private void relay(InetSocketAddress port, SecretKey key) throws IOException, WireException {
        try (var socket = new Socket()) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.connect(port, TIMEOUT_MILLIS);
            socket.getOutputStream()
                    .write(
                            utf8(
                                    "GET /derp HTTP/1.1\r\nHost: "
                                            + port.getHostString()
                                            + "\r\nConnection: Upgrade\r\nUpgrade: DERP\r\n"
                                            + "Derp-Fast-Start: 1\r\n\r\n"));
            var in = new DataInputStream(socket.getInputStream());
            byte[] hello = new byte[DerpFrame.HEADER_LENGTH];
            in.readFully(hello);
            in.readFully(new byte[ByteBuffer.wrap(hello).getInt(1)]);
            DerpFrame login = new DerpClient(key, Login.Client.ORDINARY, random).login(relay);
            ByteBuffer out = ByteBuffer.allocate(DerpFrame.HEADER_LENGTH + login.bodyLength());
            login.encode(out);
            socket.getOutputStream().write(out.array());
            in.readAllBytes(); // it refuses a stranger
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
