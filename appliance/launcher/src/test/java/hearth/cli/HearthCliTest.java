package hearth.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HearthCliTest {
    @Test
    void itsVersionIsThePoms() throws IOException {
        String pom = Files.readString(Path.of("..", "..", "pom.xml"));
        assertTrue(pom.contains("<version>" + HearthCli.VERSION + "</version>\n  <packaging>"));
    }

    @Test
    void findsTheSocketOfItsOwnAppliance(@TempDir Path home) throws IOException {
        Path system = home.resolve("system.sock");
        Map<String, String> bare = Map.of("HOME", home.toString());
        assertEquals(system, HearthCli.usualSocket(bare, system), "none is there");
        Path own = UserPlaces.socket(bare);
        Files.createDirectories(home.resolve(".local/state/hearth/run"));
        Files.createFile(own);
        assertEquals(own, HearthCli.usualSocket(bare, system));
        Files.createFile(system);
        assertEquals(system, HearthCli.usualSocket(bare, system));
        Map<String, String> named = Map.of("HEARTH_SOCKET", "/x.sock");
        assertEquals(Path.of("/x.sock"), HearthCli.usualSocket(named, system));
    }
}
