package hearth.interop;

import hearth.testkit.netns.NetLab;
import hearth.testkit.netns.Peers;
import hearth.testkit.netns.TailscaleClient;
import hearth.testkit.netns.Waiting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * A router, {@code rt}, and behind it on links of their own the appliance, {@code srv}, and an
 * official client of each version, {@code newer} and {@code older}. Hosts that must be there when
 * the appliance starts are added to {@link #lab} before {@link #start}.
 */
class HomeLab implements AutoCloseable {
    static final String NAME = "hearth.test";

    final NetLab lab;
    final String server;
    final ApplianceHost appliance;
    final TailscaleClient newer;
    final TailscaleClient older;
    private final TestAuthority authority;
    private final List<String> flags;

    /** IPv4 alone; see the other constructor. */
    HomeLab(Path dir, String net) throws IOException {
        this(dir, List.of(net));
    }

    /**
     * Nothing runs yet.
     *
     * @param nets what all addresses begin with, {@code 10.77.} or {@code fd77:}; the number of the
     *     link follows. The first is of IPv4, and all that the older client has
     * @param more flags of the appliance beside name and certificate
     */
    HomeLab(Path dir, List<String> nets, String... more) throws IOException {
        lab = new NetLab(dir);
        lab.behind("rt", "srv", links(nets, 1));
        lab.behind("rt", "newer", links(nets, 2));
        lab.behind("rt", "older", links(nets.subList(0, 1), 3));
        lab.forward("rt");
        List<String> addresses = new ArrayList<>();
        for (String link : links(nets, 1)) {
            addresses.add(link + "2");
        }
        server = addresses.getFirst();
        lab.name(server, NAME);
        authority =
                new TestAuthority(
                        Files.createDirectories(dir.resolve("ca")),
                        NAME,
                        addresses.toArray(new String[0]));
        flags = new ArrayList<>(authority.flags());
        flags.addAll(List.of(more));
        appliance = appliance("srv");
        newer = new TailscaleClient(lab.host("newer"), Peers.NEWEST, authority.ca());
        older = new TailscaleClient(lab.host("older"), Peers.OLDEST, authority.ca());
    }

    private static String[] links(List<String> nets, int number) {
        return nets.stream()
                .map(n -> n + number + (n.contains(":") ? "::" : "."))
                .toArray(String[]::new);
    }

    /** The appliance on another host of the lab, with the same flags; not started. */
    final ApplianceHost appliance(String host) {
        return new ApplianceHost(lab.host(host), flags.toArray(new String[0]));
    }

    /** Another client on a host of the lab; it runs. */
    final TailscaleClient client(String host, String version) {
        return new TailscaleClient(lab.host(host), version, authority.ca()).start();
    }

    /** Starts the appliance and both clients; nobody is logged in. */
    final void start() {
        appliance.start();
        newer.start();
        older.start();
    }

    /** Both clients log in with one key, one by address and one by name. */
    final void join(String... flags) {
        String key = appliance.key("--reusable");
        newer.up("http://" + server, key, flags).must();
        older.up("https://" + NAME, key, flags).must();
    }

    final List<TailscaleClient> clients() {
        return List.of(newer, older);
    }

    static Duration await(String what, int seconds, Callable<Boolean> condition) {
        return Waiting.until(what, Duration.ofSeconds(seconds), condition);
    }

    static boolean pings(TailscaleClient from, String to) {
        return from.host().run(Duration.ofSeconds(5), "ping", "-c1", "-W1", to).ok();
    }

    /** With a wait so short that it does not blur a measured time. */
    static boolean pingsQuickly(TailscaleClient from, String to) {
        return from.host().run(Duration.ofSeconds(5), "ping", "-c1", "-W0.2", to).ok();
    }

    /** Waits until packets reach {@code to} and the client's own ping of it says {@code via}. */
    static void awaitPath(TailscaleClient from, String to, String via, int seconds) {
        await(
                from.version() + " to " + to + " " + via,
                seconds,
                () ->
                        pings(from, to)
                                && from.cli(
                                                "ping",
                                                "-c",
                                                "1",
                                                "--timeout",
                                                "2s",
                                                "--until-direct=false",
                                                to)
                                        .out()
                                        .contains(via));
    }

    /**
     * Drops UDP between a client and {@code net} until {@link #unblock}.
     *
     * @param port of {@code net}'s side, or empty for all
     */
    static void blockUdp(TailscaleClient at, String net, String port) {
        String to = port.isEmpty() ? "meta l4proto udp" : "udp dport " + port;
        String from = port.isEmpty() ? "meta l4proto udp" : "udp sport " + port;
        at.host()
                .shell(
                        "nft 'table inet block {"
                                + " chain o { type filter hook output priority 0; ip daddr "
                                + net
                                + " "
                                + to
                                + " drop; };"
                                + " chain i { type filter hook input priority 0; ip saddr "
                                + net
                                + " "
                                + from
                                + " drop; }; }'")
                .must();
    }

    static void unblock(TailscaleClient at) {
        at.host().shell("nft delete table inet block").must();
    }

    @Override
    public void close() {
        lab.close();
    }
}
