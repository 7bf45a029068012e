package hearth.engine;

import hearth.os.StateFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

/**
 * The wall clock, but never earlier than what an earlier run may have told: peers refuse a
 * handshake whose timestamp is not later than the last one, so a machine whose clock went back over
 * a restart (a board without battery) would be locked out until its clock had caught up.
 *
 * <p>File: seconds since 1970, a time that no handshake has reached yet. It is written ahead, at
 * most once in {@link #LEAD} / 2.
 */
final class HandshakeClock implements InstantSource {
    static final Duration LEAD = Duration.ofMinutes(2);

    private static final System.Logger LOG = System.getLogger(HandshakeClock.class.getName());

    private final Path file;
    private final InstantSource wall;
    private final LongSupplier nanoTime;
    private final Executor writer;
    private final Instant floor;
    private final long startNanos;
    private final AtomicBoolean writing = new AtomicBoolean();
    private volatile Instant reserved;
    private volatile boolean failing; // told once

    /**
     * Reads the mark of the run before and writes the first one of this.
     *
     * @param writer runs the later writes, which may take as long as the disk does
     */
    HandshakeClock(Path file, InstantSource wall, LongSupplier nanoTime, Executor writer) {
        this.file = file;
        this.wall = wall;
        this.nanoTime = nanoTime;
        this.writer = writer;
        this.floor = read(file);
        this.startNanos = nanoTime.getAsLong();
        this.reserved = floor;
        write(instantNow());
    }

    /** Any thread. */
    @Override
    public Instant instant() {
        Instant now = instantNow();
        if (now.plus(LEAD.dividedBy(2)).isAfter(reserved) && writing.compareAndSet(false, true)) {
            writer.execute(
                    () -> {
                        try {
                            write(now);
                        } finally {
                            writing.set(false);
                        }
                    });
        }
        return now;
    }

    private Instant instantNow() {
        Instant now = wall.instant();
        Instant least = floor.plusNanos(nanoTime.getAsLong() - startNanos);
        return now.isBefore(least) ? least : now;
    }

    private static Instant read(Path file) {
        try {
            return Instant.ofEpochSecond(Long.parseLong(Files.readString(file).strip()));
        } catch (NoSuchFileException first) {
            return Instant.EPOCH;
        } catch (IOException | RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "no handshake time in " + file + ": " + e);
            return Instant.EPOCH;
        }
    }

    private void write(Instant now) {
        Instant next = now.plus(LEAD);
        try {
            StateFile.replace(file, next.getEpochSecond() + "\n");
            failing = false;
        } catch (IOException e) { // handshakes go on; the next try is half a lead away
            if (!failing) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "handshake time not kept in " + file + ": " + e.getMessage());
            }
            failing = true;
        }
        reserved = next;
    }
}
