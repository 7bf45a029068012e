package hearth.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The tables of docs/protocol/cases.md and docs/regressions.md name tests that are there. */
final class CasesTest {
    private static final Path ROOT = Path.of("../..");
    private static final Pattern NAMED = Pattern.compile("`([A-Z]\\w+)#(\\w+)`");
    private static final int FEWEST = 50;

    @ParameterizedTest
    @ValueSource(strings = {"docs/protocol/cases.md", "docs/regressions.md"})
    void everyTestThatTheTableNamesIsThere(String table) throws IOException {
        Map<String, String> sources = sources();
        List<String> missing = new ArrayList<>();
        Matcher m = NAMED.matcher(Files.readString(ROOT.resolve(table)));
        int named = 0;
        while (m.find()) {
            named++;
            String source = sources.getOrDefault(m.group(1) + ".java", "");
            if (!source.contains("void " + m.group(2) + "(")) {
                missing.add(m.group());
            }
        }
        assertEquals(List.of(), missing);
        assertTrue(named >= FEWEST, "only " + named + " tests are named");
    }

    /** Every test source, by its file's name. */
    private static Map<String, String> sources() throws IOException {
        Map<String, String> all = new HashMap<>();
        for (String part : List.of("appliance", "webui")) {
            all.putAll(sources(ROOT.resolve(part)));
        }
        return all;
    }

    private static Map<String, String> sources(Path part) throws IOException {
        Map<String, String> all = new HashMap<>();
        try (var files = Files.walk(part)) {
            files.filter(
                            f ->
                                    f.toString().contains("src/test/java")
                                            && f.toString().endsWith(".java"))
                    .forEach(f -> all.put(String.valueOf(f.getFileName()), read(f)));
        }
        return all;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
