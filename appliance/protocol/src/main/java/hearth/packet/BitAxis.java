package hearth.packet;

import hearth.base.IpAddress;
import hearth.base.IpRange;
import hearth.base.IpSet;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * One address axis of the filter: for each piece of the address space the set of boxes that hold
 * it, as bits in longs; equal sets are stored once.
 */
final class BitAxis {
    private final AddressCuts cuts;
    private final long[][] sets;

    private BitAxis(AddressCuts cuts, long[][] sets) {
        this.cuts = cuts;
        this.sets = sets;
    }

    /** Bit {@code i} stands for {@code members.get(i)}. */
    static BitAxis of(List<IpSet> members) {
        var starts = new TreeSet<IpAddress>();
        for (IpSet s : members) {
            for (IpRange r : s.ranges()) {
                starts.add(r.first());
                starts.add(r.last().next());
            }
        }
        var cuts = new AddressCuts(starts);
        int words = (members.size() + 63) / 64;
        var toggles = new long[cuts.size() + 1][];
        for (int i = 0; i < members.size(); i++) {
            for (IpRange r : members.get(i).ranges()) {
                toggle(toggles, cuts.find(r.first()), i, words);
                toggle(toggles, cuts.find(r.last()) + 1, i, words);
            }
        }
        var sets = new long[cuts.size()][];
        Map<List<Long>, long[]> known = new HashMap<>();
        var now = new long[words];
        for (int piece = 0; piece < sets.length; piece++) {
            long[] flips = toggles[piece];
            if (flips != null) {
                for (int w = 0; w < words; w++) {
                    now[w] ^= flips[w];
                }
            }
            if (piece > 0 && flips == null) {
                sets[piece] = sets[piece - 1];
            } else {
                long[] copy = now.clone();
                sets[piece] =
                        known.computeIfAbsent(Arrays.stream(copy).boxed().toList(), _ -> copy);
            }
        }
        return new BitAxis(cuts, sets);
    }

    private static void toggle(long[][] toggles, int piece, int bit, int words) {
        if (toggles[piece] == null) {
            toggles[piece] = new long[words];
        }
        toggles[piece][bit >>> 6] ^= 1L << (bit & 63);
    }

    /** The boxes at this address; the caller does not write to it. */
    long[] at(boolean v4, long high, long low) {
        return sets[cuts.find(v4, high, low)];
    }
}
