package hearth.testkit.netns;

import java.time.Duration;
import java.util.concurrent.Callable;

/** Waits for what another thread or process will do, with a limit. */
public final class Waiting {
    private static final long STEP_MILLIS = 50;

    private Waiting() {}

    /** Returns how long it took, or throws after {@code limit} with what was waited for. */
    public static Duration until(String what, Duration limit, Callable<Boolean> condition) {
        long start = System.nanoTime();
        Exception last = null;
        while (System.nanoTime() - start < limit.toNanos()) {
            try {
                if (condition.call()) {
                    return Duration.ofNanos(System.nanoTime() - start);
                }
                last = null;
            } catch (InterruptedException e) {
                throw interrupted(what, e);
            } catch (Exception e) {
                last = e;
            }
            try {
                Thread.sleep(STEP_MILLIS);
            } catch (InterruptedException e) {
                throw interrupted(what, e);
            }
        }
        throw new IllegalStateException("not within " + limit + ": " + what, last);
    }

    private static IllegalStateException interrupted(String what, InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IllegalStateException("interrupted while waiting for " + what, e);
    }
}
