package hearth.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import hearth.testkit.netns.NetLab;
import hearth.testkit.netns.Peers;
import hearth.testkit.netns.TailscaleClient;
import hearth.testkit.netns.Waiting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The appliance behind a NAT whose router forwards its ports but not the engine's: official clients
 * with a public address, behind a friendly and behind a symmetric NAT reach it, directly where that
 * is possible and by the relay otherwise.
 */
final class NatInteropIT {
    private static final String OUTSIDE = "10.60.1.2";
    private static final String NODE = "100.64.0.1";

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path dir;

    /** A router as one buys it: what nobody inside asked for is dropped and leaves no trace. */
    private static void nat(
            NetLab lab, String router, String inside, String kind, String forwards) {
        lab.forward(router);
        lab.host(router)
                .shell(
                        "nft 'table ip nat { chain in { type nat hook prerouting priority -100; "
                                + forwards
                                + " }; chain out { type nat hook postrouting priority 100;"
                                + " ip saddr "
                                + inside
                                + " ip daddr 10.60.0.0/16 masquerade "
                                + kind
                                + "; }; chain guard { type filter hook input priority 0;"
                                + " ip daddr 10.60.0.0/16 ct state new drop; }; }'")
                .must();
    }

    @Test
    void directWherePossibleByRelayOtherwise() throws IOException {
        try (var lab = new NetLab(dir)) {
            lab.behind("net", "nat", "10.60.1.");
            lab.behind("net", "pub", "10.60.2.");
            lab.behind("net", "natc", "10.60.3.");
            lab.behind("net", "nats", "10.60.4.");
            lab.behind("nat", "srv", "192.168.60.");
            lab.behind("natc", "cone", "192.168.61.");
            lab.behind("nats", "sym", "192.168.62.");
            lab.forward("net");
            String to = " dnat to 192.168.60.2;";
            nat(
                    lab,
                    "nat",
                    "192.168.60.0/24",
                    "",
                    "tcp dport { 80, 443 }" + to + " udp dport { 3478, 3479 }" + to);
            nat(lab, "natc", "192.168.61.0/24", "", "");
            nat(lab, "nats", "192.168.62.0/24", "fully-random", "");
            var appliance =
                    new ApplianceHost(lab.host("srv"), "--server-url=https://" + OUTSIDE).start();
            Path certificate = appliance.stateDir().resolve("tls/cert.pem");
            String shownFirst = Files.readString(certificate);
            String key = appliance.key("--reusable");
            TailscaleClient pub = join(lab, "pub", Peers.NEWEST, key);
            TailscaleClient cone = join(lab, "cone", Peers.NEWEST, key);
            TailscaleClient sym = join(lab, "sym", Peers.NEWEST, key);

            awaitPing(pub, "via " + OUTSIDE);
            awaitPing(cone, "via " + OUTSIDE);
            awaitPing(sym, "via DERP(hearth)");
            String stays = ping(sym);
            assertFalse(stays.contains("via " + OUTSIDE), stays);

            // the appliance's own NAT gets hard: another port for each destination
            appliance.stop();
            lab.host("nat").shell("nft delete table ip nat; conntrack -F 2> /dev/null").out();
            nat(
                    lab,
                    "nat",
                    "192.168.60.0/24",
                    "fully-random",
                    "tcp dport { 80, 443 }" + to + " udp dport { 3478, 3479 }" + to);
            var again =
                    new ApplianceHost(
                                    lab.host("srv"),
                                    "--server-url=https://" + OUTSIDE,
                                    "--wireguard-port=41642")
                            .start();
            awaitPing(pub, "via " + OUTSIDE);
            awaitPing(cone, "via DERP(hearth)");
            awaitPing(sym, "via DERP(hearth)");
            again.stop();
            // a browser warns once: the addresses that the TUN brings were in it from the start
            assertEquals(shownFirst, Files.readString(certificate));
        }
    }

    private static TailscaleClient join(NetLab lab, String host, String version, String key) {
        TailscaleClient client = new TailscaleClient(lab.host(host), version, null).start();
        client.up("http://" + OUTSIDE, key).must();
        return client;
    }

    /** What a ping of the node says, after some traffic that asks for a path. */
    private static String ping(TailscaleClient from) {
        from.host().run(Duration.ofSeconds(5), "ping", "-c3", "-i0.3", "-W1", NODE);
        return from.cli("ping", "-c", "3", "--until-direct=false", "--timeout", "2s", NODE).out();
    }

    private static void awaitPing(TailscaleClient from, String said) {
        var last = new AtomicReference<>("");
        try {
            Waiting.until(
                    said,
                    Duration.ofSeconds(30),
                    () -> {
                        last.set(ping(from));
                        return last.get().contains(said);
                    });
        } catch (IllegalStateException e) {
            throw new AssertionError(from.host().namespace() + ": " + last.get(), e);
        }
    }
}
