package hearth.cli;

import hearth.base.Refused;
import java.io.PrintWriter;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code hearth set}. */
@Command(name = "set", description = "Switches of the tailnet or of one device.")
final class SetCommand extends SocketCommand {
    @Option(
            names = "--key-expiry",
            paramLabel = "on|off",
            arity = "1",
            converter = OnOff.class,
            description = "Whether keys expire.")
    @Nullable Boolean keyExpiry;

    @Option(
            names = "--key-duration",
            paramLabel = "SPAN",
            converter = Durations.class,
            description = "How long a login lasts, e.g. 90d; for logins to come.")
    @Nullable Duration keyDuration;

    @Option(
            names = "--device-approval",
            paramLabel = "on|off",
            arity = "1",
            converter = OnOff.class,
            description = "Whether new devices wait for an administrator.")
    @Nullable Boolean deviceApproval;

    @Option(
            names = "--node",
            paramLabel = "NODE",
            description = "--key-expiry of this device only.")
    @Nullable String node;

    @Override
    void run(SocketClient client, PrintWriter out) throws Refused {
        boolean tailnetWide = keyDuration != null || deviceApproval != null;
        if (node != null && tailnetWide) {
            throw wrong("--node goes with --key-expiry only");
        }
        if (keyExpiry == null && !tailnetWide) {
            throw wrong("nothing to set: expected --key-expiry=on or off, or another switch");
        }
        ObjectNode body = SocketClient.JSON.createObjectNode();
        if (node != null) {
            client.post(
                    "/api/v2/device/" + Devices.id(client, node) + "/key",
                    body.put("keyExpiryDisabled", Boolean.FALSE.equals(keyExpiry)));
            return;
        }
        if (keyExpiry != null) {
            body.put("keyExpiry", keyExpiry);
        }
        if (keyDuration != null) {
            body.put("keyDurationSeconds", keyDuration.toSeconds());
        }
        if (deviceApproval != null) {
            body.put("deviceApproval", deviceApproval);
        }
        JsonNode settings = client.post("/api/hearth/settings", body);
        if (json) {
            printJson(out, settings);
        }
    }

    private ParameterException wrong(String text) {
        return new ParameterException(spec().commandLine(), text);
    }
}
