package hearth.app;

import hearth.base.Problem;
import hearth.cli.HearthCli;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A command that takes every setting as a flag, and a file of them. */
abstract class SettingsCommand implements Callable<Integer> {
    @Spec @Nullable CommandSpec spec;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "JSON with comments; its keys are the flags' names.")
    @Nullable Path config;

    /** With a flag for each setting; {@code --socket} is every command's. */
    static CommandLine line(SettingsCommand command) {
        var line = new CommandLine(command);
        for (SettingKey key : SettingKey.values()) {
            if (key != SettingKey.SOCKET) {
                line.getCommandSpec()
                        .addOption(
                                OptionSpec.builder(key.flag())
                                        .paramLabel(key.label)
                                        .description(key.description)
                                        .type(String.class)
                                        .build());
            }
        }
        return line;
    }

    @Override
    public Integer call() throws Exception {
        CommandSpec s = HearthCli.set(spec);
        boolean root = "root".equals(System.getProperty("user.name"));
        var reader = new SettingsReader(root, System.getenv());
        try {
            return run(reader.read(config, flags(s)), reader, s.commandLine());
        } catch (SettingsReader.InvalidSettings e) {
            for (Problem p : e.problems()) {
                s.commandLine()
                        .getErr()
                        .println("hearth: " + (p.line() > 0 ? p.toString() : p.text()));
            }
            return HearthCli.USAGE;
        }
    }

    /** With settings that are good; {@code reader} knows where each came from. */
    abstract int run(Settings settings, SettingsReader reader, CommandLine line);

    private static Map<SettingKey, String> flags(CommandSpec s) {
        Map<SettingKey, String> flags = new EnumMap<>(SettingKey.class);
        for (SettingKey key : SettingKey.values()) {
            OptionSpec option = s.findOption(key.flag());
            Object given = key == SettingKey.SOCKET ? HearthCli.givenSocket(s) : valueOf(option);
            if (given != null) {
                flags.put(key, given.toString());
            }
        }
        return flags;
    }

    private static @Nullable Object valueOf(@Nullable OptionSpec option) {
        return option == null ? null : option.getValue();
    }
}
