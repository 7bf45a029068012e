package hearth.cli;

import hearth.base.Refused;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code hearth users}. */
@Command(
        name = "users",
        description = "People.",
        subcommands = {
            UsersCommand.ListUsers.class,
            UsersCommand.Create.class,
            UsersCommand.SetPassword.class,
            UsersCommand.GiveRole.class,
            UsersCommand.Suspend.class,
            UsersCommand.Restore.class,
            UsersCommand.Remove.class
        })
final class UsersCommand extends CommandGroup {
    @Command(name = "list", description = "List people.")
    static final class ListUsers extends SocketCommand {
        @Override
        void run(SocketClient client, PrintWriter out) throws Refused {
            JsonNode users = client.get("/api/v2/tailnet/-/users").path("users");
            if (json) {
                printJson(out, users);
                return;
            }
            Table table = new Table("ID", "LOGIN", "NAME", "ROLE", "STATUS", "DEVICES");
            for (JsonNode u : users) {
                table.add(
                        text(u, "id"),
                        text(u, "loginName"),
                        text(u, "displayName"),
                        text(u, "role"),
                        text(u, "status"),
                        text(u, "deviceCount"));
            }
            table.print(out);
        }
    }

    @Command(name = "create", description = "Add a person.")
    static final class Create extends SocketCommand {
        @Parameters(
                index = "0",
                paramLabel = "LOGIN",
                description = "Mail address or a short name.")
        String login = "";

        @Option(
                names = "--role",
                paramLabel = "R",
                description = "member, admin, network-admin, it-admin, auditor.")
        String role = "member";

        @Option(names = "--password-stdin", description = "Read a password for the admin page.")
        boolean passwordStdin;

        @Override
        void run(SocketClient client, PrintWriter out) throws Refused, IOException {
            ObjectNode body = SocketClient.JSON.createObjectNode();
            body.put("loginName", login);
            body.put("role", role);
            if (passwordStdin) {
                body.put("password", readLine());
            }
            JsonNode user = client.post("/api/hearth/users", body);
            if (json) {
                printJson(out, user);
            } else {
                out.println(text(user, "loginName"));
            }
        }
    }

    @Command(
            name = "set-password",
            description = "Set a password for the admin page; read from standard input.")
    static final class SetPassword extends SocketCommand {
        @Parameters(index = "0", paramLabel = "LOGIN", description = "Who.")
        String login = "";

        @Option(
                names = "--password-stdin",
                description = "Read the password from standard input; it is, said or not.")
        boolean passwordStdin;

        @Override
        void run(SocketClient client, PrintWriter out) throws Refused, IOException {
            ObjectNode body = SocketClient.JSON.createObjectNode();
            body.put("loginName", login);
            body.put("password", readLine());
            client.post("/api/hearth/users/password", body);
        }
    }

    /** A command about one person. */
    abstract static class OfUser extends SocketCommand {
        @Parameters(index = "0", paramLabel = "LOGIN", description = "Who.")
        String login = "";

        void post(SocketClient client, PrintWriter out, String what, @Nullable ObjectNode body)
                throws Refused {
            String user = "/api/v2/users/" + SocketClient.escape(login);
            client.post(user + "/" + what, body);
            if (json && !what.equals("delete")) {
                printJson(out, client.get(user));
            }
        }
    }

    @Command(name = "role", description = "Give a person a role.")
    static final class GiveRole extends OfUser {
        @Parameters(
                index = "1",
                paramLabel = "R",
                description =
                        "member, admin, network-admin, it-admin, billing-admin, auditor, owner.")
        String role = "";

        @Override
        void run(SocketClient client, PrintWriter out) throws Refused {
            post(client, out, "role", SocketClient.JSON.createObjectNode().put("role", role));
        }
    }

    @Command(
            name = "suspend",
            description = "A suspended person cannot sign in, and their devices reach nothing.")
    static final class Suspend extends OfUser {
        @Override
        void run(SocketClient client, PrintWriter out) throws Refused {
            post(client, out, "suspend", null);
        }
    }

    @Command(name = "restore", description = "End a person's suspension.")
    static final class Restore extends OfUser {
        @Override
        void run(SocketClient client, PrintWriter out) throws Refused {
            post(client, out, "restore", null);
        }
    }

    @Command(name = "remove", description = "Remove a person who has no devices any more.")
    static final class Remove extends OfUser {
        @Override
        void run(SocketClient client, PrintWriter out) throws Refused {
            post(client, out, "delete", null);
        }
    }

    @SuppressWarnings(
            "SystemConsoleNull") // JDK 25 gives null again where input is a pipe (JDK-8351435)
    private static String readLine() throws Refused, IOException {
        Console terminal = System.console();
        if (terminal != null) {
            char @Nullable [] typed = terminal.readPassword("Password: ");
            if (typed != null) {
                return new String(typed);
            }
        }
        String line =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))
                        .readLine();
        if (line == null || line.isEmpty()) {
            throw Refused.invalid("no password on standard input");
        }
        return line;
    }
}
