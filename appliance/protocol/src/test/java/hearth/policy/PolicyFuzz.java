package hearth.policy;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.policy.NaivePolicy.Flow;
import hearth.policy.hujson.HuJsonTexts;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Parser and compiler under damaged and random texts. {@code -Dfuzz.count=10000000} inputs or
 * {@code -Dfuzz.seconds=60}; one second without either. No exception but {@link InvalidPolicy}, no
 * input that takes longer than five seconds, nothing allowed that the naive evaluator refuses.
 */
@Timeout(86_400)
final class PolicyFuzz {
    private static final long COUNT = Long.getLong("fuzz.count", Long.MAX_VALUE);
    private static final long SECONDS =
            Long.getLong("fuzz.seconds", COUNT == Long.MAX_VALUE ? 1 : 86_000);
    private static final long SLOW_NANOS = 5_000_000_000L;
    private static final int MUTANTS = 200;

    private static final List<String> WORDS =
            List.of(
                    "\"deny\"",
                    "\"accept\"",
                    "\"*\"",
                    "\"*:*\"",
                    "\"tag:db\"",
                    "\"tag:nobody\"",
                    "\"group:a\"",
                    "\"autogroup:self\"",
                    "\"autogroup:self:*\"",
                    "\"autogroup:internet:*\"",
                    "\"autogroup:danger-all\"",
                    "\"nas\"",
                    "\"nas:22\"",
                    "\"device:nas:*\"",
                    "\"10.0.0.0/8:*\"",
                    "\"::/0\"",
                    "\"[fd7a::1]:80\"",
                    "\"nas:99999\"",
                    "\"nas:1-\"",
                    "\"\"",
                    "\":\"",
                    "null",
                    "{}",
                    "[]",
                    "true",
                    "1e9",
                    "\"src\"",
                    "\"dst\"",
                    "\"acls\"",
                    "\"grants\"",
                    "\"ssh\"",
                    "\"via\"",
                    "\"ip\"",
                    "\"app\"",
                    "\"postures\"",
                    "\"ipsets\"",
                    "\"tests\"",
                    "\"nodeAttrs\"");

    private final long seed = Long.getLong("policy.seed", 20_261_122L);
    private long inputs;
    private long valid;
    private long flows;

    @Test
    void nothingUndocumentedHappens() {
        long start = System.nanoTime();
        for (long round = 0; inputs < COUNT && elapsed(start) < SECONDS * 1e9; round++) {
            SplittableRandom random = new SplittableRandom(seed + round);
            RandomPolicies source = new RandomPolicies(random);
            World world = source.world();
            String text = source.policy();
            check(text, world, true, source, random);
            for (int i = 0; i < MUTANTS && inputs < COUNT; i++) {
                check(mutant(text, random), world, false, source, random);
            }
            for (int i = 0; i < MUTANTS / 10 && inputs < COUNT; i++) {
                check(new HuJsonTexts(random).broken(), world, false, source, random);
            }
        }
        assertTrue(inputs > 0);
        System.out.printf(
                "PolicyFuzz seed=%d inputs=%d valid=%d flows=%d seconds=%.1f%n",
                seed, inputs, valid, flows, elapsed(start) / 1e9);
    }

    private static long elapsed(long start) {
        return System.nanoTime() - start;
    }

    private void check(
            String text,
            World world,
            boolean whole,
            RandomPolicies source,
            SplittableRandom random) {
        long start = System.nanoTime();
        inputs++;
        try {
            Policy policy = Policy.parse(text, Policy.Dialect.HEARTH);
            valid++;
            if (whole || random.nextInt(8) == 0) {
                CompiledPolicy compiled = policy.compile(world);
                compiled.objections();
                if (whole) {
                    compare(text, world, compiled, source);
                }
            }
        } catch (InvalidPolicy e) {
            assertFalse(e.problems().isEmpty());
        } catch (RuntimeException | StackOverflowError e) {
            throw new AssertionError("seed " + seed + ": " + text, e);
        }
        assertTrue(System.nanoTime() - start < SLOW_NANOS, () -> "slow: " + text);
    }

    private void compare(String text, World world, CompiledPolicy compiled, RandomPolicies source) {
        NaivePolicy naive = new NaivePolicy(text, world);
        for (Device d : world.devices()) {
            for (int f = 0; f < 10; f++) {
                Flow flow = source.flow(world, d);
                flows++;
                assertTrue(
                        naive.allows(d, flow)
                                || !FilterModel.allows(compiled.packetFilter(d.id()), flow),
                        () -> "seed " + seed + " " + d + " " + flow + ": " + text);
            }
        }
    }

    private static String mutant(String text, SplittableRandom random) {
        StringBuilder out = new StringBuilder(text);
        for (int i = random.nextInt(3); i >= 0; i--) {
            if (random.nextInt(4) == 0) {
                int at = random.nextInt(out.length());
                out.setCharAt(at, "{}[],:\"/*x0-.\n".charAt(random.nextInt(14)));
            } else {
                swapString(out, random);
            }
        }
        return out.toString();
    }

    /** Puts another word in the place of some string. */
    private static void swapString(StringBuilder out, SplittableRandom random) {
        List<Integer> quotes = new ArrayList<>();
        for (int at = out.indexOf("\""); at >= 0; at = out.indexOf("\"", at + 1)) {
            quotes.add(at);
        }
        if (quotes.size() < 2) {
            return;
        }
        int pair = random.nextInt(quotes.size() / 2) * 2;
        out.replace(
                quotes.get(pair),
                quotes.get(pair + 1) + 1,
                WORDS.get(random.nextInt(WORDS.size())));
    }
}
