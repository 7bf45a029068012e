package hearth.policy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Map;

/**
 * Durations as Go's package time reads and writes them: {@code 1h30m}, {@code -1.5h}, {@code 0}.
 */
final class GoDuration {
    /** What is wrong with a text, in Go's words. */
    static final class Malformed extends Exception {
        Malformed(String text) {
            super(text, null, false, false);
        }

        String text() {
            return String.valueOf(getMessage());
        }
    }

    private static final Map<String, Long> UNIT_NANOS =
            Map.of(
                    "ns", 1L,
                    "us", 1_000L,
                    "µs", 1_000L, // micro sign
                    "μs", 1_000L, // mu
                    "ms", 1_000_000L,
                    "s", 1_000_000_000L,
                    "m", 60_000_000_000L,
                    "h", 3_600_000_000_000L);
    private static final BigInteger MOST = BigInteger.valueOf(Long.MAX_VALUE);
    private static final int MOST_DIGITS = 60;

    private GoDuration() {}

    static Duration parse(String text) throws Malformed {
        boolean negative = text.startsWith("-");
        String s = negative || text.startsWith("+") ? text.substring(1) : text;
        if (s.equals("0")) {
            return Duration.ZERO;
        }
        if (s.isEmpty()) {
            throw invalid(text);
        }
        BigInteger nanos = BigInteger.ZERO;
        int at = 0;
        while (at < s.length()) {
            int whole = skipDigits(s, at);
            boolean point = whole < s.length() && s.charAt(whole) == '.';
            int end = point ? skipDigits(s, whole + 1) : whole;
            if (end - at == (point ? 1 : 0) || end - at > MOST_DIGITS) {
                throw invalid(text);
            }
            int next = end;
            while (next < s.length() && s.charAt(next) != '.' && !isDigit(s.charAt(next))) {
                next++;
            }
            BigDecimal number =
                    new BigDecimal("0" + s.substring(at, end) + (end == whole + 1 ? "0" : ""));
            long unit = unit(s.substring(end, next), text);
            nanos = nanos.add(number.multiply(BigDecimal.valueOf(unit)).toBigInteger());
            if (nanos.compareTo(MOST) > 0) {
                throw invalid(text);
            }
            at = next;
        }
        return Duration.ofNanos(negative ? -nanos.longValue() : nanos.longValue());
    }

    private static long unit(String name, String text) throws Malformed {
        if (name.isEmpty()) {
            throw new Malformed("time: missing unit in duration \"" + text + "\"");
        }
        Long nanos = UNIT_NANOS.get(name);
        if (nanos == null) {
            throw new Malformed("time: unknown unit \"" + name + "\" in duration \"" + text + "\"");
        }
        return nanos;
    }

    private static int skipDigits(String s, int at) {
        int end = at;
        while (end < s.length() && isDigit(s.charAt(end))) {
            end++;
        }
        return end;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static Malformed invalid(String text) {
        return new Malformed("time: invalid duration \"" + text + "\"");
    }

    /** {@code 200h0m0s}, {@code -1m0s}, {@code 1.5s}, {@code 250ms}, {@code 0s}. */
    static String format(Duration d) {
        long nanos = d.abs().toNanos();
        String sign = d.isNegative() ? "-" : "";
        if (nanos == 0) {
            return "0s";
        }
        if (nanos < 1_000) {
            return sign + nanos + "ns";
        }
        if (nanos < 1_000_000) {
            return sign + fraction(nanos, 3) + "µs";
        }
        if (nanos < 1_000_000_000) {
            return sign + fraction(nanos, 6) + "ms";
        }
        long minutes = nanos / 60_000_000_000L;
        StringBuilder out = new StringBuilder(sign);
        if (minutes >= 60) {
            out.append(minutes / 60).append('h');
        }
        if (minutes > 0) {
            out.append(minutes % 60).append('m');
        }
        return out.append(fraction(nanos % 60_000_000_000L, 9)).append('s').toString();
    }

    private static String fraction(long value, int digits) {
        return BigDecimal.valueOf(value, digits).stripTrailingZeros().toPlainString();
    }
}
