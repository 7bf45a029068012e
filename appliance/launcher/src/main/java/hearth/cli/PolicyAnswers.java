package hearth.cli;

import hearth.base.Refused;
import hearth.policy.InvalidPolicy;
import hearth.policy.Policy;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The words of {@code hearth policy} that ask what a policy means for the devices there are. */
final class PolicyAnswers {
    private PolicyAnswers() {}

    @Command(
            name = "test",
            description = "Run a policy's own tests; the saved one's without a file.")
    static final class Test extends SocketCommand {
        @Parameters(index = "0", arity = "0..1", paramLabel = "FILE", description = "HuJSON.")
        @Nullable Path file;

        @Override
        void run(SocketClient client, PrintWriter out) throws Refused, InvalidPolicy, IOException {
            String text = file == null ? "" : PolicyFiles.readFilled(file);
            client.policy(
                    "/api/hearth/policy/test",
                    text.getBytes(StandardCharsets.UTF_8),
                    "application/hujson");
            if (!json) {
                out.println("all tests passed");
            }
        }
    }

    @Command(name = "explain", description = "Which line decides about a flow, and why.")
    static final class Explain extends SocketCommand {
        @Option(
                names = "--src",
                required = true,
                paramLabel = "S",
                description = "Device, address, user, tag or group.")
        String source = "";

        @Option(names = "--dst", required = true, paramLabel = "D", description = "The same.")
        String destination = "";

        @Option(
                names = "--port",
                required = true,
                paramLabel = "N",
                description = "0 where there are none.")
        int port;

        @Option(names = "--proto", paramLabel = "P", description = "tcp unless said.")
        String protocol = "tcp";

        @Override
        void run(SocketClient client, PrintWriter out) throws Refused {
            JsonNode answers =
                    client.get(
                            "/api/hearth/policy/explain?src="
                                    + SocketClient.escape(source)
                                    + "&dst="
                                    + SocketClient.escape(destination)
                                    + "&port="
                                    + port
                                    + "&proto="
                                    + SocketClient.escape(protocol));
            if (answers.size() >= hearth.policy.Explain.MOST_ANSWERS) {
                spec().commandLine()
                        .getErr()
                        .println(
                                "hearth: only the first "
                                        + answers.size()
                                        + " pairs were looked at");
            }
            if (json) {
                printJson(out, answers);
                return;
            }
            if (answers.isEmpty()) {
                out.println("a device always reaches itself");
            }
            for (JsonNode a : answers) {
                out.println(
                        text(a, "source")
                                + " -> "
                                + text(a, "destination")
                                + " "
                                + text(a, "protocol")
                                + "/"
                                + a.path("port").asInt()
                                + ": "
                                + (a.path("allowed").asBoolean() ? "allowed" : "refused"));
                out.println("  " + text(a, "reason"));
                if (a.path("decides").isObject()) {
                    out.println("  " + shown(a.path("decides")));
                }
                for (JsonNode m : a.path("misses")) {
                    out.println("  nearly: " + shown(m.path("line")) + ": " + text(m, "why"));
                }
            }
        }

        private static String shown(JsonNode line) {
            return "line " + line.path("line").asInt() + ": " + text(line, "rule");
        }
    }

    @Command(name = "diff", description = "Who gains and who loses between two policy files.")
    static final class Diff extends SocketCommand {
        @Parameters(index = "0", paramLabel = "A", description = "HuJSON.")
        Path before = Path.of("");

        @Parameters(index = "1", paramLabel = "B", description = "HuJSON.")
        Path after = Path.of("");

        @Override
        void run(SocketClient client, PrintWriter out) throws Refused, InvalidPolicy, IOException {
            ObjectNode texts =
                    SocketClient.JSON
                            .createObjectNode()
                            .put("before", checked(before))
                            .put("after", checked(after));
            JsonNode preview =
                    client.policy(
                            "/api/hearth/policy/diff",
                            SocketClient.JSON.writeValueAsBytes(texts),
                            SocketClient.JSON_TYPE);
            if (json) {
                printJson(out, preview);
                return;
            }
            for (JsonNode c : preview.path("changes")) {
                out.println(
                        (c.path("gains").asBoolean() ? "+ " : "- ")
                                + join(c.path("sources"))
                                + " -> "
                                + text(c, "destination")
                                + " "
                                + text(c, "traffic"));
            }
            for (JsonNode n : preview.path("notes")) {
                out.println(
                        "* "
                                + text(n, "topic")
                                + ": "
                                + text(n, "text")
                                + (n.path("devices").isEmpty()
                                        ? ""
                                        : " (" + join(n.path("devices")) + ")"));
            }
            if (!preview.path("complete").asBoolean(true)) {
                out.println("* there is more than is listed here");
            }
        }

        /** Says which of the two files is wrong. */
        private String checked(Path file) throws Refused, InvalidPolicy, IOException {
            String text = PolicyFiles.read(file);
            try {
                Policy.parse(text, Policy.Dialect.HEARTH);
            } catch (InvalidPolicy e) {
                spec().commandLine().getErr().println("hearth: " + file + " is not valid");
                throw e;
            }
            return text;
        }
    }
}
