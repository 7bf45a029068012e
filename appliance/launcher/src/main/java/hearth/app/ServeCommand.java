package hearth.app;

import hearth.cli.HearthCli;
import java.io.IOException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code hearth serve}: runs the appliance until it is told to stop. */
@Command(name = "serve", description = "Run the appliance.")
final class ServeCommand extends SettingsCommand {
    @Override
    int run(Settings settings, SettingsReader reader, CommandLine line) {
        Logging.install();
        while (true) {
            try (Appliance appliance = Appliance.start(settings)) {
                appliance.announce(line.getOut());
                if (!appliance.awaitEnd()) {
                    return HearthCli.DONE;
                }
            } catch (IOException e) {
                line.getErr().println("hearth: " + HearthCli.reason(e));
                return HearthCli.REFUSED;
            }
        }
    }
}
