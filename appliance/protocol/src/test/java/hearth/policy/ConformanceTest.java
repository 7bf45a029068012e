package hearth.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Compares our answers with what Tailscale's service answered to the recorded policies. */
final class ConformanceTest {
    private static final JsonMapper JSON = JsonMapper.shared();

    @Test
    void agreesWithTheService() throws IOException {
        Optional<Path> folder = folder();
        assumeTrue(
                folder.isPresent(),
                "no conformance cases: shared/conformance lies neither beside the checkout nor in"
                        + " HEARTH_SHARED");
        List<String> disagreements = new ArrayList<>();
        int cases = 0;
        for (Path file : files(folder.get().resolve("policy"))) {
            for (String line : Files.readAllLines(file)) {
                if (line.isBlank()) {
                    continue;
                }
                cases++;
                JsonNode wanted = JSON.readTree(line);
                // through text, as the batch command gives it
                JsonNode got =
                        JSON.readTree(
                                PolicyCase.answer(wanted, Policy.Dialect.TAILSCALE).toString());
                for (String d : CaseComparison.differences(wanted, got)) {
                    disagreements.add(wanted.path("id").asString() + ": " + d);
                }
            }
        }
        assertFalse(cases == 0, "the folder holds no case");
        assertEquals(List.of(), disagreements, cases + " cases compared");
    }

    /** A policy that the service accepts means the same in our dialect. */
    @Test
    void acceptedPoliciesMeanTheSameInBothDialects() throws IOException {
        Optional<Path> folder = folder();
        assumeTrue(folder.isPresent(), "no conformance cases beside the checkout");
        List<String> disagreements = new ArrayList<>();
        int accepted = 0;
        for (Path file : files(folder.get().resolve("policy"))) {
            for (String line : Files.readAllLines(file)) {
                JsonNode wanted = line.isBlank() ? JSON.nullNode() : JSON.readTree(line);
                if (wanted.path("status").asInt(0) != 200) {
                    continue;
                }
                accepted++;
                String ours = PolicyCase.answer(wanted, Policy.Dialect.HEARTH).toString();
                if (!ours.equals(PolicyCase.answer(wanted, Policy.Dialect.TAILSCALE).toString())) {
                    CaseComparison.differences(wanted, JSON.readTree(ours))
                            .forEach(
                                    d ->
                                            disagreements.add(
                                                    wanted.path("id").asString() + ": " + d));
                }
            }
        }
        assertFalse(accepted == 0, "no accepted policy in the folder");
        assertEquals(List.of(), disagreements);
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> s = Files.list(folder)) {
            return s.filter(p -> p.toString().endsWith(".jsonl")).sorted().toList();
        }
    }

    private static Optional<Path> folder() {
        String given = System.getProperty("HEARTH_SHARED", System.getenv("HEARTH_SHARED"));
        Path shared = given == null ? besideCheckout() : Path.of(given);
        Path cases = shared.resolve("conformance");
        return Files.isDirectory(cases.resolve("policy")) ? Optional.of(cases) : Optional.empty();
    }

    private static Path besideCheckout() {
        Path at = Path.of("").toAbsolutePath();
        while (at.getParent() != null && !Files.exists(at.resolve("mvnw"))) {
            at = at.getParent();
        }
        return at.resolveSibling("shared");
    }
}
