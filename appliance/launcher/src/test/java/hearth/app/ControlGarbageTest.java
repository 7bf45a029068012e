package hearth.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.crypto.NodeKey;
import hearth.crypto.SecretKey;
import hearth.listen.GarbageTable;
import hearth.listen.GarbageTable.Row;
import hearth.testkit.netns.Waiting;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * Sends every kind of garbage of docs/protocol/garbage.md that gets as far as ts2021 or the
 * WireGuard port of the whole appliance, and holds the table to be true.
 */
@Timeout(90)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class ControlGarbageTest {
    private static final Duration COUNTED = Duration.ofSeconds(10); // by another thread
    private static final int HALF_OPEN = 200;
    private static final long MIB = 1 << 20;
    private static final long BOUND_BYTES = 8 * MIB;

    @TempDir static Path dir;
    private static RunningAppliance box;
    private static WireGuardGarbage wireguard;
    private static final Map<String, ControlGarbage.Sender> SENDERS = new TreeMap<>();
    private static final Map<String, Future<String>> SLOW = new ConcurrentHashMap<>();
    private static ExecutorService slowOnes;
    private static final List<String> WARNINGS = new CopyOnWriteArrayList<>();
    private static final Logger ROOT = Logger.getLogger("");
    private static final Handler NOTING =
            new Handler() {
                @Override
                public void publish(LogRecord r) {
                    if (r.getLevel().intValue() >= Level.WARNING.intValue()) {
                        WARNINGS.add(r.getLoggerName() + ": " + r.getMessage());
                    }
                }

                @Override
                public void flush() {}

                @Override
                public void close() {}
            };

    @BeforeAll
    static void start() throws Exception {
        box = new RunningAppliance(dir);
        ROOT.addHandler(NOTING); // what the start has to say is not about strangers
        var control = new ControlGarbage(box);
        SENDERS.putAll(control.senders());
        wireguard = new WireGuardGarbage(box, applianceKey(), control.member);
        SENDERS.putAll(wireguard.senders());
        slowOnes = Executors.newVirtualThreadPerTaskExecutor();
        for (Row r : table()) {
            if (r.gets().equals("cut")) { // wait for all of them together
                SLOW.put(r.id(), slowOnes.submit(sender(r.id())::send));
            }
        }
    }

    private static NodeKey applianceKey() throws IOException {
        for (JsonNode d : box.devices()) {
            if (d.path("hostname").asString().equals("hearth")) {
                return NodeKey.parse(d.path("nodeKey").asString());
            }
        }
        throw new IOException("the appliance is no device: " + box.devices());
    }

    @AfterAll
    static void stop() {
        slowOnes.shutdownNow();
        wireguard.close();
        box.close();
        ROOT.removeHandler(NOTING);
    }

    static List<Row> table() throws IOException {
        return GarbageTable.rows(GarbageTable::needsAppliance);
    }

    @Test
    @Order(1)
    void everyKindStandsInTheTableAndIsSent() throws IOException {
        var written = new TreeSet<String>();
        table().forEach(r -> written.add(r.id()));
        assertEquals(new TreeSet<>(SENDERS.keySet()), written);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("table")
    @Order(2)
    void getsWhatTheTableSays(Row row) throws Exception {
        Future<String> slow = SLOW.get(row.id());
        // what is cut later counts later: all of them began before anything counted
        long before = slow != null ? 0 : metric(row.counter());
        assertEquals(row.gets(), slow != null ? slow.get() : sender(row.id()).send());
        Waiting.until("a rise of " + row.counter(), COUNTED, () -> metric(row.counter()) > before);
    }

    private static ControlGarbage.Sender sender(String id) {
        return Objects.requireNonNull(SENDERS.get(id), id);
    }

    private static long metric(String name) throws IOException {
        Long value = box.metrics().get(name);
        assertNotNull(value, name);
        return value;
    }

    @Test
    @Order(3)
    void aFloodLeavesNoMemoryBehindAndTheProcessServes() throws Exception {
        flood();
        long before = usedBytes();
        flood();
        flood();
        long grown = usedBytes() - before;
        System.out.println("heap after two more floods: " + grown / 1024 + " KiB more");
        assertTrue(grown < BOUND_BYTES, grown + " bytes more in use after the flood");
        try (SecretKey machine = SecretKey.generate(box.random);
                SecretKey node = SecretKey.generate(box.random);
                var caller = box.caller(machine)) {
            String key = box.authKey(false, 60).path("key").asString();
            String answer = RunningAppliance.register(caller, node, key).body();
            assertTrue(answer.contains("\"MachineAuthorized\":true"), answer);
        }
    }

    @Test
    @Order(4)
    void strangersDoNotFillTheLog() {
        assertEquals(List.of(), WARNINGS);
    }

    /** Half-open connections, Noise connections without end, datagrams. */
    private static void flood() throws Exception {
        List<Socket> open = new ArrayList<>();
        for (int i = 0; i < HALF_OPEN; i++) {
            open.add(box.connect());
        }
        for (int i = 0; i < HALF_OPEN / 4; i++) {
            open.add(box.caller(SecretKey.generate(box.random)).socket());
        }
        sender("wg-flood").send();
        for (int i = 0; i < 10_000; i++) {
            wireguard.send(new byte[100]);
        }
        for (Socket s : open) {
            s.close();
        }
    }

    private static long usedBytes() throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            System.gc();
            Thread.sleep(500); // connections end on threads of their own
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
