package hearth.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HandshakeClockTest {
    private static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path dir;

    private final ArrayDeque<Runnable> writes = new ArrayDeque<>();
    private Instant wall = NOW;
    private long nanos;

    private HandshakeClock start() {
        return new HandshakeClock(
                dir.resolve("handshake.time"), () -> wall, () -> nanos, writes::add);
    }

    private void pass(Duration time) {
        wall = wall.plus(time);
        nanos += time.toNanos();
    }

    private void writeAll() {
        for (Runnable w = writes.poll(); w != null; w = writes.poll()) {
            w.run();
        }
    }

    @Test
    void tellsTheWallClockOfANewMachine() {
        HandshakeClock clock = start();
        assertEquals(NOW, clock.instant());
        pass(Duration.ofDays(400));
        assertEquals(wall, clock.instant());
    }

    @Test
    void aClockThatWentBackOverARestartGoesOnWhereItWas() {
        HandshakeClock before = start();
        pass(Duration.ofHours(5));
        Instant last = before.instant();
        writeAll();
        wall = Instant.EPOCH.plusSeconds(100);
        HandshakeClock after = start();
        assertTrue(after.instant().isAfter(last), after.instant() + " after " + last);
        assertFalse(after.instant().isAfter(last.plus(HandshakeClock.LEAD)));
        Instant then = after.instant();
        pass(Duration.ofSeconds(7));
        assertEquals(then.plusSeconds(7), after.instant());
        wall = NOW.plus(Duration.ofDays(1)); // NTP
        assertEquals(wall, after.instant());
    }

    @Test
    void neverGoesBackOverRandomKillsAndClocks() {
        var random = new Random(5);
        Instant last = Instant.EPOCH;
        for (int run = 0; run < 60; run++) {
            wall = random.nextInt(3) == 0 ? Instant.EPOCH.plusSeconds(run) : wall;
            HandshakeClock clock = start();
            for (int i = random.nextInt(20); i > 0; i--) {
                Instant told = clock.instant();
                assertTrue(told.isAfter(last), "run " + run + ": " + told + " after " + last);
                last = told;
                pass(Duration.ofSeconds(1 + random.nextInt(30)));
                writeAll(); // the disk needs less than half the lead
            }
            writes.clear(); // killed
        }
    }

    @Test
    void writesSeldom() {
        HandshakeClock clock = start();
        int written = 0;
        for (int second = 0; second < 3600; second++) {
            clock.instant();
            written += writes.size();
            writeAll();
            pass(Duration.ofSeconds(1));
        }
        assertTrue(written <= 61, written + " writes an hour");
    }

    @Test
    void aBrokenFileOrFolderStopsNothing() throws IOException {
        Files.writeString(dir.resolve("handshake.time"), "tomorrow\n");
        assertEquals(NOW, start().instant());
        Path nowhere = dir.resolve("missing").resolve("handshake.time");
        var clock = new HandshakeClock(nowhere, () -> wall, () -> nanos, Runnable::run);
        assertEquals(NOW, clock.instant());
    }

    @Test
    void theFileIsForItsOwnerAlone() throws IOException {
        Path file = dir.resolve("handshake.time");
        Files.writeString(dir.resolve("handshake.time.new"), "left by a crash, for all to read");
        start();
        assertEquals(
                "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertEquals(NOW.plus(HandshakeClock.LEAD).getEpochSecond() + "\n", Files.readString(file));
    }
}
