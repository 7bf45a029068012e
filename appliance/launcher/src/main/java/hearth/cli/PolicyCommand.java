package hearth.cli;

import picocli.CommandLine.Command;

/** {@code hearth policy}. */
@Command(
        name = "policy",
        description = "Who may reach what.",
        subcommands = {PolicyCompileCommand.class})
final class PolicyCommand extends CommandGroup {}
