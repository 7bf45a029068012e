package hearth.app;

import hearth.cli.HearthCli;
import picocli.CommandLine;

/** The program: {@code hearth serve} or a command against a running one. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        CommandLine line = HearthCli.commandLine(System.getenv());
        line.addSubcommand(new ServeCommand());
        System.exit(line.execute(args));
    }
}
