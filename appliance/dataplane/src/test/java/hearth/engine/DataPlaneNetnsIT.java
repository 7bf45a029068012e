package hearth.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import hearth.testkit.netns.Host;
import hearth.testkit.netns.NetLab;
import hearth.testkit.netns.Waiting;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two data planes on real TUNs and sockets, without control plane and relay. */
final class DataPlaneNetnsIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path dir;

    private final class Trial implements AutoCloseable {
        private final Process process;
        private final Writer in;
        private final Path log;

        Trial(Host host, int self, int peer, String peerHost) throws IOException {
            log = dir.resolve("trial" + self + ".log");
            List<String> words =
                    host.inside(
                            List.of(
                                    Path.of(System.getProperty("java.home"), "bin/java").toString(),
                                    "--enable-native-access=ALL-UNNAMED",
                                    "-cp",
                                    System.getProperty("java.class.path"),
                                    PlaneTrial.class.getName(),
                                    Files.createDirectories(dir.resolve("state" + self)).toString(),
                                    String.valueOf(self),
                                    String.valueOf(peer),
                                    peerHost));
            process =
                    new ProcessBuilder(words)
                            .redirectErrorStream(true)
                            .redirectOutput(log.toFile())
                            .start();
            in = process.outputWriter(StandardCharsets.UTF_8);
        }

        String step(String name) throws IOException {
            int before = said().length();
            in.write(name + "\n");
            in.flush();
            Waiting.until(
                    name, LIMIT, () -> said().substring(before).contains("done " + name + " []"));
            return said().substring(before);
        }

        String said() throws IOException {
            return Files.readString(log);
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    @Test
    void twoNodesTalkDirectlyAndTheFilterHolds() throws Exception {
        assumeTrue(NetLab.possible(), "needs root");
        try (var lab = new NetLab(dir)) {
            lab.link("a", "192.0.2.1/24,2001:db8::1/64", "b", "192.0.2.2/24,2001:db8::2/64");
            Host a = lab.host("a");
            Host b = lab.host("b");
            try (var first = new Trial(a, 1, 2, "192.0.2.2");
                    var second = new Trial(b, 2, 1, "192.0.2.1")) {
                first.step("open");
                second.step("open");
                Waiting.until("ping", LIMIT, () -> ping(a, "100.64.0.2"));
                assertTrue(ping(b, "100.64.0.1"));
                assertTrue(ping(a, "fd7a:115c:a1e0::2"));
                String status = first.step("status");
                assertTrue(status.contains("trusted=true"), status);
                assertTrue(first.said().contains("192.0.2.1:41641"), first.said());

                second.step("refuse");
                Waiting.until("refused", LIMIT, () -> !ping(a, "100.64.0.2"));
                assertTrue(second.step("status").contains("NOT_ALLOWED"));
                second.step("open");
                Waiting.until("allowed again", LIMIT, () -> ping(a, "100.64.0.2"));

                second.step("close");
                assertFalse(b.run("ip", "link", "show", "hearth0").ok());
                assertEquals("", b.shell("nft list ruleset; ip rule | grep 4168").out());
            }
        }
    }

    private static boolean ping(Host from, String to) {
        return from.run("ping", "-c", "1", "-W", "1", to).ok();
    }
}
