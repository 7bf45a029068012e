package hearth.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.testkit.netns.NetLab;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code kill -9} at random moments while keys are being made: what was acknowledged is there. */
final class KillNetnsIT {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int MAKERS = 3;

    @TempDir Path dir;

    @Test
    void nothingAcknowledgedIsLost() throws Exception {
        int kills = Integer.getInteger("hearth.kills", 10);
        long seed = System.nanoTime();
        var random = new Random(seed);
        Set<String> acknowledged = new HashSet<>();
        try (var lab = new NetLab(dir)) {
            lab.link("rt", "10.78.1.1/24", "srv", "10.78.1.2/24");
            lab.route("srv", "10.78.1.1");
            var appliance = new ApplianceHost(lab.host("srv"), "--tun=off");
            for (int round = 0; round < kills; round++) {
                appliance.start();
                acknowledged.addAll(makeUntilKilled(appliance, 100 + random.nextInt(1_500)));
                appliance.start();
                Set<String> there = keys(appliance);
                var lost = new HashSet<>(acknowledged);
                lost.removeAll(there);
                assertEquals(Set.of(), lost, "lost in round " + round + ", seed " + seed);
                appliance.kill();
            }
        }
        assertTrue(acknowledged.size() > kills, acknowledged.size() + " keys made");
        System.out.println("kills " + kills + ", acknowledged keys " + acknowledged.size());
    }

    private static Set<String> makeUntilKilled(ApplianceHost appliance, int millis)
            throws InterruptedException {
        Set<String> made = java.util.Collections.synchronizedSet(new HashSet<>());
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

    private static Set<String> keys(ApplianceHost appliance) {
        Set<String> out = new HashSet<>();
        for (JsonNode k : appliance.json("keys", "list")) {
            out.add(k.path("id").asString());
        }
        return out;
    }
}
