package hearth.testkit.netns;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A program run to its end with a limit of time. */
public final class Command {
    /** What a program left behind; {@code status} is 124 when the time ran out. */
    public record Result(int status, String out, String err) {
        public boolean ok() {
            return status == 0;
        }

        /** Standard output, or an error that shows both streams. */
        public String must() {
            if (!ok()) {
                throw new IllegalStateException("exit " + status + "\n" + out + err);
            }
            return out;
        }
    }

    private static final int TIMED_OUT = 124;

    private Command() {}

    public static Result run(Duration limit, List<String> words) {
        try {
            Process p =
                    new ProcessBuilder(words)
                            .redirectInput(ProcessBuilder.Redirect.from(nothing()))
                            .start();
            var out = CompletableFuture.supplyAsync(() -> text(p.getInputStream()));
            var err = CompletableFuture.supplyAsync(() -> text(p.getErrorStream()));
            boolean ended = p.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
            if (!ended) {
                p.descendants().forEach(ProcessHandle::destroyForcibly);
                p.destroyForcibly();
            }
            int status = ended ? p.exitValue() : TIMED_OUT;
            return new Result(
                    status, out.join(), err.join() + (ended ? "" : "\ntimed out: " + words));
        } catch (IOException e) {
            throw new UncheckedIOException(String.join(" ", words), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted: " + words, e);
        }
    }

    public static Result run(String... words) {
        return run(Duration.ofSeconds(60), List.of(words));
    }

    private static File nothing() {
        return new File("/dev/null");
    }

    private static String text(InputStream in) {
        try (in) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return ""; // the process was killed
        }
    }
}
