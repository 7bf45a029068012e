package hearth.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Files and folders that only their owner reads: 0600 and 0700 from the first moment. */
final class PrivateFiles {
    private static final Set<PosixFilePermission> FILE =
            PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> FOLDER =
            PosixFilePermissions.fromString("rwx------");

    private PrivateFiles() {}

    /** Makes an empty file; fails when there is one. */
    static void create(Path file) throws IOException {
        FileAttribute<Set<PosixFilePermission>> mode = PosixFilePermissions.asFileAttribute(FILE);
        Files.createFile(file, mode);
    }

    static void createFolders(Path folder) throws IOException {
        Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(FOLDER));
    }

    static void ensure(Path file) throws IOException {
        if (Files.exists(file)) {
            Files.setPosixFilePermissions(file, FILE);
        } else {
            create(file);
        }
    }

    /** Waits until the content, and for a folder its entries, are on the disk. */
    static void force(Path fileOrFolder) throws IOException {
        try (FileChannel c = FileChannel.open(fileOrFolder, StandardOpenOption.READ)) {
            c.force(true);
        }
    }
}
