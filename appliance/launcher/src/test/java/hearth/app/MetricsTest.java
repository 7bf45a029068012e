package hearth.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Prometheus' text format, version 0.0.4. */
final class MetricsTest {
    @Test
    void eachValueHasItsType() {
        var metrics = new Metrics();
        metrics.add("b", () -> Map.of("grown", 7L), Set.of());
        metrics.add("a", () -> new TreeMap<>(Map.of("in", 1L, "now", 2L)), Set.of("now"));
        assertEquals(
                """
                # TYPE a_in counter
                a_in 1
                # TYPE a_now gauge
                a_now 2
                # TYPE b_grown counter
                b_grown 7
                """,
                metrics.render());
    }

    @Test
    void theProcessTellsWhatItTakes() {
        Map<String, Long> told = ProcessMetrics.read();
        assertTrue(told.keySet().containsAll(ProcessMetrics.GAUGES), told.toString());
        assertTrue(told.values().stream().allMatch(v -> v >= 0), told.toString());
    }
}
