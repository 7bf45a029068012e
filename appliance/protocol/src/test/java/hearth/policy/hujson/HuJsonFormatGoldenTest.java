package hearth.policy.hujson;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Layout and errors of the Go module, as {@link HujsonFormatInteropIT} compares them at length. */
final class HuJsonFormatGoldenTest {
    static List<JsonNode> cases() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(
                        HuJsonFormatGoldenTest.class.getResourceAsStream(
                                "/golden/hujson-format.jsonl"))) {
            JsonMapper mapper = new JsonMapper();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(mapper::readTree)
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void laysOutAsTheGoModule(JsonNode c) {
        String text = c.get("in").asString();
        if (c.has("error")) {
            assertEquals(c.get("error").asString(), HuJsonFuzz.errorOf(text));
        } else {
            assertEquals(c.get("out").asString(), HuJsonFuzz.format(text));
        }
    }
}
