package hearth.app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class StallWatchTest {
    private final Queue<Runnable> started = new ArrayDeque<>();
    private final List<String> done = new ArrayList<>();
    private final StallWatch watch =
            new StallWatch(started::add, () -> done.add("tell"), () -> done.add("give up"));

    private void beats(int count) {
        for (int i = 0; i < count; i++) {
            watch.beat();
        }
    }

    private void runAll() {
        while (!started.isEmpty()) {
            started.remove().run();
        }
    }

    @Test
    void whatRunsIsLeftAlone() {
        for (int i = 0; i < 10 * StallWatch.GIVE_UP; i++) {
            watch.beat();
            runAll();
        }
        assertEquals(List.of(), done);
    }

    @Test
    void standstillIsToldOnceAndThenEnded() {
        beats(StallWatch.TELL - 1);
        assertEquals(List.of(), done);
        beats(1);
        assertEquals(List.of("tell"), done);
        beats(StallWatch.GIVE_UP - StallWatch.TELL - 1);
        assertEquals(List.of("tell"), done);
        beats(1);
        assertEquals(List.of("tell", "give up"), done);
    }

    @Test
    void oneThatRunsAtLastEndsTheStandstill() {
        beats(StallWatch.GIVE_UP - 1);
        runAll();
        beats(StallWatch.TELL);
        assertEquals(List.of("tell"), done);
    }

    @Test
    void eachBeatStartsOne() {
        beats(3);
        assertEquals(3, started.size());
    }

    @ParameterizedTest
    @CsvSource({
        "25+36, true",
        "25.0.2+10-LTS, true",
        "25.0.3+9-LTS, false",
        "25.1, false",
        "26, false"
    })
    void anOldJavaIsWarnedOf(String version, boolean warned) {
        assertEquals(warned, StallWatch.warning(Runtime.Version.parse(version)) != null);
    }
}
