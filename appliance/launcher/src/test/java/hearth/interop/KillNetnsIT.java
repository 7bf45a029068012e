package hearth.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.testkit.netns.NetLab;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code kill -9} at random moments while keys and nodes are being made: what was acknowledged is
 * there, once.
 */
final class KillNetnsIT {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int MAKERS = 2;
    private static final int LONGEST_MILLIS = 1_500;

    @TempDir Path dir;

    @Test
    void nothingAcknowledgedIsLost() throws Exception {
        int kills = Integer.getInteger("hearth.kills", 10);
        long seed = System.nanoTime();
        var random = new Random(seed);
        Set<String> keys = new HashSet<>();
        long slowest = 0;
        Set<String> nodes = new HashSet<>();
        try (var lab = new NetLab(dir)) {
            lab.behind("rt", "srv", "10.78.1.");
            var appliance = new ApplianceHost(lab.host("srv"), "--tun=off").start();
            lab.host("rt")
                    .start(
                            "nodes",
                            Map.of(),
                            Path.of(System.getProperty("java.home"), "bin/java").toString(),
                            "-Xmx64m",
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            NodeMaker.class.getName(),
                            "10.78.1.2",
                            serverKey(appliance),
                            appliance.key("--reusable"));
            for (int round = 0; round < kills; round++) {
                keys.addAll(makeUntilKilled(appliance, 100 + random.nextInt(LONGEST_MILLIS)));
                nodes.addAll(acknowledgedNodes(lab));
                long begin = System.nanoTime();
                appliance.start();
                slowest = Math.max(slowest, System.nanoTime() - begin);
                String when = " in round " + round + ", seed " + seed;
                assertEquals(
                        Set.of(), without(keys, there(appliance, "keys", "id")), "keys" + when);
                List<String> listed = there(appliance, "nodes", "nodeKey");
                assertEquals(Set.of(), without(nodes, listed), "nodes" + when);
                assertUnique(listed, "a node twice" + when);
                assertUnique(there(appliance, "nodes", "name"), "a name twice" + when);
                assertUnique(there(appliance, "nodes", "addresses"), "an address twice" + when);
            }
        }
        System.out.printf(
                "kills %d, acknowledged keys %d and nodes %d, slowest start %d ms%n",
                kills, keys.size(), nodes.size(), slowest / 1_000_000);
        assertTrue(keys.size() > kills, keys.size() + " keys made");
        assertTrue(nodes.size() > kills, nodes.size() + " nodes made");
    }

    private static Set<String> without(Set<String> acknowledged, List<String> there) {
        var lost = new HashSet<>(acknowledged);
        there.forEach(lost::remove);
        return lost;
    }

    private static void assertUnique(List<String> values, String text) {
        assertEquals(values.size(), new HashSet<>(values).size(), () -> text + ": " + values);
    }

    private static String serverKey(ApplianceHost appliance) {
        String answer = appliance.host().run("curl", "-fsS", "http://127.0.0.1/key?v=113").must();
        return JSON.readTree(answer).path("publicKey").asString();
    }

    /** Whole lines alone: the last one may be half written. */
    private static List<String> acknowledgedNodes(NetLab lab) {
        String log = lab.host("rt").log("nodes");
        int end = log.lastIndexOf('\n');
        return end < 0
                ? List.of()
                : log.substring(0, end).lines().filter(l -> l.startsWith("nodekey:")).toList();
    }

    private static Set<String> makeUntilKilled(ApplianceHost appliance, int millis)
            throws InterruptedException {
        Set<String> made = Collections.synchronizedSet(new HashSet<>());
        var dead = new AtomicBoolean();
        List<Thread> makers = new ArrayList<>();
        for (int i = 0; i < MAKERS; i++) {
            makers.add(
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        while (!dead.get()) {
                                            String answer = post(appliance);
                                            if (!answer.isEmpty()) {
                                                made.add(
                                                        JSON.readTree(answer)
                                                                .path("id")
                                                                .asString());
                                            }
                                        }
                                    }));
        }
        Thread.sleep(millis);
        appliance.kill();
        dead.set(true);
        for (Thread t : makers) {
            t.join();
        }
        return made;
    }

    private static String post(ApplianceHost appliance) {
        var result =
                appliance
                        .host()
                        .run(
                                "curl",
                                "-fs",
                                "-m",
                                "5",
                                "--unix-socket",
                                appliance.socket().toString(),
                                "-d",
                                "{}",
                                "http://hearth/api/v2/tailnet/-/keys");
        return result.ok() ? result.out() : "";
    }

    private static List<String> there(ApplianceHost appliance, String what, String field) {
        List<String> out = new ArrayList<>();
        for (JsonNode n : appliance.json(what, "list")) {
            JsonNode value = n.path(field);
            out.add(value.isString() ? value.asString() : value.toString());
        }
        return out;
    }
}
