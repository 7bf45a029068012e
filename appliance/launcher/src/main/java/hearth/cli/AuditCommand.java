package hearth.cli;

import hearth.base.Refused;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;

/** {@code hearth audit}. */
@Command(name = "audit", description = "Who changed what.")
final class AuditCommand extends SocketCommand {
    @Override
    void run(SocketClient client, PrintWriter out) throws Refused {
        JsonNode logs = client.get("/api/v2/tailnet/-/logging/configuration").path("logs");
        if (json) {
            printJson(out, logs);
            return;
        }
        Table table =
                new Table(
                        "TIME",
                        "ACTOR",
                        "ORIGIN",
                        "ACTION",
                        "TARGET",
                        "PROPERTY",
                        "OLD",
                        "NEW",
                        "DETAILS");
        for (JsonNode l : logs) {
            table.add(
                    text(l, "eventTime"),
                    actor(l.path("actor")),
                    text(l, "origin"),
                    text(l, "action"),
                    text(l.path("target"), "type") + " " + text(l.path("target"), "name"),
                    text(l.path("target"), "property"),
                    value(l, "old"),
                    value(l, "new"),
                    Table.cut(text(l, "actionDetails")));
        }
        table.print(out);
    }

    /** A hash of a policy's text is shown by its beginning. */
    private static String value(JsonNode row, String field) {
        String v = text(row, field);
        return v.matches("[0-9a-f]{64}") ? v.substring(0, 12) : Table.cut(v);
    }

    /** Whose rights were used and, on the socket, by which account of this machine. */
    private static String actor(JsonNode actor) {
        String login = text(actor, "loginName");
        String by = text(actor, "displayName");
        return by.equals("-") || by.equals(login) ? login : by + " (" + login + ")";
    }
}
