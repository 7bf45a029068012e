package hearth.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A word that needs another one behind it. */
public abstract class CommandGroup implements Callable<Integer> {
    @Spec @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        CommandSpec s = HearthCli.set(spec);
        throw new ParameterException(
                s.commandLine(),
                s.name() + ": expected one of " + String.join(", ", s.subcommands().keySet()));
    }
}
