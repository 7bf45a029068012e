package hearth.packet;

import hearth.base.IpAddress;
import hearth.base.IpPrefix;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Longest-prefix match from addresses of both families to values. Immutable: the nested prefixes
 * are flattened once to disjoint ascending pieces, a look-up is one binary search without
 * allocation, and threads share a table by one volatile reference.
 */
public final class PrefixTable<T> {
    private final AddressCuts cuts;
    private final @Nullable Object[] values;
    private final int prefixes;

    private PrefixTable(AddressCuts cuts, @Nullable Object[] values, int prefixes) {
        this.cuts = cuts;
        this.values = values;
        this.prefixes = prefixes;
    }

    /** When a prefix is given twice the later value wins. */
    public static <T> PrefixTable<T> of(Collection<Map.Entry<IpPrefix, T>> entries) {
        var starts = new TreeSet<IpAddress>();
        for (Map.Entry<IpPrefix, T> e : entries) {
            starts.add(e.getKey().first());
            starts.add(e.getKey().last().next()); // wraps to the family's first: already a start
        }
        var cuts = new AddressCuts(starts);
        @Nullable Object[] values = new Object[cuts.size()];
        // shorter prefixes paint first; the sort is stable, so a later twin paints over
        List<Map.Entry<IpPrefix, T>> outerFirst =
                entries.stream().sorted(Comparator.comparingInt(e -> e.getKey().length())).toList();
        for (Map.Entry<IpPrefix, T> e : outerFirst) {
            int from = cuts.find(e.getKey().first());
            int to = cuts.find(e.getKey().last());
            Arrays.fill(values, from, to + 1, e.getValue());
        }
        return new PrefixTable<>(cuts, values, entries.size());
    }

    /** The value of the longest prefix that holds the address, or null. */
    public @Nullable T get(boolean v4, long high, long low) {
        @SuppressWarnings("unchecked") // only values of T are ever stored
        T value = (T) values[cuts.find(v4, high, low)];
        return value;
    }

    public @Nullable T get(IpAddress a) {
        return get(a.v4(), a.high(), a.low());
    }

    /** How many prefixes it was made of. */
    public int size() {
        return prefixes;
    }
}
