package hearth.cli;

import hearth.base.Refused;
import hearth.policy.InvalidPolicy;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.databind.JsonNode;

/** A command that asks the appliance and prints a table, or with {@code --json} the objects. */
abstract class SocketCommand implements Callable<Integer> {
    @Option(names = "--json", description = "Print JSON.")
    boolean json;

    @Spec @Nullable CommandSpec spec;

    /** Asks, prints. What is refused becomes exit status 1 and its text. */
    abstract void run(SocketClient client, PrintWriter out)
            throws Refused, InvalidPolicy, IOException;

    @Override
    public Integer call() throws Exception {
        CommandSpec s = spec();
        PrintWriter out = s.commandLine().getOut();
        run(new SocketClient(HearthCli.socketOf(s)), out);
        out.flush();
        return HearthCli.DONE;
    }

    CommandSpec spec() {
        return HearthCli.set(spec);
    }

    Path socket() {
        return HearthCli.socketOf(spec());
    }

    static void printJson(PrintWriter out, JsonNode node) {
        out.println(
                SocketClient.JSON
                        .writer()
                        .with(new DefaultPrettyPrinter())
                        .writeValueAsString(node));
    }

    static String join(JsonNode array) {
        StringBuilder out = new StringBuilder();
        for (JsonNode n : array) {
            if (!out.isEmpty()) {
                out.append(',');
            }
            out.append(n.asString());
        }
        return out.isEmpty() ? "-" : out.toString();
    }

    /** The text of a field, {@code -} where there is none. */
    static String text(JsonNode object, String field) {
        String t = object.path(field).asString("");
        return t.isEmpty() ? "-" : t;
    }
}
