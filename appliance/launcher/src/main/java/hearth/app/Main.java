package hearth.app;

import hearth.cli.HearthCli;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** The program: {@code hearth serve} or a command against a running one. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        CommandLine line = commandLine(System.getenv());
        var output = new Output();
        var out = new PrintWriter(new OutputStreamWriter(output, System.out.charset()));
        int status = line.setOut(out).execute(args);
        out.flush();
        if (status == HearthCli.DONE && output.lost != null) {
            line.getErr().println("hearth: cannot write standard output: " + output.lost);
            status = HearthCli.REFUSED;
        }
        System.exit(status);
    }

    /**
     * Standard output that remembers why it took no more; a reader that left early is no failure.
     */
    private static final class Output extends FilterOutputStream {
        private @Nullable String lost;

        Output() {
            super(new FileOutputStream(FileDescriptor.out));
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                out.write(bytes, offset, length);
            } catch (IOException e) {
                String why = String.valueOf(e.getMessage());
                if (!why.contains("Broken pipe")) {
                    lost = why;
                }
                throw e;
            }
        }
    }

    static CommandLine commandLine(Map<String, String> environment) {
        CommandLine line = HearthCli.commandLine(environment);
        CommandLine config = new CommandLine(new ConfigCommand());
        config.addSubcommand(SettingsCommand.line(new ConfigCheckCommand()));
        line.addSubcommand(config);
        line.addSubcommand(SettingsCommand.line(new ServeCommand()));
        return line;
    }
}
