package hearth.cli;

import hearth.base.Refused;
import java.io.PrintWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code hearth logins}. */
@Command(
        name = "logins",
        description = "Devices that wait for a yes.",
        subcommands = {
            LoginsCommand.ListLogins.class,
            LoginsCommand.Approve.class,
            LoginsCommand.Refuse.class
        })
final class LoginsCommand extends CommandGroup {
    @Command(name = "list", description = "List waiting devices.")
    static final class ListLogins extends SocketCommand {
        @Override
        void run(SocketClient client, PrintWriter out) throws Refused {
            JsonNode logins = client.get("/api/hearth/logins");
            if (json) {
                printJson(out, logins);
                return;
            }
            Table table = new Table("ID", "CODE", "HOSTNAME", "OS", "ADDRESS", "CREATED");
            for (JsonNode l : logins) {
                table.add(
                        text(l, "id"),
                        text(l, "code"),
                        text(l, "hostname"),
                        text(l, "os"),
                        text(l, "address"),
                        text(l, "created"));
            }
            table.print(out);
        }
    }

    @Command(name = "approve", description = "Let a waiting device in.")
    static final class Approve extends SocketCommand {
        @Parameters(index = "0", paramLabel = "ID", description = "The id or the code.")
        String id = "";

        @Option(
                names = "--user",
                paramLabel = "LOGIN",
                description = "Who owns it; the owner unless said.")
        @Nullable String user;

        @Option(names = "--tag", paramLabel = "T", description = "A tag, instead of an owner.")
        List<String> tags = List.of();

        @Override
        void run(SocketClient client, PrintWriter out) throws Refused {
            ObjectNode body = SocketClient.JSON.createObjectNode();
            if (user != null) {
                body.put("user", user);
            }
            tags.forEach(body.putArray("tags")::add);
            JsonNode node =
                    client.post("/api/hearth/logins/" + SocketClient.escape(id) + "/approve", body);
            if (json) {
                printJson(out, node);
            }
        }
    }

    @Command(name = "refuse", description = "Turn a waiting device away.")
    static final class Refuse extends SocketCommand {
        @Parameters(index = "0", paramLabel = "ID", description = "The id or the code.")
        String id = "";

        @Override
        void run(SocketClient client, PrintWriter out) throws Refused {
            client.post("/api/hearth/logins/" + SocketClient.escape(id) + "/refuse", null);
        }
    }
}
