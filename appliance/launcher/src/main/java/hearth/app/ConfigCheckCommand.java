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
            table.add(
                    key.word(),
                    given == null ? otherwise(key, settings) : given.text(),
                    given == null ? "default" : given.origin());
        }
        table.print(line.getOut());
        line.getOut().flush();
        return HearthCli.DONE;
    }

    /** What holds where nothing was given; in words where the start decides. */
    private static String otherwise(SettingKey key, Settings settings) {
        return switch (key) {
            case STATE_DIR -> settings.stateDir().toString();
            case SERVER_URL -> "the default route's address";
            case LISTEN -> "all addresses";
            case HTTPS_PORT -> "443, or 8443 where it cannot be bound";
            case HTTP_PORT -> "80, or 8080 where it cannot be bound";
            case STUN_PORT -> String.valueOf(settings.stunPort());
            case WIREGUARD_PORT -> "41641, or 41642 where it is taken";
            case TLS_CERT -> "a self-signed one";
            case TLS_KEY -> "a self-signed one's";
            case SOCKET -> settings.socket().toString();
            case TUN -> settings.tun();
            case ADVERTISE_ROUTES -> "the private networks found";
            case MASQUERADE -> settings.masquerade() ? "on" : "off";
            case BASE_DOMAIN -> settings.baseDomain();
            case TRUSTED_PROXIES -> "none";
        };
    }
}
