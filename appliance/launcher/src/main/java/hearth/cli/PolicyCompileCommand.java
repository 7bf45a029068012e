package hearth.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import hearth.policy.Policy;
import hearth.policy.PolicyCase;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code hearth policy compile --batch}: one case a line on standard input, one answer a line on
 * standard output ({@link PolicyCase}), both UTF-8. Needs no server. Exit status 0 when every line
 * was answered, 1 when one is not a case, 2 on wrong usage.
 */
@Command(name = "compile", description = "Compile policies of cases, without a server.")
final class PolicyCompileCommand implements Callable<Integer> {
    @Option(names = "--batch", description = "Read cases from standard input, one a line.")
    boolean batch;

    @Option(
            names = "--dialect",
            paramLabel = "tailscale|hearth",
            description = "The language of the policies; hearth unless told otherwise.")
    String dialect = "hearth";

    @Spec @Nullable CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        CommandSpec s = HearthCli.set(spec);
        if (!batch) {
            throw new ParameterException(s.commandLine(), "compile: expected --batch");
        }
        Policy.Dialect language =
                switch (dialect.toLowerCase(Locale.ROOT)) {
                    case "tailscale" -> Policy.Dialect.TAILSCALE;
                    case "hearth" -> Policy.Dialect.HEARTH;
                    default ->
                            throw new ParameterException(
                                    s.commandLine(),
                                    "--dialect \"" + dialect + "\": expected tailscale or hearth");
                };
        // not the console's writer: its encoding may not know every character
        try (OutputStream out =
                new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16)) {
            return run(System.in, out, s.commandLine().getErr(), language);
        }
    }

    static int run(InputStream in, OutputStream out, PrintWriter errors, Policy.Dialect dialect)
            throws IOException {
        JsonMapper json = JsonMapper.shared();
        BufferedReader lines = new BufferedReader(new InputStreamReader(in, UTF_8));
        int status = HearthCli.DONE;
        int number = 0;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            number++;
            if (line.isBlank()) {
                continue;
            }
            try {
                JsonNode answer = PolicyCase.answer(json.readTree(line), dialect);
                out.write((answer + "\n").getBytes(UTF_8));
                out.flush();
            } catch (JacksonException | IllegalArgumentException e) {
                errors.println("line " + number + ": not a case: " + firstLine(e));
                errors.flush();
                status = HearthCli.REFUSED;
            } catch (
                    RuntimeException
                            e) { // a fault of ours: the other cases are answered all the same
                errors.println("line " + number + ": " + e);
                errors.flush();
                status = HearthCli.REFUSED;
            }
        }
        return status;
    }

    private static String firstLine(RuntimeException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }
}
