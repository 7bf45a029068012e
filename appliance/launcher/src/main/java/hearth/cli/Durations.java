package hearth.cli;

import hearth.base.Refused;
import java.time.Duration;
import java.util.regex.Pattern;

/** Spans of time as people write them: {@code 90s}, {@code 30m}, {@code 24h}, {@code 90d}. */
final class Durations {
    private static final Pattern FORM = Pattern.compile("([1-9][0-9]{0,8})([smhd])");

    private Durations() {}

    static Duration parse(String text) throws Refused {
        var m = FORM.matcher(text);
        if (!m.matches()) {
            throw Refused.invalid(
                    "\"" + text + "\" is no span of time, expected e.g. 30m, 24h or 90d");
        }
        long n = Long.parseLong(m.group(1));
        return switch (m.group(2)) {
            case "s" -> Duration.ofSeconds(n);
            case "m" -> Duration.ofMinutes(n);
            case "h" -> Duration.ofHours(n);
            default -> Duration.ofDays(n);
        };
    }
}
