package hearth.tailnet;

import static hearth.tailnet.Clients.NO_WAIT;
import static hearth.tailnet.Clients.OWNER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.base.IpAddress;
import hearth.base.Refused;
import hearth.store.SqliteJournal;
import hearth.testkit.ManualClock;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random registrations, log-outs, commands and leaps of time against a twin that keeps lists and
 * thinks of one rule at a time; with restarts in between. {@code -Dhearth.seed} repeats a run.
 */
final class TailnetModelTest {
    private static final int STEPS = Integer.getInteger("hearth.steps", 1500);
    private static final String BEA = "bea@hearth.internal";

    private final long seed = Long.getLong("hearth.seed", 20_261_122L);
    private final Random random = new Random(seed);
    private final ManualClock clock = new ManualClock();
    private final Twin twin = new Twin();
    @TempDir Path folder = Path.of("");

    /** What the twin knows of a node. */
    private static final class TwinNode {
        int machine;
        int key;
        String owner = "";
        boolean tagged;
        boolean ephemeral;
        boolean loggedOut;
        boolean endless;
        Instant end = Instant.EPOCH;
        IpAddress address = IpAddress.V4_MIN;

        boolean expired(Instant now) {
            return loggedOut || (!endless && !end.isAfter(now));
        }
    }

    /** A key as the twin knows it. */
    private record TwinKey(
            String id,
            String secret,
            String owner,
            boolean tagged,
            boolean reusable,
            boolean ephemeral,
            Instant expires) {}

    private static final class Twin {
        final Map<Long, TwinNode> nodes = new HashMap<>();
        final List<TwinKey> keys = new ArrayList<>();
        final Set<String> used = new HashSet<>();
        final Set<String> revoked = new HashSet<>();
        final Map<IpAddress, Instant> rested = new HashMap<>();

        TwinNode node(long id) {
            return Objects.requireNonNull(nodes.get(id), "node " + id);
        }

        @Nullable Long byKey(int key) {
            for (Map.Entry<Long, TwinNode> e : nodes.entrySet()) {
                if (e.getValue().key == key) {
                    return e.getKey();
                }
            }
            return null;
        }

        @Nullable Long sameOwner(int machine, TwinKey k) {
            for (Map.Entry<Long, TwinNode> e : nodes.entrySet()) {
                TwinNode n = e.getValue();
                boolean same = k.tagged() ? n.tagged : !n.tagged && n.owner.equals(k.owner());
                if (n.machine == machine && same) {
                    return e.getKey();
                }
            }
            return null;
        }
    }

    @Test
    void twinAndTailnetAgree() throws Exception {
        System.Logger log = System.getLogger(TailnetModelTest.class.getName());
        log.log(System.Logger.Level.DEBUG, "seed {0}", seed);
        Tailnet t = open();
        try {
            t.createUser(OWNER, "bea", null, Role.MEMBER);
            for (int i = 0; i < STEPS; i++) {
                String at = "seed " + seed + " step " + i;
                step(t, at);
                if (i % 10 == 0) {
                    compare(t.snapshot(), at);
                }
                if (i % 300 == 299) {
                    String before = t.snapshot().nodes().toString();
                    t.close();
                    t = open();
                    assertEquals(before, t.snapshot().nodes().toString(), at + " reopened");
                }
            }
        } finally {
            t.close();
        }
    }

    private Tailnet open() throws IOException {
        return Tailnet.open(
                new TailnetOptions("hearth.internal", () -> "https://x", clock, random),
                SqliteJournal.open(folder));
    }

    private void step(Tailnet t, String at) throws Refused {
        switch (random.nextInt(12)) {
            case 0, 1 -> createKey(t);
            case 2, 3, 4, 5 -> register(t, at);
            case 6 -> logOut(t, at);
            case 7 -> command(t);
            case 8 -> revoke(t);
            case 9 -> restart(t, at);
            default -> {
                clock.advance(Duration.ofHours(1 + random.nextInt(24 * 20)));
                t.tick();
                for (int i = 0; i < 6; i++) { // half an hour that is no jump of the clock
                    clock.advance(Duration.ofMinutes(5));
                    t.tick();
                }
                twin.nodes.values().removeIf(n -> n.ephemeral && gone(n));
            }
        }
    }

    private boolean gone(TwinNode n) { // nobody ever connects here: an ephemeral one lasts 30 min
        twin.rested.put(n.address, clock.instant());
        return true;
    }

    private void createKey(Tailnet t) throws Refused {
        boolean bea = random.nextInt(3) == 0;
        boolean tagged = random.nextInt(3) == 0;
        boolean reusable = random.nextBoolean();
        boolean ephemeral = random.nextInt(5) == 0;
        var made =
                t.createKey(
                        OWNER,
                        new KeyOptions(
                                bea ? "bea" : null,
                                tagged ? List.of("tag:server") : List.of(),
                                reusable,
                                ephemeral,
                                false,
                                Duration.ofDays(1 + random.nextInt(60)),
                                ""));
        twin.keys.add(
                new TwinKey(
                        made.key().id(),
                        made.secret(),
                        bea ? BEA : OWNER.login(),
                        tagged,
                        reusable,
                        ephemeral,
                        made.key().expires()));
    }

    private void register(Tailnet t, String at) {
        if (twin.keys.isEmpty()) {
            return;
        }
        int machine = 1 + random.nextInt(6);
        int key = 1 + random.nextInt(24);
        TwinKey k = twin.keys.get(random.nextInt(twin.keys.size()));
        RegisterOutcome got = t.register(Clients.facts(machine, key, k.secret()), NO_WAIT);
        Instant now = clock.instant();
        Long known = twin.byKey(key);
        if (known != null) {
            TwinNode n = twin.node(known);
            if (n.machine != machine) {
                assertTrue(got instanceof RegisterOutcome.Failed, at + " foreign: " + got);
            } else if (n.expired(now)) {
                assertTrue(got instanceof RegisterOutcome.KeyExpired, at + " expired: " + got);
            } else {
                assertEquals(known, id(got), at);
            }
            return;
        }
        boolean good =
                now.isBefore(k.expires())
                        && !twin.revoked.contains(k.id())
                        && (k.reusable() || !twin.used.contains(k.id()));
        assertEquals(good, got instanceof RegisterOutcome.Accepted, at + " key: " + got);
        if (!good) {
            return;
        }
        twin.used.add(k.id());
        Node real = Clients.accepted(got);
        Long was = twin.sameOwner(machine, k);
        TwinNode n;
        if (was == null) {
            n = new TwinNode();
            assertFalse(twin.nodes.containsKey(real.id()), at + " id given twice");
            twin.nodes.put(real.id(), n);
            n.machine = machine;
            n.address = real.v4();
            Instant rested = twin.rested.get(real.v4());
            assertTrue(
                    rested == null || !rested.plus(Duration.ofDays(30)).isAfter(now),
                    at + " address too early");
        } else {
            assertEquals(was, real.id(), at);
            n = twin.node(was);
        }
        n.key = key;
        n.owner = k.tagged() ? "" : k.owner();
        n.tagged = k.tagged();
        n.ephemeral = k.ephemeral();
        n.loggedOut = false;
        n.endless |= k.tagged();
        n.end = now.plus(Duration.ofDays(180));
    }

    private void logOut(Tailnet t, String at) {
        int machine = 1 + random.nextInt(6);
        int key = 1 + random.nextInt(24);
        RegisterFacts out =
                Clients.ending(Clients.facts(machine, key, null), Instant.ofEpochSecond(123));
        RegisterOutcome got = t.register(out, NO_WAIT);
        Long known = twin.byKey(key);
        TwinNode n = known == null ? null : twin.nodes.get(known);
        if (n != null && n.machine != machine) {
            assertTrue(got instanceof RegisterOutcome.Failed, at);
            return;
        }
        assertTrue(got instanceof RegisterOutcome.LoggedOut, at + got);
        if (n != null && n.ephemeral) {
            twin.nodes.remove(known);
            twin.rested.put(n.address, clock.instant());
        } else if (n != null) {
            n.end = n.loggedOut ? n.end : clock.instant();
            n.loggedOut = true;
        }
    }

    private void restart(Tailnet t, String at) {
        int machine = 1 + random.nextInt(6);
        int key = 1 + random.nextInt(24);
        Long known = twin.byKey(key);
        TwinNode n = known == null ? null : twin.nodes.get(known);
        if (n == null) {
            return; // a login by hand would begin
        }
        RegisterOutcome got = t.register(Clients.facts(machine, key, null), NO_WAIT);
        if (n.machine != machine) {
            assertTrue(got instanceof RegisterOutcome.Failed, at);
        } else if (n.expired(clock.instant())) {
            assertTrue(got instanceof RegisterOutcome.KeyExpired, at);
        } else {
            assertEquals(known, id(got), at);
        }
    }

    private void revoke(Tailnet t) throws Refused {
        if (!twin.keys.isEmpty() && random.nextInt(4) == 0) {
            TwinKey k = twin.keys.get(random.nextInt(twin.keys.size()));
            if (t.snapshot().key(k.id()) != null) {
                t.revokeKey(OWNER, k.id());
            }
            twin.revoked.add(k.id());
        }
    }

    private void command(Tailnet t) throws Refused {
        if (twin.nodes.isEmpty()) {
            return;
        }
        List<Long> ids = new ArrayList<>(twin.nodes.keySet());
        long id = ids.get(random.nextInt(ids.size()));
        TwinNode n = twin.node(id);
        switch (random.nextInt(4)) {
            case 0 -> {
                t.removeNode(OWNER, id);
                twin.nodes.remove(id);
                twin.rested.put(n.address, clock.instant());
            }
            case 1 -> {
                t.expireNode(OWNER, id);
                n.end = clock.instant();
                n.endless = false;
            }
            case 2 -> {
                t.setKeyExpiry(OWNER, id, false);
                if (!n.endless) {
                    n.loggedOut = false;
                }
                n.endless = true;
            }
            default -> t.renameNode(OWNER, id, "n" + id);
        }
    }

    private static long id(RegisterOutcome o) {
        return Clients.accepted(o).id();
    }

    private void compare(Snapshot s, String at) {
        assertEquals(twin.nodes.size(), s.nodeCount(), at);
        Set<Object> unique = new HashSet<>();
        for (Node n : s.nodes()) {
            TwinNode w = twin.node(n.id());
            assertEquals(Clients.key(w.key), n.key(), at);
            assertEquals(Clients.machine(w.machine), n.machine(), at);
            assertEquals(w.tagged, n.isTagged(), at);
            assertEquals(w.tagged ? "tagged-devices" : w.owner, s.userOf(n).login(), at + " " + n);
            assertEquals(w.expired(clock.instant()), n.expiredAt(clock.instant()), at + " " + n);
            assertEquals(n.isTagged(), n.userId() == User.TAGGED_ID, at);
            assertTrue(unique.add(n.v4()) && unique.add(n.v6()), at + " address twice");
            assertTrue(unique.add(n.name()) && unique.add(n.key()), at + " name or key twice");
            assertEquals(n, s.nodeByKey(n.key()), at);
            assertEquals(n, s.nodeByName(n.name()), at);
            assertEquals(n, s.nodeByAddress(n.v6()), at);
            assertTrue(s.nodesOf(n.machine()).contains(n), at);
        }
    }
}
