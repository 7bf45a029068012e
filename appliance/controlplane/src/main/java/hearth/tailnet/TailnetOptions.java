package hearth.tailnet;

import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * What a tailnet needs from outside.
 *
 * @param domain below which device names live, e.g. {@code hearth.internal}
 * @param pageBase where people's pages are, e.g. {@code https://192.168.1.5}, without a slash at
 *     the end; asked for at every login
 * @param random a SecureRandom outside tests
 * @param ephemeralTimeout how long an ephemeral node may be away
 */
public record TailnetOptions(
        String domain,
        Supplier<String> pageBase,
        InstantSource clock,
        RandomGenerator random,
        Duration ephemeralTimeout) {
    public TailnetOptions(
            String domain, Supplier<String> pageBase, InstantSource clock, RandomGenerator random) {
        this(domain, pageBase, clock, random, Duration.ofMinutes(30));
    }
}
