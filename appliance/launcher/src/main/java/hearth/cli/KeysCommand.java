package hearth.cli;

import hearth.base.Refused;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code hearth keys}. */
@Command(
        name = "keys",
        description = "Auth keys that let devices in.",
        subcommands = {
            KeysCommand.Create.class,
            KeysCommand.ListKeys.class,
            KeysCommand.Revoke.class
        })
final class KeysCommand extends CommandGroup {
    @Command(name = "create", description = "Make a key; it is shown once.")
    static final class Create extends SocketCommand {
        @Option(names = "--reusable", description = "For more than one device.")
        boolean reusable;

        @Option(
                names = "--ephemeral",
                description = "Its devices go when they are gone 30 minutes.")
        boolean ephemeral;

        @Option(names = "--preauthorized", description = "Its devices need no approval.")
        boolean preauthorized;

        @Option(names = "--tag", paramLabel = "tag:x", description = "A tag of its devices.")
        List<String> tags = List.of();

        @Option(names = "--user", paramLabel = "LOGIN", description = "Who owns its devices.")
        @Nullable String user;

        @Option(
                names = "--expiry",
                paramLabel = "24h",
                converter = Durations.class,
                description = "How long it is good: 30m, 24h, 90d.")
        @Nullable Duration expiry;

        @Option(names = "--description", paramLabel = "TEXT", description = "What it is for.")
        String description = "";

        @Override
        void run(SocketClient client, PrintWriter out) throws Refused {
            ObjectNode body = SocketClient.JSON.createObjectNode();
            ObjectNode create =
                    body.putObject("capabilities").putObject("devices").putObject("create");
            create.put("reusable", reusable);
            create.put("ephemeral", ephemeral);
            create.put("preauthorized", preauthorized);
            tags.forEach(create.putArray("tags")::add);
            body.put("description", description);
            if (expiry != null) {
                body.put("expirySeconds", expiry.toSeconds());
            }
            if (user != null) {
                body.put("user", user);
            }
            JsonNode key = client.post("/api/v2/tailnet/-/keys", body);
            if (json) {
                printJson(out, key);
            } else {
                out.println(text(key, "key"));
            }
        }
    }

    @Command(name = "list", description = "List keys.")
    static final class ListKeys extends SocketCommand {
        @Override
        void run(SocketClient client, PrintWriter out) throws Refused {
            JsonNode keys = client.get("/api/v2/tailnet/-/keys?all=true").path("keys");
            if (json) {
                printJson(out, keys);
                return;
            }
            Table table =
                    new Table(
                            "ID",
                            "USER",
                            "KIND",
                            "TAGS",
                            "CREATED",
                            "EXPIRES",
                            "STATE",
                            "DESCRIPTION");
            for (JsonNode k : keys) {
                JsonNode create = k.path("capabilities").path("devices").path("create");
                StringBuilder kind = new StringBuilder();
                kind.append(create.path("reusable").asBoolean() ? "reusable" : "one-off");
                kind.append(create.path("ephemeral").asBoolean() ? ",ephemeral" : "");
                kind.append(create.path("preauthorized").asBoolean() ? ",preauthorized" : "");
                table.add(
                        text(k, "id"),
                        text(k, "userId"),
                        kind.toString(),
                        join(create.path("tags")),
                        text(k, "created"),
                        text(k, "expires"),
                        k.path("invalid").asBoolean() ? "invalid" : "valid",
                        text(k, "description"));
            }
            table.print(out);
        }
    }

    @Command(name = "revoke", description = "Revoke a key; devices that it let in stay.")
    static final class Revoke extends SocketCommand {
        @Parameters(index = "0", paramLabel = "ID", description = "The key's id.")
        String id = "";

        @Override
        void run(SocketClient client, PrintWriter out) throws Refused {
            client.delete("/api/v2/tailnet/-/keys/" + SocketClient.escape(id));
        }
    }
}
