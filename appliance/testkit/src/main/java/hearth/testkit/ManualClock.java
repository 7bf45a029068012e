package hearth.testkit;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that moves only when told: monotonic nanoseconds and wall time advance together. */
public final class ManualClock implements InstantSource {
    private long nanos;
    private Instant wall;

    /** Starts near the wrap of the monotonic clock, so that every test crosses it. */
    public ManualClock() {
        this(Long.MAX_VALUE - 5_000_000_000L, Instant.parse("2026-01-01T00:00:00Z"));
    }

    public ManualClock(long startNanos, Instant startWall) {
        this.nanos = startNanos;
        this.wall = startWall;
    }

    public long nanos() {
        return nanos;
    }

    @Override
    public Instant instant() {
        return wall;
    }

    public void advance(Duration by) {
        nanos += by.toNanos();
        wall = wall.plus(by);
    }
}
