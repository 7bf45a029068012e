package hearth.app;

import hearth.base.Problem;
import hearth.cli.HearthCli;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code hearth serve}: runs the appliance until it is told to stop. */
@Command(name = "serve", description = "Run the appliance.")
final class ServeCommand implements Callable<Integer> {
    @Spec @Nullable CommandSpec spec;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "JSON with comments; its keys are the flags' names.")
    @Nullable Path config;

    @Option(names = "--state-dir", paramLabel = "DIR", description = "Database and keys.")
    @Nullable String stateDir;

    @Option(names = "--server-url", paramLabel = "URL", description = "What clients log in to.")
    @Nullable String serverUrl;

    @Option(
            names = "--listen",
            paramLabel = "ADDRESS",
            description = "The one address to listen on.")
    @Nullable String listen;

    @Option(names = "--https-port", paramLabel = "443", description = "Clients, relay, pages.")
    @Nullable String httpsPort;

    @Option(
            names = "--http-port",
            paramLabel = "80",
            description = "Clients without a certificate.")
    @Nullable String httpPort;

    @Option(names = "--stun-port", paramLabel = "3478", description = "STUN; the next port too.")
    @Nullable String stunPort;

    @Option(names = "--wireguard-port", paramLabel = "41641", description = "WireGuard.")
    @Nullable String wireguardPort;

    @Option(names = "--tls-cert", paramLabel = "FILE", description = "Certificate chain, PEM.")
    @Nullable String tlsCert;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "Its key, PEM.")
    @Nullable String tlsKey;

    @Option(names = "--tun", paramLabel = "NAME|off", description = "The tunnel interface.")
    @Nullable String tun;

    @Option(
            names = "--advertise-routes",
            paramLabel = "CIDR,...",
            description = "Instead of the networks found.")
    @Nullable String advertiseRoutes;

    @Option(
            names = "--base-domain",
            paramLabel = "NAME",
            description = "Below which devices are named.")
    @Nullable String baseDomain;

    @Option(
            names = "--trusted-proxies",
            paramLabel = "ADDRESS,...",
            description = "Proxies whose X-Forwarded-For and -Proto count.")
    @Nullable String trustedProxies;

    @Override
    public Integer call() throws Exception {
        CommandSpec s = spec;
        if (s == null) {
            throw new IllegalStateException("not run by picocli");
        }
        var err = s.commandLine().getErr();
        Settings settings;
        try {
            boolean root = "root".equals(System.getProperty("user.name"));
            settings = new SettingsReader(root, System.getenv()).read(config, flags(s));
        } catch (SettingsReader.InvalidSettings e) {
            for (Problem p : e.problems()) {
                err.println("hearth: " + (p.line() > 0 ? p.toString() : p.text()));
            }
            return HearthCli.USAGE;
        }
        Logging.install();
        while (true) {
            try (Appliance appliance = Appliance.start(settings)) {
                appliance.announce(s.commandLine().getOut());
                if (!appliance.awaitEnd()) {
                    return HearthCli.DONE;
                }
            } catch (IOException e) {
                err.println("hearth: " + e.getMessage());
                return HearthCli.REFUSED;
            }
        }
    }

    /** What was given on the command line, named as in the file. */
    private static Map<String, String> flags(CommandSpec s) {
        Map<String, String> flags = new LinkedHashMap<>();
        for (OptionSpec option : s.options()) {
            if (option.getValue() instanceof String text) {
                flags.put(option.longestName().substring(2), text);
            }
        }
        Path socket = HearthCli.givenSocket(s);
        if (socket != null) {
            flags.put("socket", socket.toString());
        }
        return flags;
    }
}
