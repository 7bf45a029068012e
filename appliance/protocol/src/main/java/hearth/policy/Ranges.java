package hearth.policy;

import hearth.base.IpAddress;
import hearth.base.IpPrefix;
import hearth.base.IpRange;
import hearth.base.IpSet;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Address ranges with a meaning of their own, and how a filter writes ranges. */
final class Ranges {
    /** What {@code *} as a source means, beside the approved routes. */
    static final List<String> TAILNET_WIRE =
            List.of(
                    "100.64.0.0-100.115.91.255",
                    "100.115.94.0-100.127.255.255",
                    "fd7a:115c:a1e0::/48");

    static final IpSet TAILNET = parseAll(TAILNET_WIRE);

    /**
     * IPv6 addresses of a tailnet that the service gives to no node, so that naming one means none.
     */
    static final IpSet NEVER_GIVEN = IpSet.of(IpPrefix.parse("fd7a:115c:a1e0::/112"));

    /** Where nodes get their IPv4 addresses from. */
    static final IpPrefix CGNAT = IpPrefix.parse("100.64.0.0/10");

    /** Parts of {@link #CGNAT} that no address pool may touch. */
    static final List<IpPrefix> RESERVED =
            List.of(
                    IpPrefix.parse("100.100.0.0/24"),
                    IpPrefix.parse("100.100.100.0/24"),
                    IpPrefix.parse("100.115.92.0/23"));

    /** {@code autogroup:internet}: neither private nor link-local nor a tailnet's. */
    static final IpSet INTERNET = internet();

    static final List<String> INTERNET_WIRE = wire(INTERNET);

    private Ranges() {}

    private static IpSet internet() {
        IpSet notPublic =
                IpSet.of(
                        IpPrefix.parse("10.0.0.0/8"),
                        IpPrefix.parse("100.64.0.0/10"),
                        IpPrefix.parse("169.254.0.0/16"),
                        IpPrefix.parse("172.16.0.0/12"),
                        IpPrefix.parse("192.168.0.0/16"));
        return IpSet.of(IpPrefix.ALL_V4)
                .minus(notPublic)
                .union(IpSet.of(IpPrefix.parse("2000::/3")));
    }

    private static IpSet parseAll(List<String> texts) {
        IpSet out = IpSet.EMPTY;
        for (String t : texts) {
            IpRange r = parse(t);
            if (r == null) {
                throw new IllegalStateException(t);
            }
            out = out.union(IpSet.of(List.of(r)));
        }
        return out;
    }

    /** An address, a prefix or {@code a-b}; null when it is none. */
    static @Nullable IpRange parse(String text) {
        int dash = text.indexOf('-');
        if (dash > 0) {
            IpAddress first = IpAddress.tryParse(text.substring(0, dash));
            IpAddress last = IpAddress.tryParse(text.substring(dash + 1));
            boolean ordered =
                    first != null
                            && last != null
                            && first.v4() == last.v4()
                            && first.compareTo(last) <= 0;
            return ordered && first != null && last != null ? new IpRange(first, last) : null;
        }
        IpAddress a = IpAddress.tryParse(text);
        if (a != null) {
            return new IpRange(a, a);
        }
        IpPrefix p = IpPrefix.tryParse(text);
        return p == null ? null : p.range();
    }

    /** An address alone, a prefix when the range is one, else {@code a-b}. */
    static String wire(IpRange range) {
        if (range.first().equals(range.last())) {
            return range.first().toString();
        }
        List<IpPrefix> prefixes = range.prefixes();
        return prefixes.size() == 1 ? prefixes.getFirst().toString() : range.toString();
    }

    static List<String> wire(IpSet set) {
        List<String> out = new ArrayList<>();
        for (IpRange r : set.ranges()) {
            out.add(wire(r));
        }
        return List.copyOf(out);
    }

    static boolean overlaps(IpSet set, IpPrefix prefix) {
        IpAddress first = prefix.first();
        IpAddress last = prefix.last();
        List<IpRange> ranges = set.ranges();
        int low = 0;
        int high = ranges.size() - 1;
        while (low <= high) {
            int mid = (low + high) >>> 1;
            IpRange r = ranges.get(mid);
            if (last.compareTo(r.first()) < 0) {
                high = mid - 1;
            } else if (first.compareTo(r.last()) > 0) {
                low = mid + 1;
            } else {
                return true;
            }
        }
        return false;
    }
}
