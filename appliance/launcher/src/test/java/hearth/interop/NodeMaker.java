package hearth.interop;

import hearth.base.WireException;
import hearth.crypto.MachineKey;
import hearth.crypto.SecretKey;
import hearth.ts2021.ControlCaller;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import tools.jackson.databind.json.JsonMapper;

/**
 * Registers node after node, each from a machine of its own, until it is ended. A program for a
 * namespace: prints the key of every node whose registration was answered with yes.
 */
final class NodeMaker {
    private static final int PAUSE_MILLIS = 20;
    private static final int AWAY_MILLIS = 250;

    private NodeMaker() {}

    /** Arguments: the server's address, its Noise key and a reusable auth key. */
    public static void main(String[] args) throws Exception {
        MachineKey server = MachineKey.parse(args[1]);
        var random = new SecureRandom();
        var port = new InetSocketAddress(args[0], 80);
        PrintStream out = System.out;
        while (true) {
            try (SecretKey machine = SecretKey.generate(random);
                    SecretKey node = SecretKey.generate(random);
                    var caller = ControlCaller.connect(port, server, machine, random)) {
                String request =
                        "{\"Version\":113,\"NodeKey\":\""
                                + node.nodeKey()
                                + "\",\"Auth\":{\"AuthKey\":\""
                                + args[2]
                                + "\"},\"Hostinfo\":{\"Hostname\":\"made\",\"OS\":\"linux\"}}";
                var answer =
                        caller.post("/machine/register", request.getBytes(StandardCharsets.UTF_8));
                var json = JsonMapper.shared().readTree(answer.body());
                if (answer.status() == 200 && json.path("MachineAuthorized").asBoolean()) {
                    out.println(node.nodeKey());
                    out.flush();
                }
            } catch (IOException | WireException e) {
                Thread.sleep(AWAY_MILLIS); // killed in between: nothing was acknowledged
            }
            Thread.sleep(PAUSE_MILLIS);
        }
    }
}
