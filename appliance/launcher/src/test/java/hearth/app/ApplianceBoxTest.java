package hearth.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.console.Box;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class ApplianceBoxTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private static Box.Fact ends(Duration in, boolean own) {
        return ApplianceBox.validity(NOW.plus(in), own, NOW);
    }

    @Test
    void aCertificateThatEndsSoonIsPointedAt() {
        assertEquals(Box.Level.PLAIN, ends(Duration.ofDays(15), false).level());
        assertEquals(Box.Level.WARNING, ends(Duration.ofDays(13), false).level());
        assertEquals(Box.Level.BAD, ends(Duration.ofDays(-1), false).level());
        assertEquals(Box.Level.PLAIN, ends(Duration.ofDays(13), true).level(), "made anew in time");
        assertTrue(ends(Duration.ofDays(15), false).value().contains(" Mar 2026, "));
    }
}
