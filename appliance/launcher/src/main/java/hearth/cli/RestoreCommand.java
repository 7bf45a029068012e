package hearth.cli;

import hearth.base.Refused;
import hearth.store.Backup;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hearth restore}. */
@Command(
        name = "restore",
        description =
                "Put a backup in place: of the running appliance, else in the state directory.")
final class RestoreCommand extends SocketCommand {
    @Parameters(index = "0", paramLabel = "FILE", description = "Made by hearth backup.")
    Path file = Path.of("");

    @Option(
            names = "--state-dir",
            paramLabel = "DIR",
            description = "The state directory of an appliance that does not run.")
    @Nullable Path stateDir;

    @Override
    void run(SocketClient client, PrintWriter out) throws Refused, IOException {
        if (!Files.isReadable(file)) {
            throw Refused.notFound("cannot read " + file);
        }
        if (stateDir == null && Files.exists(socket())) {
            client.send(
                    "POST",
                    "/api/hearth/restore",
                    Files.readAllBytes(file),
                    "application/octet-stream");
            out.println("restored; the appliance starts anew with it");
            return;
        }
        Path folder = stateDir == null ? HearthCli.SYSTEM_STATE_DIR : stateDir;
        Backup.restore(file, folder);
        out.println("restored into " + folder);
    }
}
