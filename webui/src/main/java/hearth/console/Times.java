package hearth.console;

import hearth.console.view.When;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** Moments and spans in words. */
final class Times {
    private final InstantSource clock;
    private final DateTimeFormatter absolute;

    Times(InstantSource clock, ZoneId zone) {
        this.clock = clock;
        this.absolute =
                DateTimeFormatter.ofPattern("d MMM yyyy, HH:mm:ss z", Locale.ENGLISH)
                        .withZone(zone);
    }

    Instant now() {
        return clock.instant();
    }

    When when(Instant at) {
        Instant second = at.truncatedTo(ChronoUnit.SECONDS);
        return new When(second.toString(), absolute.format(second), relative(at));
    }

    private String relative(Instant at) {
        Duration since = Duration.between(at, clock.instant());
        if (since.abs().toSeconds() < 5) {
            return "now";
        }
        return since.isNegative() ? "in " + span(since.negated()) : span(since) + " ago";
    }

    /** The greatest whole unit: {@code 40 s}, {@code 3 min}, {@code 5 h}, {@code 12 days}. */
    static String span(Duration d) {
        long seconds = d.toSeconds();
        if (seconds < 60) {
            return seconds + " s";
        }
        if (seconds < 3600) {
            return seconds / 60 + " min";
        }
        if (seconds < 2 * 86_400) {
            return seconds / 3600 + " h";
        }
        return seconds / 86_400 + " days";
    }

    /** {@code 4 ms}, {@code 0.6 ms}, {@code 1.2 s}. */
    static String latency(Duration d) {
        double ms = d.toNanos() / 1e6;
        if (ms >= 1000) {
            return String.format(Locale.ROOT, "%.1f s", ms / 1000);
        }
        return String.format(Locale.ROOT, ms < 1 ? "%.1f ms" : "%.0f ms", ms);
    }
}
