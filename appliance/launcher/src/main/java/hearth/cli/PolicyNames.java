package hearth.cli;

import hearth.base.Refused;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** The words of {@code hearth policy} about the device names that the policy uses. */
final class PolicyNames {
    private PolicyNames() {}

    @Command(name = "names", description = "Which device each device name of the policy means.")
    static final class Names extends SocketCommand {
        @Override
        void run(SocketClient client, PrintWriter out) throws Refused {
            show(client.get("/api/hearth/policy/names"), json, out);
        }
    }

    @Command(name = "bind", description = "Let a device name of the policy mean another device.")
    static final class Bind extends SocketCommand {
        @Parameters(
                index = "0",
                paramLabel = "NAME",
                description = "The name as the policy says it.")
        String name = "";

        @Parameters(index = "1", paramLabel = "NODE", description = "Name, address or id.")
        String node = "";

        @Override
        void run(SocketClient client, PrintWriter out) throws Refused {
            JsonNode names =
                    client.post(
                            "/api/hearth/policy/bind",
                            SocketClient.JSON
                                    .createObjectNode()
                                    .put("name", name)
                                    .put("node", Devices.id(client, node)));
            show(names, json, out);
        }
    }

    private static void show(JsonNode names, boolean json, PrintWriter out) {
        if (json) {
            SocketCommand.printJson(out, names);
            return;
        }
        Table table = new Table("NAME", "STATE", "DEVICE", "ADDRESS", "OWNER", "WANTED BY");
        for (JsonNode n : names) {
            JsonNode device = n.path("device");
            JsonNode other = n.path("wantedBy");
            table.add(
                    SocketCommand.text(n, "name"),
                    SocketCommand.text(n, "state"),
                    Devices.label(SocketCommand.text(device, "name")),
                    device.path("addresses").path(0).asString("-"),
                    owner(device),
                    other.isObject()
                            ? other.path("addresses").path(0).asString("-")
                                    + " ("
                                    + owner(other)
                                    + ")"
                            : "-");
        }
        table.print(out);
    }

    private static String owner(JsonNode device) {
        return device.has("tags")
                ? SocketCommand.join(device.path("tags"))
                : SocketCommand.text(device, "user");
    }
}
