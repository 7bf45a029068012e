package hearth.wireguard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ReplayWindowModelTest {
    @Test
    void acceptsTheKnownSeries() {
        var w = new ReplayWindow();
        assertTrue(w.accept(0));
        assertTrue(w.accept(1));
        assertFalse(w.accept(1));
        assertTrue(w.accept(9));
        assertTrue(w.accept(8));
        assertTrue(w.accept(7));
        assertFalse(w.accept(7));
    }

    @Test
    void windowIs8128Wide() {
        var w = new ReplayWindow();
        assertTrue(w.accept(20_000));
        assertTrue(w.accept(20_000 - 8128));
        assertFalse(w.accept(20_000 - 8129));
        assertTrue(w.accept(20_000 + 100_000), "a jump over the whole ring");
        assertTrue(w.accept(20_000 + 100_000 - 8128));
        assertFalse(w.accept(20_000));
    }

    @Test
    void limitsAreUnsigned() {
        var w = new ReplayWindow();
        assertTrue(w.accept(Long.MIN_VALUE), "2^63");
        assertTrue(w.accept(Limits.REJECT_AFTER_MESSAGES - 1));
        assertFalse(w.accept(Limits.REJECT_AFTER_MESSAGES));
        assertFalse(w.accept(-1));
        assertEquals("18446744073709543423", Long.toUnsignedString(Limits.REJECT_AFTER_MESSAGES));
    }

    @Test
    void agreesWithASet() {
        for (long seed = 0; seed < 20; seed++) {
            var random = new Random(seed);
            var w = new ReplayWindow();
            Set<Long> seen = new HashSet<>();
            long newest = 0;
            for (int i = 0; i < 20_000; i++) {
                long c = Math.max(0, newest + random.nextInt(20_000) - 12_000);
                if (random.nextInt(50) == 0) {
                    c = newest + random.nextInt(30_000);
                }
                boolean want = newest - c <= ReplayWindow.WINDOW && seen.add(c);
                assertEquals(want, w.accept(c), "seed " + seed + " counter " + c);
                newest = Math.max(newest, c);
            }
        }
    }
}
