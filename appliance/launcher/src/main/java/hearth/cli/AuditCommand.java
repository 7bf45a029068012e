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
                new Table("TIME", "ACTOR", "ORIGIN", "ACTION", "TARGET", "PROPERTY", "OLD", "NEW");
        for (JsonNode l : logs) {
            table.add(
                    text(l, "eventTime"),
                    text(l.path("actor"), "loginName"),
                    text(l, "origin"),
                    text(l, "action"),
                    text(l.path("target"), "type") + " " + text(l.path("target"), "name"),
                    text(l.path("target"), "property"),
                    text(l, "old"),
                    text(l, "new"));
        }
        table.print(out);
    }
}
