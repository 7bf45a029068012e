package hearth.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProgramTest {
    @Test
    void oneThatDoesNotEndIsKilled() {
        var result = Program.run(List.of("sleep", "60"), "", Duration.ofMillis(50));
        assertEquals("sleep: took longer than 50 ms", result.problem());
    }

    @Test
    void whatItSaysAndHowItEndsIsTold() {
        assertEquals("input", Program.run(List.of("cat"), "input").text());
        var failed = Program.run(List.of("sh", "-c", "echo no >&2; exit 3"), "");
        assertEquals(3, failed.status());
        assertEquals("sh: no", failed.problem());
        assertTrue(Program.run(List.of("no-such-program"), "").missing());
    }

    @Test
    void oneThatMayNotBeRunIsNotCalledMissing(@TempDir Path dir) throws IOException {
        Path plain = Files.writeString(dir.resolve("plain"), "text");
        var result = Program.run(List.of(plain.toString()), "");
        assertFalse(result.missing());
        assertTrue(result.problem().contains("error"), result.problem());
    }
}
