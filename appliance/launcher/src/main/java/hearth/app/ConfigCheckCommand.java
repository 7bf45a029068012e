package hearth.app;

import hearth.cli.HearthCli;
import hearth.cli.Table;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * {@code hearth config check}: what {@code hearth serve} with the same words would run with, and
 * where each value comes from. Every problem is told, with exit status 2.
 */
@Command(name = "check", description = "Show the settings and where each comes from.")
final class ConfigCheckCommand extends SettingsCommand {
    @Override
    int run(Settings settings, SettingsReader reader, CommandLine line) {
        var table = new Table("KEY", "VALUE", "FROM");
        for (SettingKey key : SettingKey.values()) {
            SettingsReader.Value given = reader.given(key);
            String value =
                    switch (key) {
                        case STATE_DIR -> settings.stateDir().toString();
                        case SOCKET -> settings.socket().toString();
                        default -> given == null ? key.otherwise : given.text();
                    };
            table.add(key.word(), value, given == null ? "default" : given.origin());
        }
        table.print(line.getOut());
        line.getOut().flush();
        return HearthCli.DONE;
    }
}
