package hearth.app;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StateFilesTest {
    @TempDir Path dir;

    @Test
    void aKeyStaysAndIsPrivate() throws Exception {
        byte[] first;
        try (var key = StateFiles.open(dir.resolve("s")).key("server", new Random(1))) {
            first = key.publicBytes();
        }
        try (var key = StateFiles.open(dir.resolve("s")).key("server", new Random(2))) {
            assertArrayEquals(first, key.publicBytes());
        }
        var file = dir.resolve("s/keys/server.key");
        assertEquals(
                "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertEquals(
                "rwx------",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(dir.resolve("s"))));
    }

    @Test
    void aDamagedKeyIsAnErrorThatDoesNotShowIt() throws Exception {
        Files.createDirectories(dir.resolve("keys"));
        Files.writeString(dir.resolve("keys/server.key"), "secretsecret\n");
        var state = StateFiles.open(dir);
        var e = assertThrows(IOException.class, () -> state.key("server", new Random(1)));
        assertTrue(String.valueOf(e.getMessage()).endsWith("got 12 characters"), e.getMessage());
    }
}
