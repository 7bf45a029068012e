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

final class StateDirectoryTest {
    @TempDir Path dir;

    @Test
    void aKeyStaysAndIsPrivate() throws Exception {
        byte[] first;
        try (var state = StateDirectory.open(dir.resolve("s"));
                var key = state.key("server", new Random(1))) {
            first = key.publicBytes();
        }
        try (var state = StateDirectory.open(dir.resolve("s"));
                var key = state.key("server", new Random(2))) {
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
    void twoAppliancesDoNotShareAFolder() throws Exception {
        try (var _ = StateDirectory.open(dir)) {
            var e = assertThrows(IOException.class, () -> StateDirectory.open(dir));
            assertTrue(String.valueOf(e.getMessage()).contains("in use"));
        }
        StateDirectory.open(dir).close();
    }

    @Test
    void aDamagedKeyIsAnErrorThatDoesNotShowIt() throws Exception {
        Files.createDirectories(dir.resolve("keys"));
        Files.writeString(dir.resolve("keys/server.key"), "secretsecret\n");
        try (var state = StateDirectory.open(dir)) {
            var e = assertThrows(IOException.class, () -> state.key("server", new Random(1)));
            assertTrue(
                    String.valueOf(e.getMessage()).endsWith("got 12 characters"), e.getMessage());
        }
    }
}
