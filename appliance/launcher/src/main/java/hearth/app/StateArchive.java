package hearth.app;

import hearth.api.Archive;
import hearth.base.Refused;
import hearth.store.Backup;
import hearth.store.SqliteJournal;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;

/** Backups of the running appliance; a restored one is put in place by starting anew. */
final class StateArchive implements Archive {
    private static final Duration LEAVE = Duration.ofMillis(300); // for the answer

    private final Path folder;
    private final SqliteJournal journal;
    private final Runnable startAnew;

    StateArchive(Path folder, SqliteJournal journal, Runnable startAnew) {
        this.folder = folder;
        this.journal = journal;
        this.startAnew = startAnew;
    }

    @Override
    public byte[] make() throws IOException {
        Path dir = Files.createTempDirectory(folder, Backup.UNFINISHED + "backup-");
        Path file = dir.resolve("hearth.zip");
        try {
            journal.backup(file);
            return Files.readAllBytes(file);
        } finally {
            Files.deleteIfExists(file);
            Files.delete(dir);
        }
    }

    @Override
    public void restore(InputStream in) throws Refused, IOException {
        Path dir = Files.createTempDirectory(folder, Backup.UNFINISHED + "restore-");
        Path file = dir.resolve("hearth.zip");
        try {
            Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
            Backup.stage(file, folder);
        } catch (IOException e) {
            throw Refused.invalid(
                    String.valueOf(e.getMessage()).replace(file.toString(), "the file"));
        } finally {
            Files.deleteIfExists(file);
            Files.delete(dir);
        }
        Thread.ofVirtual()
                .start(
                        () -> {
                            pause();
                            startAnew.run();
                        });
    }

    private static void pause() {
        try {
            Thread.sleep(LEAVE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
