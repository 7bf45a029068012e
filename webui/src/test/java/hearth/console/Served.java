package hearth.console;

import hearth.base.IpAddress;
import hearth.base.IpPrefix;
import hearth.base.Refused;
import hearth.control.ControlJson;
import hearth.control.Hostinfo;
import hearth.crypto.DiscoKey;
import hearth.crypto.MachineKey;
import hearth.crypto.NodeKey;
import hearth.login.Logins;
import hearth.login.SshChecks;
import hearth.login.TrustedProxies;
import hearth.store.SqliteJournal;
import hearth.tailnet.Actor;
import hearth.tailnet.ApplianceNode;
import hearth.tailnet.CreatedKey;
import hearth.tailnet.KeyOptions;
import hearth.tailnet.Node;
import hearth.tailnet.NodeUpdate;
import hearth.tailnet.RegisterFacts;
import hearth.tailnet.RegisterOutcome;
import hearth.tailnet.Role;
import hearth.tailnet.Tailnet;
import hearth.tailnet.TailnetOptions;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A console with its tailnet behind a loopback port, and devices that register by themselves. */
final class Served implements AutoCloseable {
    static final String LOGIN = "ana@hearth.internal";
    static final String PASSWORD = "four quiet green words";

    final Tailnet tailnet;
    final Logins logins;
    final SshChecks checks;
    final Console console;
    final Map<Long, Paths.Report> paths = new HashMap<>();
    private final Path folder;
    private final WebServer server;
    private int devices;

    private Served(InstantSource clock, int port, Predicate<IpAddress> atHome) {
        var random = new Random(5);
        try {
            folder = Files.createTempDirectory("hearth-console");
            tailnet =
                    Tailnet.open(
                            new TailnetOptions("hearth.internal", this::base, clock, random),
                            SqliteJournal.open(folder));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        logins = new Logins(tailnet, clock, random);
        checks = new SshChecks(tailnet, logins, this::base, clock, random);
        console =
                new Console(
                        tailnet,
                        logins,
                        checks,
                        id -> paths.getOrDefault(id, Paths.Report.UNKNOWN),
                        new SampleBox(),
                        clock,
                        TrustedProxies.NONE,
                        atHome,
                        true);
        var routing = HttpRouting.builder();
        console.routing(routing);
        server =
                WebServer.builder()
                        .host("127.0.0.1")
                        .port(port)
                        .connectionOptions(c -> c.tcpNoDelay(true))
                        .routing(routing)
                        .build()
                        .start();
    }

    static Served start(InstantSource clock) {
        return new Served(clock, 0, _ -> true);
    }

    static Served start(InstantSource clock, int port, Predicate<IpAddress> atHome) {
        return new Served(clock, port, atHome);
    }

    String base() {
        return "http://127.0.0.1:" + (server == null ? 0 : server.port());
    }

    Visitor visitor() {
        return new Visitor(base());
    }

    /** Set up, and a visitor who is signed in as the owner. */
    Visitor owner() throws Refused {
        if (!logins.setUp()) {
            tailnet.nameOwner(actor(), LOGIN, "Ana");
            logins.setPassword(actor(), LOGIN, PASSWORD);
            logins.finishSetup();
        }
        return as(LOGIN);
    }

    Visitor as(String login) throws Refused {
        Visitor v = visitor();
        v.cookie(logins.open(login, IpAddress.parse("127.0.0.1"), "test").secret());
        return v;
    }

    Visitor as(Role role) throws Refused {
        String login = role.text() + "@hearth.internal";
        if (tailnet.snapshot().userByLogin(login) == null) {
            tailnet.createUser(actor(), login, role.text(), role);
        }
        return as(login);
    }

    Actor actor() {
        return new Actor(tailnet.snapshot().owner().login(), Role.OWNER, "console");
    }

    /** Waits for what a device's page says, without a decision yet. */
    String asks(String hostname, String os) {
        int i = ++devices;
        RegisterOutcome out = tailnet.register(facts(i, hostname, os, null), Duration.ofMillis(1));
        if (out instanceof RegisterOutcome.NeedsLogin(String url)) {
            return url;
        }
        throw new IllegalStateException("expected a login page, got " + out);
    }

    /** A device that joined with a key. */
    Node joins(String hostname, String os, String... tags) throws Refused {
        KeyOptions options = KeyOptions.oneOff().withTags(tags);
        CreatedKey key = tailnet.createKey(actor(), options);
        int i = ++devices;
        RegisterOutcome out = tailnet.register(facts(i, hostname, os, key.secret()));
        if (out instanceof RegisterOutcome.Accepted(Node node, var _)) {
            return node;
        }
        throw new IllegalStateException("expected a device, got " + out);
    }

    /** The device tells of routes that it offers. */
    void offers(Node node, String... prefixes) throws Refused {
        var json = node.hostinfo().json();
        json.set("RoutableIPs", ControlJson.tree(List.of(prefixes)));
        tailnet.updateNode(
                new NodeUpdate(
                        node.id(),
                        null,
                        List.of(new InetSocketAddress("192.168.1.20", 41641)),
                        900,
                        Hostinfo.of(json),
                        113));
    }

    void appliance() throws Refused {
        tailnet.ensureApplianceNode(
                new ApplianceNode(
                        "hearth",
                        new MachineKey(bytes(0x61, 0)),
                        new NodeKey(bytes(0x62, 0)),
                        new DiscoKey(bytes(0x63, 0)),
                        host("hearth", "linux"),
                        List.of(IpPrefix.parse("192.168.1.0/24"), IpPrefix.ALL_V4, IpPrefix.ALL_V6),
                        113));
    }

    private static RegisterFacts facts(
            int i, String hostname, String os, @Nullable String authKey) {
        return new RegisterFacts(
                new MachineKey(bytes(0x4d, i)),
                new NodeKey(bytes(0x4e, i)),
                null,
                authKey,
                null,
                null,
                host(hostname, os),
                false,
                113,
                IpAddress.parse("192.168.1.77"));
    }

    private static Hostinfo host(String hostname, String os) {
        var json = ControlJson.MAPPER.createObjectNode();
        json.put("Hostname", hostname);
        json.put("OS", os);
        json.put("OSVersion", os.equals("linux") ? "6.12" : "18.2");
        json.put("IPNVersion", "1.102.5-tabcdef");
        return Hostinfo.of(json);
    }

    private static byte[] bytes(int kind, int i) {
        byte[] b = new byte[32];
        Arrays.fill(b, (byte) kind);
        b[0] = (byte) i;
        return b;
    }

    @Override
    public void close() throws IOException {
        console.close();
        server.stop();
        tailnet.close();
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    /** An appliance in good health, but one thing. */
    static final class SampleBox implements Box {
        @Override
        public String version() {
            return "0.1.0";
        }

        @Override
        public String joinUrl() {
            return "http://192.168.1.20";
        }

        @Override
        public String pageUrl() {
            return "https://192.168.1.20";
        }

        @Override
        public List<Fact> facts() {
            List<Fact> out = new ArrayList<>();
            out.add(new Fact("Address", "Devices join at", joinUrl(), Level.PLAIN, ""));
            out.add(new Fact("Address", "Pages are at", pageUrl(), Level.PLAIN, ""));
            out.add(
                    new Fact(
                            "Certificate",
                            "Kind",
                            "self-signed, 364 days left",
                            Level.WARNING,
                            "Browsers warn. Give one with --tls-cert and --tls-key."));
            out.add(new Fact("Engine", "WireGuard", "UDP port 41641", Level.GOOD, ""));
            out.add(new Fact("Engine", "TUN", "hearth0", Level.GOOD, ""));
            return out;
        }
    }
}
