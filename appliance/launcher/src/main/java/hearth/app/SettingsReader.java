package hearth.app;

import hearth.base.IpAddress;
import hearth.base.IpPrefix;
import hearth.base.Problem;
import hearth.cli.HearthCli;
import hearth.cli.UserPlaces;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads {@link Settings} from a file of JSON with comments, the environment ({@code HEARTH_} and
 * the key in capitals, {@code -} as {@code _}) and flags. The words are the same in all three.
 * Every problem is told at once; an unknown key is refused with the nearest name.
 */
final class SettingsReader {
    /** Names of a person's mistake, all of them. */
    static final class InvalidSettings extends Exception {
        private final transient List<Problem> problems;

        InvalidSettings(List<Problem> problems) {
            super(problems.stream().map(Problem::text).reduce((a, b) -> a + "\n" + b).orElse(""));
            this.problems = List.copyOf(problems);
        }

        List<Problem> problems() {
            return problems;
        }
    }

    private static final JsonMapper MAPPER =
            JsonMapper.builder()
                    .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
                    .enable(JsonReadFeature.ALLOW_TRAILING_COMMA)
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build();
    private static final Pattern DOMAIN =
            Pattern.compile(
                    "(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+");
    private static final Pattern INTERFACE = Pattern.compile("[A-Za-z0-9_.-]{1,15}");

    /**
     * What was given for a key.
     *
     * @param origin the file, the environment variable or the flag
     */
    record Value(String text, String origin) {}

    private final boolean root;
    private final Map<String, String> environment;
    private final List<Problem> problems = new ArrayList<>();
    private final Map<SettingKey, Value> values = new EnumMap<>(SettingKey.class);

    /**
     * {@code root}: whether the process has the rights of uid 0, which decides the default paths.
     */
    SettingsReader(boolean root, Map<String, String> environment) {
        this.root = root;
        this.environment = Map.copyOf(environment);
    }

    /** {@code flags}: those given on the command line. */
    Settings read(@Nullable Path file, Map<SettingKey, String> flags) throws InvalidSettings {
        if (file != null) {
            readFile(file);
        }
        for (SettingKey key : SettingKey.values()) {
            String text = environment.get(key.variable());
            if (text != null && !text.isEmpty()) {
                values.put(key, new Value(text, key.variable()));
            }
        }
        flags.forEach((key, text) -> values.put(key, new Value(text, key.flag())));
        Settings settings = build();
        if (!problems.isEmpty()) {
            throw new InvalidSettings(problems);
        }
        return settings;
    }

    /** What was given for {@code key}, null when its default holds. */
    @Nullable Value given(SettingKey key) {
        return values.get(key);
    }

    private void readFile(Path file) {
        JsonNode tree;
        try {
            tree = MAPPER.readTree(Files.readString(file));
        } catch (IOException e) {
            problem("", "cannot-read", "cannot read " + file + ": " + e.getMessage());
            return;
        } catch (JacksonException e) {
            var at = e.getLocation();
            problems.add(
                    new Problem(
                            "",
                            at == null ? 0 : at.getLineNr(),
                            at == null ? 0 : at.getColumnNr(),
                            "syntax",
                            file + ": " + e.getOriginalMessage()));
            return;
        }
        if (!tree.isObject()) {
            problem("", "syntax", file + ": expected one JSON object");
            return;
        }
        for (var entry : tree.properties()) {
            SettingKey key = SettingKey.of(entry.getKey());
            if (key == null) {
                problem(
                        entry.getKey(),
                        "unknown-key",
                        "unknown key \""
                                + entry.getKey()
                                + "\" in "
                                + file
                                + ", nearest is \""
                                + SettingKey.nearest(entry.getKey())
                                + "\"");
                continue;
            }
            JsonNode v = entry.getValue();
            if (v.isArray()) {
                List<String> parts = new ArrayList<>();
                v.forEach(x -> parts.add(x.asString()));
                values.put(key, new Value(String.join(",", parts), file.toString()));
            } else if (v.isObject() || v.isNull()) {
                problem(key, "wrong-type", key.word() + ": expected text or a number");
            } else {
                values.put(key, new Value(v.asString(), file.toString()));
            }
        }
    }

    private Settings build() {
        Path cert = path(SettingKey.TLS_CERT);
        Path key = path(SettingKey.TLS_KEY);
        if ((cert == null) != (key == null)) {
            problem(
                    SettingKey.TLS_CERT,
                    "incomplete",
                    "tls-cert and tls-key go together, got only one");
        }
        return new Settings(
                Path.of(text(SettingKey.STATE_DIR, stateDefault())).toAbsolutePath().normalize(),
                serverUrl(),
                listen(),
                port(SettingKey.HTTPS_PORT),
                port(SettingKey.HTTP_PORT),
                port(SettingKey.STUN_PORT).orElse(Settings.DEFAULT_STUN_PORT),
                port(SettingKey.WIREGUARD_PORT).orElse(Settings.DEFAULT_WIREGUARD_PORT),
                cert,
                key,
                Path.of(text(SettingKey.SOCKET, socketDefault())).toAbsolutePath().normalize(),
                tun(),
                routes(),
                masquerade(),
                baseDomain(),
                proxies());
    }

    private String stateDefault() {
        return (root ? HearthCli.SYSTEM_STATE_DIR : UserPlaces.stateDir(environment)).toString();
    }

    private String socketDefault() {
        return (root ? HearthCli.SYSTEM_SOCKET : UserPlaces.socket(environment)).toString();
    }

    private String text(SettingKey key, String otherwise) {
        Value v = values.get(key);
        return v == null ? otherwise : v.text();
    }

    private @Nullable Path path(SettingKey key) {
        Value v = values.get(key);
        if (v == null) {
            return null;
        }
        Path p = Path.of(v.text()).toAbsolutePath().normalize();
        if (!Files.isReadable(p)) {
            problem(key, "cannot-read", said(key) + ": expected a file that can be read");
        }
        return p;
    }

    private OptionalInt port(SettingKey key) {
        Value v = values.get(key);
        if (v == null) {
            return OptionalInt.empty();
        }
        if (v.text().matches("[0-9]{1,5}") && Integer.parseInt(v.text()) <= 65535) {
            return OptionalInt.of(Integer.parseInt(v.text()));
        }
        problem(key, "bad-port", said(key) + ": expected a port, 0 to 65535");
        return OptionalInt.empty();
    }

    private @Nullable URI serverUrl() {
        Value v = values.get(SettingKey.SERVER_URL);
        if (v == null) {
            return null;
        }
        try {
            URI u = new URI(v.text());
            boolean web = "http".equals(u.getScheme()) || "https".equals(u.getScheme());
            boolean bare = u.getPath() == null || u.getPath().isEmpty() || u.getPath().equals("/");
            if (web && u.getHost() != null && bare && u.getQuery() == null) {
                int port = u.getPort();
                return URI.create(
                        u.getScheme() + "://" + u.getHost() + (port < 0 ? "" : ":" + port));
            }
        } catch (URISyntaxException e) {
            // said below, with the value
        }
        problem(
                SettingKey.SERVER_URL,
                "bad-url",
                said(SettingKey.SERVER_URL)
                        + ": expected http:// or https://, a host and at most a port");
        return null;
    }

    private @Nullable String listen() {
        Value v = values.get(SettingKey.LISTEN);
        if (v == null) {
            return null;
        }
        if (IpAddress.tryParse(v.text()) == null) {
            problem(
                    SettingKey.LISTEN,
                    "bad-address",
                    said(SettingKey.LISTEN) + ": expected an IP address");
        }
        return v.text();
    }

    private String tun() {
        String name = text(SettingKey.TUN, Settings.DEFAULT_TUN);
        if (!INTERFACE.matcher(name).matches()) {
            problem(
                    SettingKey.TUN,
                    "bad-name",
                    said(SettingKey.TUN) + ": expected an interface name or \"off\"");
        }
        return name;
    }

    private @Nullable List<IpPrefix> routes() {
        Value v = values.get(SettingKey.ADVERTISE_ROUTES);
        if (v == null) {
            return null;
        }
        List<IpPrefix> out = new ArrayList<>();
        for (String part : v.text().split(",", -1)) {
            String p = part.strip();
            if (p.isEmpty()) {
                continue;
            }
            IpPrefix prefix = IpPrefix.tryParse(p);
            if (prefix == null || !prefix.masked().equals(prefix)) {
                problem(
                        SettingKey.ADVERTISE_ROUTES,
                        "bad-prefix",
                        "advertise-routes \"" + p + "\": expected a CIDR prefix without host bits");
            } else {
                out.add(prefix);
            }
        }
        return List.copyOf(out);
    }

    private boolean masquerade() {
        String said = text(SettingKey.MASQUERADE, "on");
        if (!said.equals("on") && !said.equals("off")) {
            problem(
                    SettingKey.MASQUERADE,
                    "bad-switch",
                    said(SettingKey.MASQUERADE) + ": expected on or off");
        }
        return !said.equals("off");
    }

    private List<IpPrefix> proxies() {
        List<IpPrefix> out = new ArrayList<>();
        for (String part : text(SettingKey.TRUSTED_PROXIES, "").split(",", -1)) {
            String p = part.strip();
            if (p.isEmpty()) {
                continue;
            }
            IpAddress single = IpAddress.tryParse(p);
            IpPrefix prefix = single == null ? IpPrefix.tryParse(p) : IpPrefix.of(single);
            if (prefix == null || !prefix.masked().equals(prefix) || prefix.isDefaultRoute()) {
                problem(
                        SettingKey.TRUSTED_PROXIES,
                        "bad-prefix",
                        "trusted-proxies \""
                                + p
                                + "\": expected an address, or a CIDR prefix without host bits"
                                + " and not of everybody");
            } else {
                out.add(prefix);
            }
        }
        return List.copyOf(out);
    }

    private String baseDomain() {
        String domain =
                text(SettingKey.BASE_DOMAIN, Settings.DEFAULT_BASE_DOMAIN).toLowerCase(Locale.ROOT);
        Value url = values.get(SettingKey.SERVER_URL);
        if (!DOMAIN.matcher(domain).matches()) {
            problem(
                    SettingKey.BASE_DOMAIN,
                    "bad-name",
                    said(SettingKey.BASE_DOMAIN) + ": expected a DNS name of two labels or more");
        } else if (url != null) {
            String host = String.valueOf(hostOf(url.text()));
            if (host.equals(domain) || host.endsWith("." + domain)) {
                problem(
                        SettingKey.BASE_DOMAIN,
                        "parent-of-server",
                        said(SettingKey.BASE_DOMAIN)
                                + ": is a parent of the server's own name "
                                + host
                                + ", which clients would then look up inside the tailnet");
            }
        }
        return domain;
    }

    private static String hostOf(String url) {
        try {
            return String.valueOf(new URI(url).getHost());
        } catch (URISyntaxException e) {
            return ""; // told as a problem of server-url
        }
    }

    private String said(SettingKey key) {
        Value v = values.get(key);
        return v == null ? key.word() : key.word() + " \"" + v.text() + "\" (" + v.origin() + ")";
    }

    private void problem(SettingKey key, String code, String text) {
        problem(key.word(), code, text);
    }

    private void problem(String key, String code, String text) {
        problems.add(new Problem(key, 0, 0, code, text));
    }
}
