package hearth.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import hearth.base.IpAddress;
import hearth.base.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The flattened table against a linear search for the longest prefix. */
final class PrefixTableModelTest {
    private static final long SEED = 4711;

    @Test
    void agreesWithLinearSearch() {
        var random = new Random(SEED);
        for (int round = 0; round < 300; round++) {
            List<Map.Entry<IpPrefix, Integer>> entries = new ArrayList<>();
            int count = random.nextInt(60);
            for (int i = 0; i < count; i++) {
                IpAddress a = address(random);
                entries.add(Map.entry(new IpPrefix(a, random.nextInt(a.bits() + 1)), i));
            }
            PrefixTable<Integer> table = PrefixTable.of(entries);
            for (int i = 0; i < 300; i++) {
                IpAddress a = probe(random, entries);
                assertEquals(naive(entries, a), table.get(a), () -> "seed " + SEED + " " + a);
            }
        }
    }

    @Test
    void emptyOwnsNothing() {
        PrefixTable<String> table = PrefixTable.of(List.of());
        assertNull(table.get(IpAddress.V4_MAX));
        assertNull(table.get(IpAddress.V6_MIN));
    }

    @Test
    void theLongestWinsUpToTheEdges() {
        PrefixTable<String> table =
                PrefixTable.of(
                        List.of(
                                Map.entry(IpPrefix.parse("255.255.255.255/32"), "last"),
                                Map.entry(IpPrefix.ALL_V4, "exit"),
                                Map.entry(IpPrefix.parse("10.0.0.0/8"), "wide"),
                                Map.entry(IpPrefix.parse("10.255.0.0/16"), "edge")));
        assertEquals("last", table.get(IpAddress.V4_MAX));
        assertEquals("exit", table.get(IpAddress.V4_MIN));
        assertEquals("wide", table.get(IpAddress.parse("10.254.255.255")));
        assertEquals("edge", table.get(IpAddress.parse("10.255.255.255")));
        assertEquals("exit", table.get(IpAddress.parse("11.0.0.0")));
        assertNull(table.get(IpAddress.V6_MAX));
    }

    private static @Nullable Integer naive(
            List<Map.Entry<IpPrefix, Integer>> entries, IpAddress a) {
        Integer best = null;
        int bestLength = -1;
        for (Map.Entry<IpPrefix, Integer> e : entries) {
            if (e.getKey().contains(a) && e.getKey().length() >= bestLength) {
                best = e.getValue();
                bestLength = e.getKey().length();
            }
        }
        return best;
    }

    /** Few distinct bits, so that prefixes nest and touch. */
    private static IpAddress address(Random random) {
        if (random.nextBoolean()) {
            return IpAddress.v4((random.nextInt() & 0xf000_000f) | (random.nextInt() & 0xff00));
        }
        return new IpAddress(false, random.nextLong() & 0xf00f, random.nextLong() & 0xff);
    }

    private static IpAddress probe(Random random, List<Map.Entry<IpPrefix, Integer>> entries) {
        if (entries.isEmpty() || random.nextInt(4) == 0) {
            return address(random);
        }
        IpPrefix p = entries.get(random.nextInt(entries.size())).getKey();
        return switch (random.nextInt(4)) {
            case 0 -> p.first();
            case 1 -> p.last();
            case 2 -> p.first().previous();
            default -> p.last().next();
        };
    }
}
