package hearth.testkit.netns;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One namespace of a {@link NetLab}: a host with interfaces, routes and programs of its own. */
public final class Host {
    private final String namespace;
    private final Path dir;
    private final List<Process> started = new ArrayList<>();

    Host(String namespace, Path dir) {
        this.namespace = namespace;
        this.dir = dir;
    }

    public String namespace() {
        return namespace;
    }

    /** A folder for this host's files. */
    public Path dir() {
        return dir;
    }

    public Command.Result run(Duration limit, String... words) {
        return Command.run(limit, inside(List.of(words)));
    }

    public Command.Result run(String... words) {
        return run(Duration.ofSeconds(60), words);
    }

    public Command.Result shell(String script) {
        return run("bash", "-c", script);
    }

    /**
     * Starts a program that {@link NetLab#close} ends; its output goes to {@code NAME.log} in
     * {@link #dir}.
     */
    public Process start(String name, Map<String, String> environment, String... words) {
        var builder = new ProcessBuilder(inside(List.of(words)));
        builder.environment().putAll(environment);
        builder.redirectErrorStream(true);
        builder.redirectOutput(
                ProcessBuilder.Redirect.appendTo(dir.resolve(name + ".log").toFile()));
        builder.redirectInput(new File("/dev/null"));
        try {
            Process p = builder.start();
            started.add(p);
            return p;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a started program printed so far. */
    public String log(String name) {
        try {
            Path file = dir.resolve(name + ".log");
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The words that run {@code words} in this host's namespace. */
    public List<String> inside(List<String> words) {
        List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
        all.addAll(words);
        return all;
    }

    void end() {
        started.forEach(Host::ask);
        started.forEach(Host::end);
    }

    private static void ask(Process p) {
        p.descendants().forEach(ProcessHandle::destroy);
        p.destroy();
    }

    /** Ends a program and its children; those that do not end by themselves are killed. */
    static void end(Process p) {
        ask(p);
        try {
            if (!p.waitFor(5, TimeUnit.SECONDS)) {
                p.descendants().forEach(ProcessHandle::destroyForcibly);
                p.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
