package hearth.policy.hujson;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Compares with the Go module itself: layout, standard and minimal form, and every error text. The
 * count is {@code -Dhujson.count} (10,000), the seed {@code -Dhujson.seed}.
 */
@Timeout(600)
final class HujsonFormatInteropIT {
    private static final String MODULE =
            "github.com/tailscale/hujson@v0.0.0-20260727124030-b80ff77dac4f";

    /** One base64 text a line in; {@code +result} or {@code -error} of the four functions out. */
    private static final String PROGRAM =
            """
            package main

            import (
                "bufio"
                "encoding/base64"
                "fmt"
                "os"

                "github.com/tailscale/hujson"
            )

            func twice(text []byte) ([]byte, error) {
                once, err := hujson.Format(text)
                if err != nil {
                    return nil, err
                }
                return hujson.Format(once)
            }

            func main() {
                in, out := bufio.NewReader(os.Stdin), bufio.NewWriter(os.Stdout)
                defer out.Flush()
                encode := base64.StdEncoding.EncodeToString
                for {
                    line, err := in.ReadString('\\n')
                    if err != nil {
                        return
                    }
                    for _, f := range []func([]byte) ([]byte, error){hujson.Format, hujson.Standardize, hujson.Minimize, twice} {
                        text, _ := base64.StdEncoding.DecodeString(line[:len(line)-1])
                        if result, err := f(text); err != nil {
                            fmt.Fprintln(out, "-"+encode([]byte(err.Error())))
                        } else {
                            fmt.Fprintln(out, "+"+encode(result))
                        }
                    }
                }
            }
            """;

    @TempDir Path folder;

    @Test
    void agreesWithTheGoModule() throws Exception {
        Path program = build();
        long seed = Long.getLong("hujson.seed", 20_261_122L);
        int count = Integer.getInteger("hujson.count", 10_000);
        System.out.println("HujsonFormatInteropIT seed=" + seed + " count=" + count);
        SplittableRandom random = new SplittableRandom(seed);
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            texts.add(new HuJsonTexts(random).valid());
            texts.add(new HuJsonTexts(random).broken());
        }
        int valid = 0;
        List<String> answers = answers(program, texts);
        for (int i = 0; i < texts.size(); i++) {
            String text = texts.get(i);
            assertEquals(answers.get(4 * i), ask(HuJson::format, text), () -> "format of " + text);
            assertEquals(answers.get(4 * i + 1), ask(HuJson::standardize, text));
            assertEquals(answers.get(4 * i + 2), ask(HuJson::minimize, text));
            assertEquals(
                    answers.get(4 * i + 3),
                    ask(t -> HuJson.format(HuJson.format(t)), text),
                    () -> "second format of " + text);
            valid += answers.get(4 * i).startsWith("+") ? 1 : 0;
        }
        System.out.println(
                "HujsonFormatInteropIT same: "
                        + valid
                        + " texts, "
                        + (texts.size() - valid)
                        + " errors");
    }

    private interface Transformation {
        String apply(String text) throws HuJsonException;
    }

    private static String ask(Transformation f, String text) {
        try {
            return "+" + f.apply(text);
        } catch (HuJsonException e) {
            return "-" + e.getMessage();
        }
    }

    private Path build() throws IOException, InterruptedException {
        Files.writeString(folder.resolve("main.go"), PROGRAM);
        assumeTrue(run("go", "version"), "no go command");
        run("go", "mod", "init", "hujsonformat");
        assumeTrue(run("go", "get", MODULE), "go cannot get " + MODULE);
        assertEquals(true, run("go", "build", "-o", "hujsonformat", "."), "go build");
        return folder.resolve("hujsonformat");
    }

    private boolean run(String... command) throws InterruptedException {
        try {
            Process p =
                    new ProcessBuilder(command)
                            .directory(folder.toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(folder.resolve("log").toFile())
                            .start();
            if (!p.waitFor(240, TimeUnit.SECONDS)) {
                p.destroyForcibly();
                return false;
            }
            return p.exitValue() == 0;
        } catch (IOException e) {
            return false; // not installed
        }
    }

    private List<String> answers(Path program, List<String> texts) throws IOException {
        Path input = folder.resolve("input");
        try (var w = Files.newBufferedWriter(input)) {
            for (String t : texts) {
                byte[] bytes = t.getBytes(StandardCharsets.UTF_8);
                w.write(Base64.getEncoder().encodeToString(bytes) + "\n");
            }
        }
        Process p =
                new ProcessBuilder(program.toString())
                        .redirectInput(input.toFile())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        List<String> out = new ArrayList<>();
        try (BufferedReader r = p.inputReader(StandardCharsets.US_ASCII)) {
            for (String line = r.readLine(); line != null; line = r.readLine()) {
                byte[] bytes = Base64.getDecoder().decode(line.substring(1));
                out.add(line.charAt(0) + new String(bytes, StandardCharsets.UTF_8));
            }
        } finally {
            p.destroy();
        }
        return out;
    }
}
