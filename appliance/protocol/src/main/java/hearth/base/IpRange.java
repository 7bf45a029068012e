package hearth.base;

import java.util.ArrayList;
import java.util.List;

/** The addresses from {@code first} to {@code last}, both included, of one family. */
public record IpRange(IpAddress first, IpAddress last) implements Comparable<IpRange> {
    public IpRange {
        if (first.v4() != last.v4() || first.compareTo(last) > 0) {
            throw new IllegalArgumentException("empty address range " + first + "-" + last);
        }
    }

    public boolean contains(IpAddress a) {
        return a.v4() == first.v4() && first.compareTo(a) <= 0 && a.compareTo(last) <= 0;
    }

    /** The fewest prefixes that make up this range, ascending. */
    public List<IpPrefix> prefixes() {
        List<IpPrefix> out = new ArrayList<>();
        IpAddress at = first;
        while (true) {
            int length = at.bits();
            while (length > 0) {
                IpPrefix wider = new IpPrefix(at, length - 1);
                if (!wider.first().equals(at) || wider.last().compareTo(last) > 0) {
                    break;
                }
                length--;
            }
            IpPrefix p = new IpPrefix(at, length);
            out.add(p);
            if (p.last().equals(last)) {
                return out;
            }
            at = p.last().next();
        }
    }

    @Override
    public int compareTo(IpRange o) {
        int c = first.compareTo(o.first);
        return c != 0 ? c : last.compareTo(o.last);
    }

    /** {@code first-last}, or the address alone. */
    @Override
    public String toString() {
        return first.equals(last) ? first.toString() : first + "-" + last;
    }
}
