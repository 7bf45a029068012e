package hearth.policy;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.policy.NaivePolicy.Flow;
import hearth.policy.hujson.HuJsonTexts;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Parser and compiler under damaged and random texts. {@code -Dfuzz.count=10000000} inputs or
 * {@code -Dfuzz.seconds=60}; two seconds without either. No exception but {@link InvalidPolicy}, no
 * input that takes longer than five seconds, nothing allowed that the naive evaluator refuses.
 */
@Timeout(86_400)
final class PolicyFuzz {
    private static final long COUNT = Long.getLong("fuzz.count", Long.MAX_VALUE);
    private static final long SECONDS =
            Long.getLong("fuzz.seconds", COUNT == Long.MAX_VALUE ? 2 : 86_000);
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

    /** A text and where its quoted strings lie: from the even to the odd quote. */
    private record Base(String text, List<Integer> quotes) {
        static Base of(String text) {
            return new Base(
                    text,
                    IntStream.range(0, text.length())
                            .filter(i -> text.charAt(i) == '"')
                            .boxed()
                            .toList());
        }

        int strings() {
            return quotes.size() / 2;
        }

        int start(int i) {
            return quotes.get(2 * i);
        }

        int end(int i) {
            return quotes.get(2 * i + 1) + 1;
        }

        String string(int i) {
            return text.substring(start(i), end(i));
        }
    }

    @Test
    void nothingUndocumentedHappens() {
        long start = System.nanoTime();
        for (long round = 0; inputs < COUNT && elapsed(start) < SECONDS * 1e9; round++) {
            SplittableRandom random = new SplittableRandom(seed + round);
            RandomPolicies source = new RandomPolicies(random);
            World world = source.world();
            check(source.policy(), world, 1, 1, source, random);
            Base known = Base.of(source.policy());
            for (int i = 0; i < MUTANTS / 10 && inputs < COUNT; i++) {
                check(exchanged(known, random), world, 8, 8, source, random);
            }
            Base all = Base.of(source.shortPolicy());
            for (int i = 0; i < MUTANTS && inputs < COUNT; i++) {
                check(mutant(all, random), world, 16, 0, source, random);
            }
            for (int i = 0; i < MUTANTS / 10 && inputs < COUNT; i++) {
                check(new HuJsonTexts(random).broken(), world, 1, 0, source, random);
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

    /** Compiles one valid text of so many, and compares one of so many with the naive evaluator. */
    private void check(
            String text,
            World world,
            int compiling,
            int comparing,
            RandomPolicies source,
            SplittableRandom random) {
        long start = System.nanoTime();
        inputs++;
        try {
            Policy policy = Policy.parse(text, Policy.Dialect.HEARTH);
            valid++;
            if (random.nextInt(compiling) == 0) {
                CompiledPolicy compiled = policy.compile(world);
                compiled.objections();
                if (comparing > 0 && random.nextInt(comparing) == 0) {
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

    /** One string of the text in the place of another: still words that the evaluator knows. */
    private static String exchanged(Base base, SplittableRandom random) {
        int at = random.nextInt(base.strings());
        String other = base.string(random.nextInt(base.strings()));
        return base.text.substring(0, base.start(at)) + other + base.text.substring(base.end(at));
    }

    private static String mutant(Base base, SplittableRandom random) {
        int at = random.nextInt(base.strings());
        String word =
                random.nextBoolean()
                        ? WORDS.get(random.nextInt(WORDS.size()))
                        : base.string(random.nextInt(base.strings()));
        StringBuilder out = new StringBuilder(base.text);
        out.replace(base.start(at), base.end(at), word);
        if (random.nextInt(3) == 0) {
            int second = random.nextInt(at + 1);
            if (second < at) {
                out.replace(
                        base.start(second),
                        base.end(second),
                        WORDS.get(random.nextInt(WORDS.size())));
            }
        }
        while (random.nextInt(4) == 0) {
            int where = random.nextInt(out.length());
            out.setCharAt(where, "{}[],:\"/*x0-.@\n".charAt(random.nextInt(15)));
        }
        return out.toString();
    }
}
