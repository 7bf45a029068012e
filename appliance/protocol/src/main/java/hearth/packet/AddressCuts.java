package hearth.packet;

import hearth.base.IpAddress;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Both address families cut into ascending pieces; {@link #find} gives the number of the piece that
 * holds an address, IPv4 pieces first. Immutable, look-ups do not allocate.
 */
final class AddressCuts {
    private final long[] v4Starts;
    private final long[] v6High;
    private final long[] v6Low;

    /** Every element starts a piece; each family's first address always does. */
    AddressCuts(SortedSet<IpAddress> starts) {
        var all = new TreeSet<IpAddress>(starts);
        all.add(IpAddress.V4_MIN);
        all.add(IpAddress.V6_MIN);
        int v4Count = all.headSet(IpAddress.V6_MIN).size();
        v4Starts = new long[v4Count];
        v6High = new long[all.size() - v4Count];
        v6Low = new long[all.size() - v4Count];
        int i = 0;
        for (IpAddress a : all) {
            if (a.v4()) {
                v4Starts[i] = a.low();
            } else {
                v6High[i - v4Count] = a.high();
                v6Low[i - v4Count] = a.low();
            }
            i++;
        }
    }

    int size() {
        return v4Starts.length + v6High.length;
    }

    int find(IpAddress a) {
        return find(a.v4(), a.high(), a.low());
    }

    int find(boolean v4, long high, long low) {
        return v4 ? findV4(low) : v4Starts.length + findV6(high, low);
    }

    private int findV4(long low) {
        int from = 0;
        int to = v4Starts.length - 1;
        while (from < to) {
            int mid = (from + to + 1) >>> 1;
            if (v4Starts[mid] <= low) {
                from = mid;
            } else {
                to = mid - 1;
            }
        }
        return from;
    }

    private int findV6(long high, long low) {
        int from = 0;
        int to = v6High.length - 1;
        while (from < to) {
            int mid = (from + to + 1) >>> 1;
            int c = Long.compareUnsigned(v6High[mid], high);
            if (c < 0 || (c == 0 && Long.compareUnsigned(v6Low[mid], low) <= 0)) {
                from = mid;
            } else {
                to = mid - 1;
            }
        }
        return from;
    }
}
