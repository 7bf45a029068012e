package hearth.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import hearth.testkit.netns.Host;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One Noise connection made by Tailscale's protocol library, in a program of its own ({@code
 * noise.go} of the resources): the test says what is asked inside it, word for word.
 */
final class NoiseProgram implements AutoCloseable {
    private static final String MODULE = "tailscale.com@v1.102.5";
    private static final long LIMIT_SECONDS = 15;

    /** The end of a request: {@code status} -1 when it was cut. */
    record Answer(int status, String body) {
        JsonNode json() {
            return JsonMapper.shared().readTree(body);
        }
    }

    private final Process process;
    private final PrintStream in;
    private final Map<String, LinkedBlockingQueue<JsonNode>> answers = new ConcurrentHashMap<>();
    private int asked;

    /** Builds the program; skips the test where there is no Go or its module cannot be had. */
    static Path build(Path dir) throws IOException {
        Path program = dir.resolve("noise");
        try (InputStream source = NoiseProgram.class.getResourceAsStream("noise.go")) {
            Files.copy(Objects.requireNonNull(source), dir.resolve("main.go"));
        }
        assumeTrue(go(dir, "version"), "no go command");
        assertEquals(true, go(dir, "mod", "init", "noise"), "go mod init");
        assumeTrue(go(dir, "get", MODULE), "go cannot get " + MODULE);
        assertEquals(true, go(dir, "build", "-mod=mod", "-o", "noise", "."), "go build");
        return program;
    }

    private static boolean go(Path dir, String... words) {
        List<String> all = new ArrayList<>(List.of("go"));
        all.addAll(List.of(words));
        var builder = new ProcessBuilder(all).directory(dir.toFile()).redirectErrorStream(true);
        builder.environment().put("CGO_ENABLED", "0");
        builder.redirectOutput(dir.resolve("go.log").toFile());
        try {
            Process p = builder.start();
            return p.waitFor(240, TimeUnit.SECONDS) && p.exitValue() == 0;
        } catch (IOException e) {
            return false; // not installed
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /**
     * Connects as machine number {@code machine} and checks the early payload, of an upgrade alone.
     */
    NoiseProgram(Path program, Host from, String url, int machine, String... flags)
            throws IOException, InterruptedException {
        List<String> words = new ArrayList<>();
        words.add(program.toString());
        words.addAll(List.of("-url=" + url, "-machine=privkey:" + key(machine)));
        words.addAll(List.of(flags));
        process =
                new ProcessBuilder(from.inside(words))
                        .redirectError(from.dir().resolve("noise.log").toFile())
                        .start();
        in = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        Thread.ofVirtual().start(this::read);
        boolean webSocket = List.of(flags).contains("-ws");
        String early = next("early").path("body").asString();
        assertEquals(!webSocket, early.startsWith("chalpub:"), early);
    }

    /** 32 bytes in hex that stand for {@code number}. */
    static String key(int number) {
        byte[] b = new byte[32];
        Arrays.fill(b, (byte) 0x48);
        b[1] = (byte) (number >> 8);
        b[2] = (byte) number;
        return HexFormat.of().formatHex(b);
    }

    private void read() {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String l = lines.readLine(); l != null; l = lines.readLine()) {
                JsonNode line = JsonMapper.shared().readTree(l);
                queue(line.path("id").asString()).add(line);
            }
        } catch (IOException e) {
            System.err.println("noise: " + e); // its end
        }
    }

    private LinkedBlockingQueue<JsonNode> queue(String id) {
        return answers.computeIfAbsent(id, _ -> new LinkedBlockingQueue<>());
    }

    private JsonNode next(String id) throws InterruptedException {
        JsonNode line = queue(id).poll(LIMIT_SECONDS, TimeUnit.SECONDS);
        if (line == null) {
            throw new IllegalStateException("no answer to " + id);
        }
        return line;
    }

    /** Asks and does not wait; the answer's number. */
    String begin(String method, String path, String body) {
        String id = "r" + ++asked;
        in.println(id + " " + method + " " + path + " " + body.replace("\n", ""));
        return id;
    }

    Answer post(String path, String body) throws InterruptedException {
        return end(begin("POST", path, body));
    }

    /** The end of a request, frames before it left out. */
    Answer end(String id) throws InterruptedException {
        while (true) {
            JsonNode line = next(id);
            if (line.has("status")) {
                return new Answer(line.path("status").asInt(), line.path("body").asString());
            }
        }
    }

    /** The next frame of a map. */
    JsonNode frame(String id) throws InterruptedException {
        JsonNode line = next(id);
        if (!line.has("frame")) {
            throw new IllegalStateException("no frame but " + line);
        }
        return line.path("frame");
    }

    /** Whether nothing comes for {@code wait}. */
    boolean quiet(String id, Duration wait) throws InterruptedException {
        JsonNode line = queue(id).poll(wait.toMillis(), TimeUnit.MILLISECONDS);
        if (line != null) {
            queue(id).add(line);
        }
        return line == null;
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
    }
}
