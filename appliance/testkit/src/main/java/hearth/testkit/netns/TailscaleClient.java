package hearth.testkit.netns;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An official client on a host: {@code tailscaled} with a TUN of its own, its /etc behind an
 * overlay so that several on one machine do not share backup files.
 */
public final class TailscaleClient {
    private final Host host;
    private final String version;
    private final Path state;
    private final Map<String, String> environment = new HashMap<>();
    private @Nullable Process daemon;

    /** {@code caFile}: certificates the client trusts, or null for the machine's own. */
    public TailscaleClient(Host host, String version, @Nullable Path caFile) {
        this.host = host;
        this.version = version;
        this.state = host.dir().resolve("tailscale-" + version);
        environment.put("TS_NO_LOGS_NO_SUPPORT", "true");
        environment.put("HOME", host.dir().toString());
        if (caFile != null) {
            environment.put("SSL_CERT_FILE", caFile.toString());
        }
    }

    public Host host() {
        return host;
    }

    public String version() {
        return version;
    }

    /** Starts the daemon and waits until its socket answers. */
    public TailscaleClient start(String... flags) {
        try {
            Files.createDirectories(state);
            Path overlay = Files.createDirectories(host.dir().resolve("etc"));
            Files.createDirectories(overlay.resolve("upper"));
            Files.createDirectories(overlay.resolve("work"));
            Path resolv = overlay.resolve("upper/resolv.conf");
            if (!Files.exists(resolv)) {
                Files.writeString(resolv, "nameserver 127.0.0.1\n");
            }
            Path hosts = overlay.resolve("upper/hosts");
            Files.copy(
                    Path.of("/etc/netns", host.namespace(), "hosts"),
                    hosts,
                    StandardCopyOption.REPLACE_EXISTING);
            String script =
                    "umount /etc/resolv.conf /etc/hosts 2>/dev/null;"
                            + " mount -t tmpfs tmpfs /run;"
                            + " mount -t overlay overlay -o lowerdir=/etc,upperdir="
                            + overlay.resolve("upper")
                            + ",workdir="
                            + overlay.resolve("work")
                            + " /etc && exec \"$@\"";
            List<String> words =
                    new ArrayList<>(
                            List.of(
                                    "unshare",
                                    "-m",
                                    "bash",
                                    "-c",
                                    script,
                                    "tailscaled",
                                    Peers.program(version + "/tailscaled").toString(),
                                    "--statedir=" + state,
                                    "--socket=" + socket(),
                                    "--tun=tailscale0",
                                    "--port=41641"));
            words.addAll(List.of(flags));
            daemon = host.start("tailscaled", environment, words.toArray(new String[0]));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Waiting.until("tailscaled answers", Duration.ofSeconds(20), () -> Files.exists(socket()));
        return this;
    }

    /** Ends the daemon as a reboot does; its state stays. */
    public void stop() {
        Process d = daemon;
        if (d != null) {
            Host.end(d);
        }
    }

    public long pid() {
        Process d = daemon;
        if (d == null) {
            throw new IllegalStateException("not started");
        }
        return d.pid();
    }

    private Path socket() {
        return state.resolve("s");
    }

    /** {@code tailscale WORDS}. */
    public Command.Result cli(Duration limit, String... words) {
        return host.run(limit, tailscale(words));
    }

    public Command.Result cli(String... words) {
        return cli(Duration.ofSeconds(60), words);
    }

    /** {@code tailscale WORDS}, not waited for; what it prints is {@code host().log(name)}. */
    public Process cliInBackground(String name, String... words) {
        return host.start(name, environment, tailscale(words));
    }

    private String[] tailscale(String... words) {
        List<String> all = new ArrayList<>();
        all.add(Peers.program(version + "/tailscale").toString());
        all.add("--socket=" + socket());
        all.addAll(List.of(words));
        return all.toArray(new String[0]);
    }

    /** Loses everything it knows, its keys too, as a container without a volume does. */
    public TailscaleClient startAnew() {
        stop();
        Command.run("rm", "-rf", state.toString()).must();
        return start();
    }

    /** {@code tailscale up} with a key; the client is named after its host's folder. */
    public Command.Result up(String loginServer, String key, String... more) {
        List<String> words =
                new ArrayList<>(
                        List.of(
                                "up",
                                "--reset",
                                "--login-server=" + loginServer,
                                "--auth-key=" + key,
                                "--hostname=" + host.dir().getFileName(),
                                "--timeout=40s"));
        words.addAll(List.of(more));
        return cli(words.toArray(new String[0]));
    }

    public String ip4() {
        return cli("ip", "-4").must().strip();
    }

    public String ip6() {
        return cli("ip", "-6").must().strip();
    }

    public String statusJson() {
        return cli("status", "--json").must();
    }

    /** Runs in the client's own mount namespace, where its DNS settings hold. */
    public Command.Result inside(Duration limit, String... words) {
        List<String> all =
                new ArrayList<>(List.of("nsenter", "-t", String.valueOf(pid()), "-m", "-n"));
        all.addAll(List.of(words));
        return Command.run(limit, all);
    }
}
