package hearth.interop;

import hearth.testkit.netns.Command;
import hearth.testkit.netns.Host;
import hearth.testkit.netns.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The packaged appliance running on a host, and its command line. */
final class ApplianceHost {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String HEALTH = "http://127.0.0.1/health";

    /** A start that takes longer stands still: its threads are printed. */
    private static final Duration STANDS = Duration.ofSeconds(25);

    private final Host host;
    private final List<String> flags;
    private final Map<String, String> environment = new HashMap<>();
    private @Nullable Process process;

    /** {@code flags}: of {@code hearth serve} beside state directory and socket. */
    ApplianceHost(Host host, String... flags) {
        this.host = host;
        this.flags = List.of(flags);
    }

    /** More options for its Java, from the next start on. */
    ApplianceHost javaOptions(String options) {
        environment.put("HEARTH_JAVA_OPTIONS", options);
        return this;
    }

    /** What it finds in its environment, from the next start on. */
    ApplianceHost environment(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    static Path program() {
        Path p = Path.of("target/hearth/bin/hearth").toAbsolutePath();
        if (!Files.isExecutable(p)) {
            throw new IllegalStateException("no " + p + ": run package first");
        }
        return p;
    }

    Host host() {
        return host;
    }

    Path stateDir() {
        return host.dir().resolve("state");
    }

    /** Starts it and waits until {@code /health} says 200. */
    ApplianceHost start() {
        List<String> words = new ArrayList<>();
        words.add(program().toString());
        words.add("serve");
        words.add("--state-dir=" + stateDir());
        words.add("--socket=" + socket());
        words.addAll(flags);
        process = host.start("hearth", environment, words.toArray(new String[0]));
        awaitHealthy();
        return this;
    }

    void awaitHealthy() {
        Process p = started();
        var stands =
                CompletableFuture.runAsync(
                        () -> System.out.println(threads()),
                        CompletableFuture.delayedExecutor(STANDS.toSeconds(), TimeUnit.SECONDS));
        try {
            Waiting.until(
                    "the appliance's /health, or its end",
                    Duration.ofSeconds(60),
                    () -> !p.isAlive() || host.run("curl", "-fsS", "-m", "2", HEALTH).ok());
        } finally {
            stands.cancel(false);
        }
        if (!p.isAlive()) {
            throw new IllegalStateException(
                    "ended with " + p.exitValue() + ": " + host.log("hearth"));
        }
    }

    /** The stacks of all its threads, the virtual ones too, and what it logged. */
    String threads() {
        Path file = host.dir().resolve("threads.txt");
        Command.run(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        String.valueOf(pid()),
                        "Thread.dump_to_file",
                        "-overwrite",
                        file.toString())
                .must();
        try {
            return host.log("hearth") + Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    long pid() {
        return started().pid();
    }

    private Process started() {
        Process p = process;
        if (p == null) {
            throw new IllegalStateException("not started");
        }
        return p;
    }

    /** As {@code kill -9}. */
    void kill() {
        Process p = process;
        if (p != null) {
            p.descendants().forEach(ProcessHandle::destroyForcibly);
            p.destroyForcibly();
            join(p);
        }
    }

    /** As a service manager stops it. */
    void stop() {
        Process p = process;
        if (p != null) {
            p.descendants().forEach(ProcessHandle::destroy);
            p.destroy();
            join(p);
        }
    }

    private static void join(Process p) {
        try {
            p.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    Path socket() {
        return host.dir().resolve("h.sock");
    }

    /** {@code hearth WORDS}. */
    Command.Result cli(String... words) {
        List<String> all = new ArrayList<>();
        all.add(program().toString());
        all.add("--socket=" + socket());
        all.addAll(List.of(words));
        return host.run(Duration.ofSeconds(60), all.toArray(new String[0]));
    }

    /** {@code hearth WORDS --json}, which must succeed. */
    JsonNode json(String... words) {
        String[] all = Arrays.copyOf(words, words.length + 1);
        all[words.length] = "--json";
        return JSON.readTree(cli(all).must());
    }

    /**
     * What the socket answers to {@code METHOD /api/...}: as {@link #json}, without the start of a
     * program of our own. {@code body}: JSON, empty for none.
     */
    JsonNode api(String method, String path, String body) {
        List<String> words =
                new ArrayList<>(
                        List.of("curl", "-sS", "--fail-with-body", "-m", "20", "--unix-socket"));
        words.add(socket().toString());
        words.addAll(List.of("-X", method, "http://localhost" + path));
        if (!body.isEmpty()) {
            words.addAll(List.of("-H", "Content-Type: application/json", "-d", body));
        }
        String out = Command.run(Duration.ofSeconds(30), words).must();
        return JSON.readTree(out.isBlank() ? "null" : out);
    }

    /** All devices. */
    JsonNode devices() {
        return api("GET", "/api/v2/tailnet/-/devices?fields=all", "").path("devices");
    }

    /** A fresh key. */
    String key(String... options) {
        String[] words = new String[options.length + 2];
        words[0] = "keys";
        words[1] = "create";
        System.arraycopy(options, 0, words, 2, options.length);
        return json(words).path("key").asString();
    }
}
