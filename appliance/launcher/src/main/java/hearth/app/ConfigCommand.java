package hearth.app;

import hearth.cli.CommandGroup;
import picocli.CommandLine.Command;

/** {@code hearth config}: what the appliance is told at its start. */
@Command(name = "config", description = "Settings of the program.")
final class ConfigCommand extends CommandGroup {}
