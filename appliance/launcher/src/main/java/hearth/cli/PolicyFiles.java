package hearth.cli;

import hearth.base.Problem;
import hearth.base.Refused;
import hearth.policy.InvalidPolicy;
import hearth.policy.Policy;
import hearth.policy.hujson.HuJson;
import hearth.policy.hujson.HuJsonException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The words of {@code hearth policy} that read, write and check policy texts. */
final class PolicyFiles {
    private static final String ACL = "/api/v2/tailnet/-/acl";
    private static final String HUJSON = "application/hujson";

    private PolicyFiles() {}

    @Command(name = "get", description = "Print the policy as it was saved.")
    static final class Get extends SocketCommand {
        @Override
        void run(SocketClient client, PrintWriter out) throws Refused {
            byte[] text = client.send("GET", ACL, null, json ? "application/json" : HUJSON);
            out.print(new String(text, StandardCharsets.UTF_8));
        }
    }

    @Command(name = "set", description = "Save a policy and put it in force.")
    static final class Set extends SocketCommand {
        @Parameters(index = "0", paramLabel = "FILE", description = "HuJSON; - for standard input.")
        Path file = Path.of("");

        @Override
        void run(SocketClient client, PrintWriter out) throws Refused, IOException {
            client.send("POST", ACL, read(file).getBytes(StandardCharsets.UTF_8), HUJSON);
        }
    }

    @Command(name = "history", description = "Saved policies, the newest first.")
    static final class History extends SocketCommand {
        @Override
        void run(SocketClient client, PrintWriter out) throws Refused {
            JsonNode versions = client.get("/api/hearth/policy/history");
            if (json) {
                printJson(out, versions);
                return;
            }
            Table table = new Table("VERSION", "TIME", "AUTHOR", "COMMENT");
            for (JsonNode v : versions) {
                table.add(
                        text(v, "version"), text(v, "time"), text(v, "author"), text(v, "comment"));
            }
            table.print(out);
        }
    }

    @Command(name = "rollback", description = "Save the text of an older version again.")
    static final class Rollback extends SocketCommand {
        @Parameters(index = "0", paramLabel = "N", description = "The version.")
        long version;

        @Override
        void run(SocketClient client, PrintWriter out) throws Refused {
            ObjectNode body = SocketClient.JSON.createObjectNode().put("version", version);
            client.post("/api/hearth/policy/rollback", body);
        }
    }

    /** A word that needs no server. */
    abstract static class OnText implements Callable<Integer> {
        @Spec @Nullable CommandSpec spec;

        abstract int run(PrintWriter out, PrintWriter err) throws Refused, IOException;

        @Override
        public Integer call() throws Exception {
            CommandSpec s = spec;
            if (s == null) {
                throw new IllegalStateException("not run by picocli");
            }
            PrintWriter out = s.commandLine().getOut();
            int status = run(out, s.commandLine().getErr());
            out.flush();
            return status;
        }
    }

    @Command(name = "check", description = "Tell what is wrong with a policy file.")
    static final class Check extends OnText {
        @Parameters(index = "0", paramLabel = "FILE", description = "HuJSON; - for standard input.")
        Path file = Path.of("");

        @Override
        int run(PrintWriter out, PrintWriter err) throws Refused, IOException {
            try {
                Policy.parse(read(file), Policy.Dialect.HEARTH);
                return HearthCli.DONE;
            } catch (InvalidPolicy e) {
                for (Problem p : e.problems()) {
                    err.println(p);
                }
                return HearthCli.REFUSED;
            }
        }
    }

    @Command(name = "format", description = "Lay a policy file out in the usual way.")
    static final class Format extends OnText {
        @Parameters(
                index = "0",
                arity = "0..1",
                defaultValue = "-",
                paramLabel = "FILE",
                description = "HuJSON; standard input without one.")
        Path file = Path.of("-");

        @Override
        int run(PrintWriter out, PrintWriter err) throws Refused, IOException {
            try {
                out.print(HuJson.format(read(file)));
                return HearthCli.DONE;
            } catch (HuJsonException e) {
                err.println(e.getMessage());
                return HearthCli.REFUSED;
            }
        }
    }

    static String read(Path file) throws Refused, IOException {
        if (file.toString().equals("-")) {
            return new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
        }
        if (!Files.isReadable(file)) {
            throw Refused.notFound("cannot read " + file);
        }
        return Files.readString(file);
    }
}
