package hearth.cli;

import hearth.base.Refused;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code hearth backup}. */
@Command(name = "backup", description = "Write keys and database to a file of mode 0600.")
final class BackupCommand extends SocketCommand {
    @Parameters(index = "0", paramLabel = "FILE", description = "Where to; must not exist.")
    Path file = Path.of("");

    @Override
    void run(SocketClient client, PrintWriter out) throws Refused, IOException {
        if (Files.exists(file)) {
            throw Refused.conflict(file + " exists already, expected a new file");
        }
        byte[] backup = client.send("GET", "/api/hearth/backup", null, "application/octet-stream");
        var mode =
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        try (FileChannel to =
                FileChannel.open(
                        file,
                        EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        mode)) {
            write(to, ByteBuffer.wrap(backup));
        }
        if (json) {
            printJson(
                    out,
                    SocketClient.JSON
                            .createObjectNode()
                            .put("file", file.toString())
                            .put("bytes", backup.length));
        } else {
            out.println("wrote " + backup.length + " bytes to " + file);
        }
    }

    /** All or no file: half a backup would be taken for one. */
    private void write(FileChannel to, ByteBuffer bytes) throws IOException {
        try {
            while (bytes.hasRemaining()) {
                to.write(bytes);
            }
            to.force(true);
        } catch (IOException e) {
            Files.deleteIfExists(file);
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }
}
