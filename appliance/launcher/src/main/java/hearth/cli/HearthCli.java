package hearth.cli;

import hearth.base.Refused;
import hearth.policy.InvalidPolicy;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The root of the command line. Exit status: 0 done, 1 refused (the reason on standard error; of a
 * policy every problem as {@code line:column: text}), 2 wrong usage.
 */
@Command(
        name = "hearth",
        description = "A tailnet in a box.",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        version = "hearth " + HearthCli.VERSION,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            StatusCommand.class,
            NodesCommand.class,
            KeysCommand.class,
            RoutesCommand.class,
            UsersCommand.class,
            LoginsCommand.class,
            DnsCommand.class,
            PolicyCommand.class,
            AuditCommand.class,
            BackupCommand.class,
            RestoreCommand.class,
            SetCommand.class
        })
public final class HearthCli {
    /** The program's; the same as the pom's. */
    public static final String VERSION = "0.1.0";

    public static final int DONE = 0;
    public static final int REFUSED = 1;
    public static final int USAGE = 2;

    /** Where an appliance listens that is run as root. */
    public static final Path SYSTEM_SOCKET = Path.of("/run/hearth/hearth.sock");

    /** The state directory of an appliance that is run as root. */
    public static final Path SYSTEM_STATE_DIR = Path.of("/var/lib/hearth");

    @Option(
            names = "--socket",
            paramLabel = "PATH",
            scope = ScopeType.INHERIT,
            description = "The appliance's unix socket.")
    @Nullable Path socket;

    private Path defaultSocket = SYSTEM_SOCKET;

    /** The spec that picocli sets before it runs a command. */
    public static CommandSpec set(@Nullable CommandSpec spec) {
        if (spec == null) {
            throw new IllegalStateException("not run by picocli");
        }
        return spec;
    }

    /** The socket that this run was told, or the usual one. */
    static Path socketOf(CommandSpec spec) {
        HearthCli root = (HearthCli) spec.root().userObject();
        Path given = root.socket;
        return given == null ? root.defaultSocket : given;
    }

    /** The socket named by {@code --socket}, or null. */
    public static @Nullable Path givenSocket(CommandSpec spec) {
        return ((HearthCli) spec.root().userObject()).socket;
    }

    /** The usual socket: HEARTH_SOCKET, the system's if it is there, the user's own. */
    static Path usualSocket(Map<String, String> environment, Path system) {
        String named = environment.getOrDefault("HEARTH_SOCKET", "");
        if (!named.isEmpty()) {
            return Path.of(named);
        }
        Path own = UserPlaces.socket(environment);
        return !Files.exists(system) && Files.exists(own) ? own : system;
    }

    /** The command line with all its commands; {@code environment} gives HEARTH_SOCKET. */
    public static CommandLine commandLine(Map<String, String> environment) {
        HearthCli root = new HearthCli();
        root.defaultSocket = usualSocket(environment, SYSTEM_SOCKET);
        CommandLine line = new CommandLine(root);
        line.setExecutionExceptionHandler(
                (e, command, _) -> {
                    if (e instanceof InvalidPolicy invalid) {
                        invalid.problems().forEach(command.getErr()::println);
                        return REFUSED;
                    }
                    command.getErr().println("hearth: " + reason(e));
                    return REFUSED;
                });
        line.setParameterExceptionHandler(
                (e, _) -> {
                    CommandLine command = e.getCommandLine();
                    command.getErr().println("hearth: " + usage(e));
                    command.getErr()
                            .println(
                                    "try: " + command.getCommandSpec().qualifiedName() + " --help");
                    return USAGE;
                });
        return line;
    }

    /** Why a command was not done. Messages about files say the file alone, so the rest is here. */
    public static String reason(Exception e) {
        return switch (e) {
            case NoSuchFileException f -> f.getFile() + ": no such file or directory";
            case AccessDeniedException f -> f.getFile() + ": permission denied";
            case FileAlreadyExistsException f -> f.getFile() + ": exists already";
            case Refused _, IOException _ -> String.valueOf(e.getMessage());
            default -> e.toString();
        };
    }

    private static String usage(ParameterException e) {
        return e instanceof UnmatchedArgumentException u && !u.isUnknownOption()
                ? "unexpected \"" + String.join(" ", u.getUnmatched()) + "\""
                : String.valueOf(e.getMessage());
    }
}
