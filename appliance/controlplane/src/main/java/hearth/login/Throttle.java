package hearth.login;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import hearth.base.IpAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Brakes guessing: after four free failures each further one makes its account and its address wait
 * 1 s, 2 s, 4 s up to 60 s. Never a lasting lock-out. IPv6 counts by /64. Failures against an
 * account are counted apart for home addresses and for the Internet, so that a stranger outside
 * cannot keep the person at home waiting. Counts are forgotten after an hour without a failure; at
 * most 10,000 are kept, the oldest go first.
 */
final class Throttle {
    private static final int FREE_FAILURES = 4;
    private static final Duration LONGEST = Duration.ofSeconds(60);
    private static final Duration FORGET = Duration.ofHours(1);
    private static final int MAX_COUNTS = 10_000;

    private record Count(int failures, Instant last) {
        Duration waitAt(Instant now) {
            if (failures <= FREE_FAILURES) {
                return Duration.ZERO;
            }
            int doublings = Math.min(failures - FREE_FAILURES - 1, 6);
            Duration delay = Duration.ofSeconds(1L << doublings);
            Duration capped = delay.compareTo(LONGEST) > 0 ? LONGEST : delay;
            Duration left = Duration.between(now, last.plus(capped));
            return left.isNegative() ? Duration.ZERO : left;
        }
    }

    @GuardedBy("this") private final Map<String, Count> counts =
            new LinkedHashMap<>(64, 0.75f, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Count> eldest) {
                    return size() > MAX_COUNTS;
                }
            };

    /**
     * Begins a try: how long it has to wait, or zero, and then it counts as failed until {@link
     * #succeeded} says otherwise (so that a hundred tries at once do not all look like the first).
     */
    synchronized Duration begin(String account, IpAddress from, Instant now) {
        Duration a = waitOf(accountKey(account, from), now);
        Duration b = waitOf(addressKey(from), now);
        Duration wait = a.compareTo(b) > 0 ? a : b;
        if (wait.isZero()) {
            add(accountKey(account, from), now);
            add(addressKey(from), now);
        }
        return wait;
    }

    /** Clears the account; of the address only this try is taken back, not those at others. */
    synchronized void succeeded(String account, IpAddress from) {
        counts.remove(accountKey(account, from));
        takeBack(addressKey(from));
    }

    /** The try was not judged at all: neither account nor address has to answer for it. */
    synchronized void undecided(String account, IpAddress from) {
        takeBack(accountKey(account, from));
        takeBack(addressKey(from));
    }

    @GuardedBy("this") private void takeBack(String key) {
        counts.computeIfPresent(
                key, (_, c) -> c.failures() <= 1 ? null : new Count(c.failures() - 1, c.last()));
    }

    @GuardedBy("this") private Duration waitOf(String key, Instant now) {
        Count count = counts.get(key);
        if (count == null) {
            return Duration.ZERO;
        }
        if (count.last().plus(FORGET).isBefore(now)) {
            counts.remove(key);
            return Duration.ZERO;
        }
        if (count.last().isAfter(now)) { // the clock went back
            count = new Count(count.failures(), now);
            counts.put(key, count);
        }
        return count.waitAt(now);
    }

    @GuardedBy("this") private void add(String key, Instant now) {
        Count old = counts.get(key);
        int before = old == null || old.last().plus(FORGET).isBefore(now) ? 0 : old.failures();
        counts.put(key, new Count(before + 1, now));
    }

    private static String accountKey(String account, IpAddress from) {
        String folded = account.toLowerCase(Locale.ROOT);
        String cut = folded.length() > 128 ? folded.substring(0, 128) : folded;
        return (Neighbourhood.isHome(from) ? "home " : "far ") + cut;
    }

    private static String addressKey(IpAddress from) {
        return "from " + Neighbourhood.subscriber(from);
    }
}
