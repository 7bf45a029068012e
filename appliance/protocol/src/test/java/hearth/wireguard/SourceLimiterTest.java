package hearth.wireguard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class SourceLimiterTest {
    private static final SourceLimiter.Source A = new SourceLimiter.Source(0, 1);
    private static final SourceLimiter.Source B = new SourceLimiter.Source(0, 2);
    private static final long MS = 1_000_000L;

    @Test
    void fiveAtOnceThenTwentyASecondForEachSource() {
        var l = new SourceLimiter();
        for (int i = 0; i < 5; i++) {
            assertTrue(l.allows(A, 0));
        }
        assertFalse(l.allows(A, 0));
        assertTrue(l.allows(B, 0), "a neighbour has its own bucket");
        assertFalse(l.allows(A, 49 * MS));
        assertTrue(l.allows(A, 50 * MS));
        assertFalse(l.allows(A, 51 * MS));
    }

    @Test
    void idleSourcesAreForgottenAndTheNumberIsBounded() {
        var l = new SourceLimiter();
        for (int i = 0; i < 2 * SourceLimiter.MAX_SOURCES; i++) {
            l.allows(new SourceLimiter.Source(1, i), 0);
        }
        assertEquals(SourceLimiter.MAX_SOURCES, l.size());
        assertFalse(l.allows(A, 1));
        assertTrue(l.allows(A, 1001 * MS));
        assertEquals(1, l.size());
    }
}
