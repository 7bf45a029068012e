package hearth.base;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An immutable set of addresses of both families: ascending, disjoint, non-adjacent ranges. */
public final class IpSet {
    public static final IpSet EMPTY = new IpSet(List.of());
    public static final IpSet ALL =
            new IpSet(
                    List.of(
                            new IpRange(IpAddress.V4_MIN, IpAddress.V4_MAX),
                            new IpRange(IpAddress.V6_MIN, IpAddress.V6_MAX)));

    private final List<IpRange> ranges;

    private IpSet(List<IpRange> ranges) {
        this.ranges = ranges;
    }

    public static IpSet of(Collection<IpRange> ranges) {
        if (ranges.isEmpty()) {
            return EMPTY;
        }
        IpRange[] sorted = ranges.toArray(new IpRange[0]);
        Arrays.sort(sorted);
        List<IpRange> out = new ArrayList<>(sorted.length);
        IpRange open = sorted[0];
        for (int i = 1; i < sorted.length; i++) {
            IpRange r = sorted[i];
            boolean joins =
                    r.first().v4() == open.first().v4()
                            && (isFamilyMax(open.last())
                                    || r.first().compareTo(open.last().next()) <= 0);
            if (!joins) {
                out.add(open);
                open = r;
            } else if (r.last().compareTo(open.last()) > 0) {
                open = new IpRange(open.first(), r.last());
            }
        }
        out.add(open);
        return new IpSet(List.copyOf(out));
    }

    public static IpSet of(IpPrefix... prefixes) {
        return of(Arrays.stream(prefixes).map(IpPrefix::range).toList());
    }

    public static IpSet ofPrefixes(Collection<IpPrefix> prefixes) {
        return of(prefixes.stream().map(IpPrefix::range).toList());
    }

    public List<IpRange> ranges() {
        return ranges;
    }

    public boolean isEmpty() {
        return ranges.isEmpty();
    }

    public boolean contains(IpAddress a) {
        int low = 0;
        int high = ranges.size() - 1;
        while (low <= high) {
            int mid = (low + high) >>> 1;
            IpRange r = ranges.get(mid);
            if (a.compareTo(r.first()) < 0) {
                high = mid - 1;
            } else if (a.compareTo(r.last()) > 0) {
                low = mid + 1;
            } else {
                return true;
            }
        }
        return false;
    }

    public boolean containsAll(IpSet o) {
        return o.minus(this).isEmpty();
    }

    public boolean overlaps(IpSet o) {
        int i = 0;
        int j = 0;
        while (i < ranges.size() && j < o.ranges.size()) {
            IpRange a = ranges.get(i);
            IpRange b = o.ranges.get(j);
            if (a.last().compareTo(b.first()) < 0) {
                i++;
            } else if (b.last().compareTo(a.first()) < 0) {
                j++;
            } else {
                return true;
            }
        }
        return false;
    }

    public IpSet union(IpSet o) {
        if (isEmpty()) {
            return o;
        }
        if (o.isEmpty()) {
            return this;
        }
        List<IpRange> all = new ArrayList<>(ranges);
        all.addAll(o.ranges);
        return of(all);
    }

    public IpSet intersect(IpSet o) {
        List<IpRange> out = new ArrayList<>();
        int i = 0;
        int j = 0;
        while (i < ranges.size() && j < o.ranges.size()) {
            IpRange a = ranges.get(i);
            IpRange b = o.ranges.get(j);
            IpAddress first = max(a.first(), b.first());
            IpAddress last = min(a.last(), b.last());
            if (first.v4() == last.v4() && first.compareTo(last) <= 0) {
                out.add(new IpRange(first, last));
            }
            if (a.last().compareTo(b.last()) < 0) {
                i++;
            } else {
                j++;
            }
        }
        return out.isEmpty() ? EMPTY : new IpSet(List.copyOf(out));
    }

    public IpSet minus(IpSet o) {
        return intersect(o.complement());
    }

    public IpSet complement() {
        List<IpRange> out = new ArrayList<>();
        gaps(IpAddress.V4_MIN, IpAddress.V4_MAX, out);
        gaps(IpAddress.V6_MIN, IpAddress.V6_MAX, out);
        return out.isEmpty() ? EMPTY : new IpSet(List.copyOf(out));
    }

    private void gaps(IpAddress min, IpAddress max, List<IpRange> out) {
        IpAddress at = min;
        for (IpRange r : ranges) {
            if (r.first().v4() != min.v4()) {
                continue;
            }
            if (at.compareTo(r.first()) < 0) {
                out.add(new IpRange(at, r.first().previous()));
            }
            if (r.last().equals(max)) {
                return;
            }
            at = r.last().next();
        }
        out.add(new IpRange(at, max));
    }

    public List<IpPrefix> prefixes() {
        return ranges.stream().flatMap(r -> r.prefixes().stream()).toList();
    }

    private static boolean isFamilyMax(IpAddress a) {
        return a.equals(a.v4() ? IpAddress.V4_MAX : IpAddress.V6_MAX);
    }

    private static IpAddress max(IpAddress a, IpAddress b) {
        return a.compareTo(b) >= 0 ? a : b;
    }

    private static IpAddress min(IpAddress a, IpAddress b) {
        return a.compareTo(b) <= 0 ? a : b;
    }

    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof IpSet s && s.ranges.equals(ranges);
    }

    @Override
    public int hashCode() {
        return ranges.hashCode();
    }

    @Override
    public String toString() {
        return ranges.toString();
    }
}
