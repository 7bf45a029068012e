package hearth.cli;

import hearth.base.Refused;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code hearth nodes}. */
@Command(
        name = "nodes",
        description = "Devices of the tailnet.",
        subcommands = {
            NodesCommand.ListNodes.class,
            NodesCommand.Show.class,
            NodesCommand.Rename.class,
            NodesCommand.Expire.class,
            NodesCommand.Remove.class,
            NodesCommand.Approve.class,
            NodesCommand.Tag.class,
            NodesCommand.Move.class
        })
final class NodesCommand extends CommandGroup {
    /** How the API writes a moment that there is none of. */
    private static final String NEVER = "0001-01-01T00:00:00Z";

    @Command(name = "list", description = "List all devices.")
    static final class ListNodes extends SocketCommand {
        @Override
        void run(SocketClient client, PrintWriter out) throws Refused {
            JsonNode devices = Devices.all(client);
            if (json) {
                printJson(out, devices);
                return;
            }
            Table table = new Table("ID", "NAME", "ADDRESS", "OWNER", "OS", "STATE", "EXPIRES");
            for (JsonNode d : devices) {
                table.add(
                        text(d, "nodeId"),
                        Devices.label(text(d, "name")),
                        d.path("addresses").path(0).asString("-"),
                        d.path("tags").isEmpty() ? text(d, "user") : join(d.path("tags")),
                        text(d, "os"),
                        state(d),
                        d.path("keyExpiryDisabled").asBoolean() ? "never" : text(d, "expires"));
            }
            table.print(out);
        }
    }

    /** A device whose key has ended is not "online", though it asks on for a new one. */
    static String state(JsonNode d) {
        if (d.path("loggedOut").asBoolean()) {
            return "logged out";
        }
        if (d.path("expired").asBoolean()) {
            return "key expired";
        }
        if (!d.path("authorized").asBoolean(true)) {
            return "needs approval";
        }
        if (d.path("userSuspended").asBoolean()) {
            return "owner suspended";
        }
        return d.path("connectedToControl").asBoolean()
                ? "online"
                : "offline since " + SocketCommand.text(d, "lastSeen");
    }

    /** A command about one device. */
    abstract static class OfNode extends SocketCommand {
        @Parameters(index = "0", paramLabel = "NAME-OR-ID", description = "The device.")
        String node = "";
    }

    /** A command that changes one device and with {@code --json} prints it. */
    abstract static class OnNode extends OfNode {
        abstract void act(SocketClient client, PrintWriter out, String id) throws Refused;

        @Override
        void run(SocketClient client, PrintWriter out) throws Refused {
            String id = Devices.id(client, node);
            act(client, out, id);
            if (json) {
                printJson(out, client.get("/api/v2/device/" + id + "?fields=all"));
            }
        }
    }

    @Command(name = "show", description = "Show everything about one device.")
    static final class Show extends OfNode {
        @Override
        void run(SocketClient client, PrintWriter out) throws Refused {
            JsonNode d = Devices.one(client, node);
            if (json) {
                printJson(out, d);
                return;
            }
            Table table = new Table("FIELD", "VALUE");
            for (var field : d.properties()) {
                JsonNode v = field.getValue();
                String value = v.isArray() ? join(v) : v.isObject() ? v.toString() : v.asString("");
                table.add(field.getKey(), value.equals(NEVER) ? "never" : value);
            }
            table.print(out);
        }
    }

    @Command(
            name = "rename",
            description = "Give a device another name; \"\" goes back to its own.")
    static final class Rename extends OnNode {
        @Parameters(index = "1", paramLabel = "NEW-NAME", description = "A DNS label.")
        String name = "";

        @Override
        void act(SocketClient client, PrintWriter out, String id) throws Refused {
            client.post(
                    "/api/v2/device/" + id + "/name",
                    SocketClient.JSON.createObjectNode().put("name", name));
        }
    }

    @Command(name = "expire", description = "End a device's key: it must log in again.")
    static final class Expire extends OnNode {
        @Override
        void act(SocketClient client, PrintWriter out, String id) throws Refused {
            client.post("/api/v2/device/" + id + "/expire", null);
        }
    }

    @Command(name = "approve", description = "Let a waiting device in.")
    static final class Approve extends OnNode {
        @Override
        void act(SocketClient client, PrintWriter out, String id) throws Refused {
            client.post(
                    "/api/v2/device/" + id + "/authorized",
                    SocketClient.JSON.createObjectNode().put("authorized", true));
        }
    }

    @Command(name = "tag", description = "Give a device these tags: it belongs to nobody then.")
    static final class Tag extends OnNode {
        @Parameters(
                index = "1..*",
                arity = "1..*",
                paramLabel = "TAG",
                description = "tag:server and so on; others go.")
        List<String> tags = List.of();

        @Override
        void act(SocketClient client, PrintWriter out, String id) throws Refused {
            ObjectNode body = SocketClient.JSON.createObjectNode();
            tags.forEach(body.putArray("tags")::add);
            client.post("/api/v2/device/" + id + "/tags", body);
        }
    }

    @Command(name = "move", description = "Give a device to a person; its tags go.")
    static final class Move extends OnNode {
        @Parameters(index = "1", paramLabel = "LOGIN", description = "Whose it is from now on.")
        String login = "";

        @Override
        void act(SocketClient client, PrintWriter out, String id) throws Refused {
            client.post(
                    "/api/hearth/device/" + id + "/owner",
                    SocketClient.JSON.createObjectNode().put("user", login));
        }
    }

    @Command(name = "remove", description = "Remove a device.")
    static final class Remove extends OfNode {
        @Override
        void run(SocketClient client, PrintWriter out) throws Refused {
            client.delete("/api/v2/device/" + Devices.id(client, node));
        }
    }
}
