package hearth.cli;

import picocli.CommandLine.Command;

/** {@code hearth policy}. */
@Command(
        name = "policy",
        description = "Who may reach what.",
        subcommands = {
            PolicyFiles.Get.class,
            PolicyFiles.Set.class,
            PolicyFiles.Check.class,
            PolicyFiles.Format.class,
            PolicyFiles.History.class,
            PolicyFiles.Rollback.class,
            PolicyAnswers.Test.class,
            PolicyAnswers.Explain.class,
            PolicyAnswers.Diff.class,
            PolicyNames.Names.class,
            PolicyNames.Bind.class,
            PolicyCompileCommand.class
        })
final class PolicyCommand extends CommandGroup {}
