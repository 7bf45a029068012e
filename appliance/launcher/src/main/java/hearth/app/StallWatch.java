package hearth.app;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that virtual threads run: once a second a platform thread starts one. That alone wakes
 * a carrier where the scheduler has forgotten to (JDK-8373118). When none runs for long, the stacks
 * of all threads are written down, and in the end the process gives up, so that the service manager
 * starts it anew: an appliance that stands still helps nobody (docs/adr/0031).
 *
 * <p>It counts beats, not time: a machine that was asleep is not taken for one that stands still.
 */
final class StallWatch implements AutoCloseable {
    /** Beats without an answer until the threads are written down. */
    static final int TELL = 15;

    /** Beats without an answer until the end. */
    static final int GIVE_UP = 60;

    private static final System.Logger LOG = System.getLogger(StallWatch.class.getName());
    private static final Duration BEAT = Duration.ofSeconds(1);
    private static final int EXIT_STATUS = 70; // sysexits.h: EX_SOFTWARE

    /** The first with the repair of JDK-8369227: a parked virtual thread that sleeps for ever. */
    private static final Runtime.Version SOUND = Runtime.Version.parse("25.0.3");

    private final Executor virtualThreads;
    private final Runnable tell;
    private final Runnable giveUp;
    private final Thread thread =
            Thread.ofPlatform().daemon().name("stall-watch").unstarted(this::run);
    private final AtomicBoolean answered = new AtomicBoolean();
    private int unanswered;

    StallWatch(Executor virtualThreads, Runnable tell, Runnable giveUp) {
        this.virtualThreads = virtualThreads;
        this.tell = tell;
        this.giveUp = giveUp;
    }

    /** Watches this process; {@code dump}: where the stacks go. */
    static StallWatch start(Path dump) {
        var watch =
                new StallWatch(
                        Thread::startVirtualThread,
                        () -> writeThreads(dump),
                        () -> {
                            LOG.log(Level.ERROR, "still no virtual thread runs, the process ends");
                            Runtime.getRuntime().halt(EXIT_STATUS); // hooks would wait for them
                        });
        watch.thread.start();
        String warning = warning(Runtime.version());
        if (warning != null) {
            LOG.log(Level.WARNING, warning);
        }
        return watch;
    }

    /** What a person should know of this Java, or null. */
    static @Nullable String warning(Runtime.Version java) {
        return java.compareToIgnoreOptional(SOUND) < 0
                ? "java " + java + " may forget threads (JDK-8369227), use " + SOUND + " or newer"
                : null;
    }

    private void run() {
        try {
            while (true) {
                beat();
                Thread.sleep(BEAT);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    /** Counts whether the threads started so far have run, and starts another. */
    void beat() {
        unanswered = answered.getAndSet(false) ? 0 : unanswered + 1;
        if (unanswered == TELL) {
            tell.run();
        }
        if (unanswered == GIVE_UP) {
            giveUp.run();
        }
        virtualThreads.execute(() -> answered.set(true));
    }

    private static void writeThreads(Path dump) {
        LOG.log(Level.ERROR, "no virtual thread has run for {0} s, see {1}", TELL, dump);
        try {
            Files.deleteIfExists(dump);
            ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                    .dumpThreads(dump.toAbsolutePath().toString(), ThreadDumpFormat.TEXT_PLAIN);
        } catch (IOException e) {
            LOG.log(Level.ERROR, "the threads cannot be written down", e);
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
