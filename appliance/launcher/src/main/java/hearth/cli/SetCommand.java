package hearth.cli;

import hearth.base.Refused;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** {@code hearth set}. */
@Command(name = "set", description = "Switches of the tailnet or of one device.")
final class SetCommand extends SocketCommand {
    @Option(
            names = "--key-expiry",
            required = true,
            paramLabel = "on|off",
            arity = "1",
            converter = OnOff.class,
            description = "Whether keys expire.")
    boolean keyExpiry;

    @Option(names = "--node", paramLabel = "NODE", description = "Only for this device.")
    @Nullable String node;

    @Override
    void run(SocketClient client, PrintWriter out) throws Refused {
        ObjectNode body = SocketClient.JSON.createObjectNode();
        if (node == null) {
            client.post("/api/hearth/settings", body.put("keyExpiry", keyExpiry));
        } else {
            client.post(
                    "/api/v2/device/" + Devices.id(client, node) + "/key",
                    body.put("keyExpiryDisabled", !keyExpiry));
        }
    }
}
