package hearth.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.policy.Policy;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

final class PolicyCompileCommandTest {
    private static final String CASE =
            """
            {"id": "a", "owner": "ana@example.com", "policy": %s, "topology": {"users": [\
            {"id": 1, "name": "ana", "email": "ana@example.com"}], "nodes": {"nas": {"user": "ana",\
             "tags": [], "ipv4": "100.64.0.1", "ipv6": "fd7a:115c:a1e0::1", "routable_ips": [],\
             "approved_routes": []}}}}
            """;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final StringWriter errors = new StringWriter();

    private int run(String input) throws IOException {
        return PolicyCompileCommand.run(
                new ByteArrayInputStream(input.getBytes(UTF_8)),
                out,
                new PrintWriter(errors),
                Policy.Dialect.TAILSCALE);
    }

    @Test
    void answersEachCaseOnALine() throws IOException {
        assertEquals(0, run(CASE.formatted("{}") + CASE.formatted("\"{\\\"acls\\\": 1}\"")));
        String[] lines = out.toString(UTF_8).split("\n", -1);
        assertEquals(3, lines.length);
        assertTrue(lines[0].startsWith("{\"id\":\"a\",\"status\":200,\"nodes\":{\"nas\":"));
        assertTrue(lines[1].contains("\"status\":400"), lines[1]);
    }

    @Test
    void namesTheLineThatIsNoCase() throws IOException {
        assertEquals(1, run("\nnonsense\n" + CASE.formatted("{}")));
        assertTrue(errors.toString().startsWith("line 2: not a case: "), errors.toString());
        assertEquals(1, out.toString(UTF_8).lines().count());
    }

    @Test
    void refusesOtherUsage() {
        CommandLine line = HearthCli.commandLine(Map.of());
        line.setErr(new PrintWriter(errors));
        assertEquals(2, line.execute("policy", "compile"));
        assertEquals(2, line.execute("policy", "compile", "--batch", "--dialect", "klingon"));
    }
}
