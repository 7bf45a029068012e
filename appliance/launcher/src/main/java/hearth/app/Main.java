package hearth.app;

import hearth.cli.HearthCli;
import java.util.Map;
import picocli.CommandLine;

/** The program: {@code hearth serve} or a command against a running one. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.exit(commandLine(System.getenv()).execute(args));
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
