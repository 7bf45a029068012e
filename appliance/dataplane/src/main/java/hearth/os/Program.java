package hearth.os;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;

/** Runs the programs that set up a machine's network: they end by themselves and say little. */
final class Program {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    /** Exit status for a program that is not there. */
    static final int MISSING = 127;

    /** Exit status for a program that may not be run, as a shell's. */
    private static final int NOT_RUN = 126;

    private static final Pattern ENOENT = Pattern.compile("error[:=] ?2\\b"); // in both JDK forms

    /**
     * What became of a run.
     *
     * @param text what it said, on both outputs
     */
    record Result(String name, int status, String text) {
        boolean ok() {
            return status == 0;
        }

        boolean missing() {
            return status == MISSING;
        }

        /** The reason in one line, when it did not do its work. */
        String problem() {
            return missing()
                    ? "cannot run " + name + ": install it"
                    : name + ": " + text.lines().findFirst().orElse("exit status " + status);
        }
    }

    private Program() {}

    /** Runs {@code words} with {@code input}; a failure of any kind is a result. */
    static Result run(List<String> words, String input) {
        return run(words, input, LIMIT);
    }

    /** As {@link #run(List, String)}; one that has not ended after {@code limit} is killed. */
    static Result run(List<String> words, String input, Duration limit) {
        String name = words.getFirst();
        try {
            Process p = new ProcessBuilder(words).redirectErrorStream(true).start();
            var late = new AtomicBoolean(); // set before the end that it leads to
            var end =
                    CompletableFuture.runAsync(
                            () -> {
                                late.set(true);
                                p.destroyForcibly();
                            },
                            CompletableFuture.delayedExecutor(
                                    limit.toMillis(), TimeUnit.MILLISECONDS));
            String refused = "";
            try (var in = p.outputWriter(StandardCharsets.UTF_8)) {
                in.write(input);
            } catch (IOException e) {
                refused = e.getMessage() + "\n";
            }
            String said = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int exit = p.waitFor();
            end.cancel(false);
            if (late.get()) {
                return new Result(name, 1, "took longer than " + limit.toMillis() + " ms");
            }
            return new Result(name, exit == 0 && !refused.isEmpty() ? 1 : exit, said + refused);
        } catch (IOException e) {
            String why = String.valueOf(e.getMessage());
            return ENOENT.matcher(why).find()
                    ? new Result(name, MISSING, "")
                    : new Result(name, NOT_RUN, why);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Result(name, 1, "interrupted");
        }
    }
}
