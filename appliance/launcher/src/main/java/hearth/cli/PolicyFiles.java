package hearth.cli;

import hearth.base.Problem;
import hearth.base.Refused;
import hearth.policy.InvalidPolicy;
import hearth.policy.Policy;
import hearth.policy.hujson.HuJson;
import hearth.policy.hujson.HuJsonException;
import hearth.policy.hujson.Positions;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The words of {@code hearth policy} that read, write and check policy texts. */
final class PolicyFiles {
    private static final String ACL = "/api/v2/tailnet/-/acl";
    private static final String HUJSON = "application/hujson";
    private static final int MAX_BYTES = 4 << 20;

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

        @Option(names = "--comment", paramLabel = "TEXT", description = "A note for the history.")
        String comment = "";

        @Override
        void run(SocketClient client, PrintWriter out) throws Refused, InvalidPolicy, IOException {
            client.policy(
                    ACL + "?details=1&comment=" + SocketClient.escape(comment),
                    readFilled(file).getBytes(StandardCharsets.UTF_8),
                    HUJSON);
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
        @Parameters(
                index = "0",
                paramLabel = "N",
                converter = Version.class,
                description = "The version.")
        long version;

        @Override
        void run(SocketClient client, PrintWriter out) throws Refused, InvalidPolicy {
            ObjectNode body = SocketClient.JSON.createObjectNode().put("version", version);
            client.policy(
                    "/api/hearth/policy/rollback",
                    SocketClient.JSON.writeValueAsBytes(body),
                    SocketClient.JSON_TYPE);
        }
    }

    private static final class Version implements ITypeConverter<Long> {
        @Override
        public Long convert(String text) {
            if (!text.matches("[0-9]{1,18}")) {
                throw new TypeConversionException(
                        '"' + text + "\": expected a number, as hearth policy history lists them");
            }
            return Long.parseLong(text);
        }
    }

    /** A word that needs no server. */
    abstract static class OnText implements Callable<Integer> {
        @Spec @Nullable CommandSpec spec;

        abstract void run(PrintWriter out) throws Refused, InvalidPolicy, IOException;

        @Override
        public Integer call() throws Exception {
            PrintWriter out = HearthCli.set(spec).commandLine().getOut();
            run(out);
            out.flush();
            return HearthCli.DONE;
        }
    }

    @Command(name = "check", description = "Tell what is wrong with a policy file.")
    static final class Check extends OnText {
        @Parameters(index = "0", paramLabel = "FILE", description = "HuJSON; - for standard input.")
        Path file = Path.of("");

        @Override
        void run(PrintWriter out) throws Refused, InvalidPolicy, IOException {
            Policy.parse(read(file), Policy.Dialect.HEARTH);
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
        void run(PrintWriter out) throws Refused, InvalidPolicy, IOException {
            String text = read(file);
            try {
                out.print(HuJson.format(text));
            } catch (HuJsonException e) {
                Policy.parse(text, Policy.Dialect.HEARTH); // says the same with its place
                throw Refused.invalid(String.valueOf(e.getMessage()));
            }
        }
    }

    /** A policy that is put in force: an empty text, which would set it back, is a mistake here. */
    static String readFilled(Path file) throws Refused, InvalidPolicy, IOException {
        String text = read(file);
        if (text.isBlank()) {
            Policy.parse(text, Policy.Dialect.HEARTH);
        }
        return text;
    }

    /** The file's text, or standard input's for {@code -}: UTF-8, as long as a policy may be. */
    static String read(Path file) throws Refused, InvalidPolicy, IOException {
        byte[] bytes;
        if (file.toString().equals("-")) {
            bytes = System.in.readNBytes(MAX_BYTES + 1);
        } else if (!Files.isReadable(file) || Files.isDirectory(file)) {
            throw Refused.notFound("cannot read " + file);
        } else {
            try (InputStream in = Files.newInputStream(file)) {
                bytes = in.readNBytes(MAX_BYTES + 1);
            }
        }
        if (bytes.length > MAX_BYTES) {
            throw Refused.invalid(file + " is larger than 4 MiB, the most that a policy may have");
        }
        CharBuffer text = CharBuffer.allocate(bytes.length);
        if (StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(bytes), text, true)
                .isError()) {
            String before = text.flip().toString();
            Problem problem =
                    new Positions(before).problem("", before.length(), "utf-8", "not UTF-8");
            throw new InvalidPolicy(List.of(problem));
        }
        return text.flip().toString();
    }
}
