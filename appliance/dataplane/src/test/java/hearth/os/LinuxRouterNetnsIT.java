package hearth.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import hearth.testkit.netns.Command;
import hearth.testkit.netns.Host;
import hearth.testkit.netns.NetLab;
import hearth.testkit.netns.Waiting;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real kernel: everything appears, is refused or passes as said, and is gone afterwards. */
final class LinuxRouterNetnsIT {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path dir;

    private int trials;

    /** A router process in the namespace of {@code host}. */
    private final class Trial {
        private final Process process;
        private final Writer in;
        private int steps;
        private final Path log = dir.resolve("trial" + trials++ + ".log");

        Trial(Host host) throws IOException {
            List<String> words =
                    host.inside(
                            List.of(
                                    Path.of(System.getProperty("java.home"), "bin/java").toString(),
                                    "-Xshare:auto",
                                    "-cp",
                                    System.getProperty("java.class.path"),
                                    RouterTrial.class.getName(),
                                    dir.toString()));
            process =
                    new ProcessBuilder(new ArrayList<>(words))
                            .redirectErrorStream(true)
                            .redirectOutput(log.toFile())
                            .start();
            in = process.outputWriter(StandardCharsets.UTF_8);
        }

        /** Does a step that leaves no problem. */
        void step(String name) throws IOException {
            assertEquals("[]", problems(name), name);
        }

        /** Does a step; the problems that it leaves. */
        String problems(String name) throws IOException {
            in.write(name + "\n");
            in.flush();
            int n = ++steps;
            Waiting.until(name, LIMIT, () -> done().size() == n);
            return done().getLast().substring(("done " + name + " ").length());
        }

        private List<String> done() throws IOException {
            return Files.readAllLines(log).stream().filter(l -> l.startsWith("done ")).toList();
        }

        void kill() throws InterruptedException {
            process.destroyForcibly().waitFor();
        }
    }

    private static String state(Host host) {
        // link-local addresses are left out: they come when they are found unique
        return host.shell(
                        "ip rule; ip -6 rule; ip -4 route show table all;"
                                + " ip -6 route show table all | grep -v fe80;"
                                + " nft list ruleset; sysctl -n net.ipv4.ip_forward"
                                + " net.ipv6.conf.all.forwarding net.ipv6.conf.e1a.accept_ra")
                .must();
    }

    @Test
    void setsUpUndoesAndRepairs() throws Exception {
        assumeTrue(NetLab.possible(), "needs root");
        try (var lab = new NetLab(dir)) {
            lab.link(
                    "eng-r", "192.168.7.1/24,fd00:7::1/64", "eng-h", "192.168.7.9/24,fd00:7::9/64");
            Host router = lab.host("eng-r");
            String before = state(router);
            router.shell("ip tuntap add dev hearth0 mode tun").must();

            var first = new Trial(router);
            first.step("start");
            first.step("member");
            String member = state(router);
            assertTrue(member.contains("lookup 4168"), member);
            assertTrue(member.contains("100.64.0.2 dev hearth0 table 4168"), member);
            assertTrue(member.contains("fd7a:115c:a1e0::2 dev hearth0 table 4168"), member);
            first.step("forward");
            String forwarding = state(router);
            assertTrue(forwarding.contains("masquerade"), forwarding);
            assertEquals("1", router.run("sysctl", "-n", "net.ipv4.ip_forward").must().strip());
            assertEquals(
                    "1", router.run("sysctl", "-n", "net.ipv6.conf.all.forwarding").must().strip());
            assertSpoofedSourceRefused(lab, router);

            first.kill();
            var second = new Trial(router);
            second.step("start");
            assertEquals("0", router.run("sysctl", "-n", "net.ipv4.ip_forward").must().strip());
            assertFalse(state(router).contains("masquerade"));
            second.step("forward");
            assertEquals(forwarding, state(router));
            second.step("close");
            second.kill();
            router.shell("ip tuntap del dev hearth0 mode tun").must();
            assertEquals(before, state(router));
        }
    }

    /** As Docker and hand-written rules leave a machine. */
    private static final String FIREWALL =
            """
            for t in iptables ip6tables; do
                $t -P FORWARD DROP
                $t -N DOCKER-USER; $t -A DOCKER-USER -j RETURN; $t -A FORWARD -j DOCKER-USER
                $t -A FORWARD -j REJECT
            done""";

    @Test
    void passesOtherFirewallsAndLeavesThemAsTheyWere() throws Exception {
        assumeTrue(NetLab.possible(), "needs root");
        try (var lab = new NetLab(dir)) {
            lab.link("eng-f", "192.168.8.1/24", "eng-g", "192.168.8.9/24");
            Host router = lab.host("eng-f");
            router.shell(FIREWALL).must();
            String before = firewalls(router);
            router.shell("ip tuntap add dev hearth0 mode tun").must();
            var first = new Trial(router);
            first.step("start");
            first.step("member");
            assertEquals(before, firewalls(router), "not forwarding: nothing to pass");
            first.step("forward");
            String passed = firewalls(router);
            assertTrue(
                    passed.contains(
                            """
                            -A FORWARD -j DOCKER-USER
                            -A FORWARD -i hearth0 -m comment --comment hearth -j ACCEPT
                            -A FORWARD -o hearth0 -m conntrack --ctstate RELATED,ESTABLISHED\
                             -m comment --comment hearth -j ACCEPT
                            -A FORWARD -j REJECT"""),
                    passed);
            first.step("check");
            assertEquals(passed, firewalls(router), "nothing twice");

            first.kill();
            var second = new Trial(router);
            second.step("start");
            assertEquals(before, firewalls(router), "repaired after a crash");
            second.step("forward");
            assertEquals(passed, firewalls(router));
            router.shell("iptables -F FORWARD; iptables -A FORWARD -j DROP").must();
            router.shell("nft delete table inet hearth; ip rule del pref 5150").must();
            second.step("check");
            assertTrue(firewalls(router).contains("-A FORWARD -i hearth0"), firewalls(router));
            assertTrue(state(router).contains("masquerade"));
            assertTrue(state(router).contains("lookup 4168"));

            router.shell(
                            "nft add table inet other; nft add chain inet other pass"
                                    + " '{ type filter hook forward priority 5; policy drop; }'")
                    .must();
            String said = second.problems("check");
            assertTrue(said.contains("dropped by nft chain inet other pass: nft add rule"), said);
            String advice = said.substring(said.indexOf("nft add rule"), said.length() - 1);
            router.shell(advice).must();
            second.step("check");
            second.step("close");
            second.kill();
            assertFalse(firewalls(router).contains("hearth"), firewalls(router));
        }
    }

    private static String firewalls(Host host) {
        return host.shell("iptables -S; ip6tables -S").must();
    }

    private static void assertSpoofedSourceRefused(NetLab lab, Host router) {
        Host lan = lab.host("eng-h");
        lan.shell("ip address add 100.64.0.2/32 dev lo; ip -6 address add fd7a:115c:a1e0::2 dev lo")
                .must();
        String ping = "ping -c 1 -W 1 ";
        Command.Result own = lan.shell(ping + "-I 192.168.7.9 192.168.7.1");
        assertTrue(own.ok(), own.err());
        long dropped = received(router);
        lan.shell(ping + "-I 100.64.0.2 192.168.7.1");
        lan.shell(ping + "-6 -I fd7a:115c:a1e0::2 fd00:7::1");
        assertEquals(dropped, received(router), "a forged source was answered");
    }

    /** Echo requests that reached the host's own stack, both families. */
    private static long received(Host host) {
        String text =
                host.shell("nstat -asz IcmpInEchos Icmp6InEchos | awk '{print $2}' | tail -2")
                        .must();
        return text.lines().mapToLong(Long::parseLong).sum();
    }
}
