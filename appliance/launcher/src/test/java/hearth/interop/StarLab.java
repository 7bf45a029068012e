package hearth.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import hearth.testkit.netns.Command;
import hearth.testkit.netns.Host;
import hearth.testkit.netns.NetLab;
import hearth.testkit.netns.TailscaleClient;
import hearth.testkit.netns.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The appliance as the middle of a star of official clients, each behind a link of its own, and
 * what is needed to measure a policy where it counts: programs at the peers that answer and note
 * what reached them.
 */
final class StarLab implements AutoCloseable {
    static final String PASSWORD = "four quiet green words";
    private static final Duration SOON = Duration.ofSeconds(20);

    final NetLab lab;
    final ApplianceHost appliance;
    private final Path dir;
    private final String net;
    private final TestAuthority authority;
    private final Map<String, TailscaleClient> clients = new LinkedHashMap<>();
    private final Map<String, String> addresses = new HashMap<>();
    private final AtomicInteger words = new AtomicInteger();

    /**
     * Starts the appliance and makes {@code boss}, an administrator.
     *
     * @param net first two numbers of all addresses, e.g. {@code 10.79}
     * @param names of the clients to come
     */
    StarLab(Path dir, String net, List<String> names) throws Exception {
        this.dir = dir;
        this.net = net;
        lab = new NetLab(dir);
        int i = 0;
        for (String name : names) {
            i++;
            lab.behind("hearth", name, net + "." + i + ".");
        }
        lab.forward("hearth");
        lab.name(server(), "hearth.test");
        authority =
                new TestAuthority(
                        Files.createDirectories(dir.resolve("ca")), "hearth.test", server());
        List<String> flags = new ArrayList<>(authority.flags());
        flags.add("--tun=off");
        appliance = new ApplianceHost(lab.host("hearth"), flags.toArray(new String[0])).start();
        user("boss", "admin");
    }

    String server() {
        return net + ".1.1";
    }

    /** A person with a password. */
    void user(String login, String role) {
        String program = ApplianceHost.program() + " --socket=" + appliance.socket();
        appliance
                .host()
                .shell(
                        "echo '"
                                + PASSWORD
                                + "' | "
                                + program
                                + " users create "
                                + login
                                + " --role="
                                + role
                                + " --password-stdin")
                .must();
    }

    /** A client that runs, not joined yet; {@code ops} exists on it beside the machine's users. */
    TailscaleClient client(String name, String version) {
        Host host = lab.host(name);
        try {
            Path etc = Files.createDirectories(host.dir().resolve("etc/upper"));
            Files.writeString(
                    etc.resolve("passwd"),
                    Files.readString(Path.of("/etc/passwd"))
                            + "ops:x:4711:4711:Operator:/tmp:/bin/bash\n");
            Files.writeString(
                    etc.resolve("group"),
                    Files.readString(Path.of("/etc/group")) + "ops:x:4711:\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        var client = new TailscaleClient(host, version, authority.ca()).start();
        clients.put(name, client);
        return client;
    }

    /** Joins with {@code key}; the address is known from here on. */
    void join(String name, String key, String... more) {
        TailscaleClient c = client(name);
        c.up("https://hearth.test", key, more).must();
        addresses.put(name, c.ip4());
    }

    TailscaleClient client(String name) {
        TailscaleClient c = clients.get(name);
        if (c == null) {
            throw new IllegalArgumentException("no client " + name);
        }
        return c;
    }

    String address(String name) {
        return addresses.getOrDefault(name, name);
    }

    /** A host of the lab that is not a client, by an address that clients may reach. */
    void place(String name, String address) {
        addresses.put(name, address);
    }

    /** Programs at {@code name} that answer on these ports, separated by commas. */
    void answers(String name, String tcp, String udp) {
        Host host = lab.host(name);
        host.start(
                "peer",
                Map.of(),
                "python3",
                script("peer.py").toString(),
                name,
                host.dir().resolve("arrived").toString(),
                tcp,
                udp);
    }

    Path script(String name) {
        Path file = dir.resolve(name);
        if (!Files.exists(file)) {
            try (var in = StarLab.class.getResourceAsStream(name)) {
                Files.copy(Objects.requireNonNull(in, name), file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return file;
    }

    /** Saves a policy by the API. */
    void policy(String text) {
        try {
            Path file = Files.writeString(dir.resolve("policy.hujson"), text);
            Command.Result r =
                    appliance
                            .host()
                            .run(
                                    "curl",
                                    "-sS",
                                    "--fail-with-body",
                                    "--unix-socket",
                                    appliance.socket().toString(),
                                    "--data-binary",
                                    "@" + file,
                                    "http://localhost/api/v2/tailnet/-/acl");
            r.must();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Tries flows from {@code from}, {@code +tcp:nas:80} must be answered by that peer, {@code
     * -udp:nas:53} must not be, and nothing of it may arrive there. Waits a little for a policy
     * that was just saved; how long it took.
     */
    Duration flows(String from, String... wanted) {
        List<String> specs = new ArrayList<>();
        for (String w : wanted) {
            String[] f = w.substring(1).split(":", -1);
            boolean v6 = f[0].endsWith("6");
            String kind = v6 ? f[0].substring(0, f[0].length() - 1) : f[0];
            String address = v6 ? client(f[1]).ip6() : address(f[1]);
            specs.add(kind + "," + address + "," + (f.length > 2 ? f[2] : "0"));
        }
        List<String> last = new ArrayList<>();
        try {
            return Waiting.until(
                    from + " " + List.of(wanted),
                    SOON,
                    () -> {
                        last.clear();
                        last.addAll(probe(from, wanted, specs));
                        return last.equals(List.of(wanted));
                    });
        } catch (IllegalStateException e) {
            assertEquals(List.of(wanted), last, "flows from " + from);
            throw e;
        }
    }

    /** The flows with the sign that they have at this moment. */
    private List<String> probe(String from, String[] wanted, List<String> specs) {
        String word = "w" + words.incrementAndGet();
        List<String> all = new ArrayList<>(List.of("python3", script("probe.py").toString(), word));
        all.addAll(specs);
        String[] lines =
                lab.host(from).run(all.toArray(new String[0])).must().strip().split("\n", -1);
        List<String> out = new ArrayList<>();
        for (int i = 0; i < wanted.length; i++) {
            String flow = wanted[i].substring(1);
            String[] f = flow.split(":", -1);
            String answer = lines[i].split(" ", -1)[1];
            boolean answered = !answer.equals("-");
            boolean echo = f[0].startsWith("icmp");
            boolean named = echo || answer.equals(f[1]);
            boolean arrived = !echo && arrived(f[1], f[0].replace("6", ""), f[2], word + "." + i);
            out.add(((answered && named) || arrived ? "+" : "-") + flow);
        }
        return out;
    }

    private boolean arrived(String at, String kind, String port, String word) {
        try {
            Path file = lab.host(at).dir().resolve("arrived");
            return Files.exists(file)
                    && Files.readString(file).contains(kind + " " + port + " " + word + " ");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The source address of what arrived last at {@code at}. */
    String lastSource(String at) {
        try {
            String log = Files.readString(lab.host(at).dir().resolve("arrived")).strip();
            return log.substring(log.lastIndexOf(' ') + 1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The text of a page as {@code login} sees it, from {@code from}'s own browser. */
    Command.Result visit(String from, String page, String login, String... action) {
        List<String> all =
                new ArrayList<>(
                        List.of("python3", script("visit.py").toString(), page, login, PASSWORD));
        all.addAll(List.of(action));
        return client(from).inside(Duration.ofSeconds(30), all.toArray(new String[0]));
    }

    @Override
    public void close() {
        clients.values().forEach(TailscaleClient::stop);
        lab.close();
    }
}
