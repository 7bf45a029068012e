package hearth.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.crypto.NodeKey;
import hearth.tailnet.AuditEntry;
import hearth.tailnet.Node;
import hearth.tailnet.Snapshot;
import hearth.tailnet.Tailnet;
import hearth.tailnet.TailnetOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * SIGKILL at random moments while four threads change a tailnet: whatever the child had printed is
 * there afterwards, nothing is there by half. {@code -Dhearth.kill.rounds=200} for a long run.
 */
final class KillTest {
    private static final int ROUNDS = Integer.getInteger("hearth.kill.rounds", 2);
    private static final int MAX_MILLIS = 400;

    private final Random random = new Random();
    @TempDir Path folder = Path.of("");

    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void nothingAcknowledgedIsLost() throws Exception {
        List<String> ledger = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            ledger.addAll(killed(random.nextInt(MAX_MILLIS)));
            check(ledger);
        }
        assertTrue(ledger.size() > ROUNDS, "the child did something: " + ledger.size());
    }

    /** Runs the child, kills it so long after its start, and gives its whole lines. */
    private List<String> killed(int millis) throws IOException, InterruptedException {
        Process child =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+UseSerialGC",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                KilledWriter.class.getName(),
                                folder.toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (BufferedReader out =
                new BufferedReader(
                        new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
            assertEquals("ready", out.readLine());
            Thread killer =
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        try {
                                            child.waitFor(millis, TimeUnit.MILLISECONDS);
                                        } catch (InterruptedException _) {
                                            // kill at once
                                        }
                                        child.toHandle().destroyForcibly(); // keeps the pipe
                                    });
            List<String> lines = new ArrayList<>();
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                lines.add(line);
            }
            killer.join();
            // the last line may be cut, and then it looks like a whole one
            return lines.isEmpty() ? lines : lines.subList(0, lines.size() - 1);
        } finally {
            child.destroyForcibly();
            child.waitFor();
        }
    }

    private void check(List<String> ledger) throws Exception {
        var options =
                new TailnetOptions(
                        "hearth.internal", () -> "", InstantSource.system(), new Random(1));
        try (Tailnet t = Tailnet.open(options, SqliteJournal.open(folder))) {
            Snapshot s = t.snapshot();
            Set<String> gone = new HashSet<>();
            ledger.stream().filter(l -> l.startsWith("gone ")).forEach(l -> gone.add(l));
            for (String line : ledger) {
                String[] w = line.split(" ", -1);
                switch (w[0]) {
                    case "key" -> assertNotNull(s.key(w[1]), line);
                    case "node" -> {
                        Node n = s.node(Long.parseLong(w[1]));
                        if (n != null) {
                            assertEquals(w[2], n.v4().toString());
                            assertEquals(NodeKey.parse(w[3]), n.key());
                        } else { // removed, with or without the answer having been printed
                            assertTrue(gone.contains("gone " + w[1]) || deleted(t, w[2]), line);
                        }
                    }
                    case "gone" -> assertNull(s.node(Long.parseLong(w[1])), line);
                    case "name" -> {
                        Node n = s.node(Long.parseLong(w[1]));
                        assertTrue(n != null && n.name().equals(w[2]), line);
                    }
                    case "user" -> assertNotNull(s.userByLogin(w[1]), line);
                    case "shelf" -> assertEquals("value", t.shelf("accounts").get(w[1]), line);
                    default -> throw new AssertionError("unknown line " + line);
                }
            }
            whole(t, s);
        }
    }

    private static boolean deleted(Tailnet t, String v4) throws Exception {
        List<AuditEntry> log = t.audit(Long.MAX_VALUE, 1_000_000);
        Set<String> created = new HashSet<>();
        for (AuditEntry e : log) {
            if (e.action().equals("CREATE") && e.details().startsWith(v4 + ",")) {
                created.add(e.targetId());
            }
        }
        return log.stream()
                .anyMatch(e -> e.action().equals("DELETE") && created.contains(e.targetId()));
    }

    /** No half change: each key is used as often as it enrolled, each row of the log is there. */
    private static void whole(Tailnet t, Snapshot s) throws Exception {
        Set<String> names = new HashSet<>();
        for (Node n : s.nodes()) {
            assertTrue(names.add(n.name()), n.name());
            String keyId = n.authKeyId();
            var key = keyId == null ? null : s.key(keyId);
            assertTrue(key != null && key.uses() == 1, "key of " + n.name());
        }
        List<AuditEntry> log = t.audit(Long.MAX_VALUE, 1_000_000).reversed();
        String last = "";
        long id = 0;
        for (AuditEntry e : log) {
            assertEquals(++id, e.id());
            assertEquals(last, e.prevHash());
            last = e.hash();
        }
        long made = count(log, "NODE", "CREATE") - count(log, "NODE", "DELETE");
        assertEquals(s.nodeCount(), made);
        assertEquals(s.keys().size(), count(log, "API_KEY", "CREATE"));
        assertEquals(s.users().size(), count(log, "USER", "CREATE"));
    }

    private static long count(List<AuditEntry> log, String type, String action) {
        return log.stream()
                .filter(e -> e.targetType().equals(type) && e.action().equals(action))
                .count();
    }
}
