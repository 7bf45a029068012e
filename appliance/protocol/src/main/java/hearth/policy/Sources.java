package hearth.policy;

import hearth.base.IpAddress;
import hearth.base.IpRange;
import hearth.base.IpSet;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The sources of a rule as a filter writes them. Equal when they are written alike. */
final class Sources {
    /** Sorted, without repetition; overlapping entries stay. */
    final List<String> wire;

    private final int hash;
    private @Nullable IpSet set;

    Sources(List<String> wire) {
        this.wire = wire;
        this.hash = wire.hashCode();
    }

    /** Written from nodes and what stands for addresses. */
    static Sources of(List<Entry> nodes, List<String> more) {
        TreeSet<String> out = new TreeSet<>(more);
        for (Entry e : nodes) {
            if (e.named()) {
                out.add(e.node().v4);
                out.add(e.node().v6);
            }
        }
        return new Sources(List.copyOf(out));
    }

    boolean isEmpty() {
        return wire.isEmpty();
    }

    boolean contains(IpAddress a) {
        return set().contains(a);
    }

    IpSet set() {
        IpSet s = set;
        if (s == null) {
            s = parse();
            set = s;
        }
        return s;
    }

    private IpSet parse() {
        List<IpRange> out = new ArrayList<>();
        for (String w : wire) {
            if (w.equals("*")) {
                return IpSet.ALL;
            }
            IpRange r = Ranges.parse(w);
            if (r != null) {
                out.add(r);
            }
        }
        return IpSet.of(out);
    }

    @Override
    public boolean equals(@Nullable Object o) {
        return o == this || (o instanceof Sources s && s.hash == hash && s.wire.equals(wire));
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
