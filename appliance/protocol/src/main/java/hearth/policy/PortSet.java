package hearth.policy;

import hearth.control.PortRange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * An immutable set of ports.
 *
 * @param ranges ascending, disjoint, not adjacent
 */
record PortSet(List<PortRange> ranges) {
    static final PortSet EMPTY = new PortSet(List.of());
    static final PortSet ALL = new PortSet(List.of(PortRange.ALL));

    static PortSet of(List<PortRange> ranges) {
        List<PortRange> sorted = new ArrayList<>(ranges);
        sorted.sort(Comparator.comparingInt(PortRange::first));
        List<PortRange> out = new ArrayList<>();
        for (PortRange r : sorted) {
            if (!out.isEmpty() && r.first() <= out.getLast().last() + 1) {
                PortRange open = out.removeLast();
                out.add(new PortRange(open.first(), Math.max(open.last(), r.last())));
            } else {
                out.add(r);
            }
        }
        return new PortSet(List.copyOf(out));
    }

    boolean isEmpty() {
        return ranges.isEmpty();
    }

    boolean isAll() {
        return equals(ALL);
    }

    boolean contains(int port) {
        return ranges.stream().anyMatch(r -> r.contains(port));
    }

    PortSet intersect(PortSet o) {
        List<PortRange> out = new ArrayList<>();
        for (PortRange a : ranges) {
            for (PortRange b : o.ranges) {
                int first = Math.max(a.first(), b.first());
                int last = Math.min(a.last(), b.last());
                if (first <= last) {
                    out.add(new PortRange(first, last));
                }
            }
        }
        return new PortSet(List.copyOf(out));
    }

    PortSet minus(PortSet o) {
        return intersect(o.complement());
    }

    PortSet union(PortSet o) {
        List<PortRange> all = new ArrayList<>(ranges);
        all.addAll(o.ranges);
        return of(all);
    }

    private PortSet complement() {
        List<PortRange> out = new ArrayList<>();
        int at = 0;
        for (PortRange r : ranges) {
            if (at < r.first()) {
                out.add(new PortRange(at, r.first() - 1));
            }
            at = r.last() + 1;
        }
        if (at <= 65535) {
            out.add(new PortRange(at, 65535));
        }
        return new PortSet(List.copyOf(out));
    }
}
