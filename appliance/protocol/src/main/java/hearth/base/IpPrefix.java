package hearth.base;

import org.jspecify.annotations.Nullable;

/**
 * A CIDR prefix. The address keeps its host bits as written ({@code 10.0.0.1/8}); {@link #masked}
 * clears them. Ordered by address, then length.
 */
public record IpPrefix(IpAddress address, int length) implements Comparable<IpPrefix> {
    public static final IpPrefix ALL_V4 = new IpPrefix(IpAddress.V4_MIN, 0);
    public static final IpPrefix ALL_V6 = new IpPrefix(IpAddress.V6_MIN, 0);

    public IpPrefix {
        if (length < 0 || length > address.bits()) {
            throw new IllegalArgumentException("prefix length " + length + " for " + address);
        }
    }

    /** The single address as /32 or /128. */
    public static IpPrefix of(IpAddress address) {
        return new IpPrefix(address, address.bits());
    }

    public static IpPrefix parse(String text) {
        IpPrefix p = tryParse(text);
        if (p == null) {
            throw new IllegalArgumentException("not a CIDR prefix: \"" + text + "\"");
        }
        return p;
    }

    /** The prefix, or null; a bare address is not a prefix. */
    public static @Nullable IpPrefix tryParse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            return null;
        }
        IpAddress a = IpAddress.tryParse(text.substring(0, slash));
        String digits = text.substring(slash + 1);
        boolean wellFormed =
                !digits.isEmpty()
                        && digits.length() <= 3
                        && digits.chars().allMatch(c -> c >= '0' && c <= '9')
                        && !(digits.length() > 1 && digits.charAt(0) == '0');
        if (a == null || !wellFormed) {
            return null;
        }
        int length = Integer.parseInt(digits);
        return length <= a.bits() ? new IpPrefix(a, length) : null;
    }

    public boolean isSingleAddress() {
        return length == address.bits();
    }

    /** {@code 0.0.0.0/0} or {@code ::/0}. */
    public boolean isDefaultRoute() {
        return length == 0;
    }

    public IpPrefix masked() {
        return new IpPrefix(first(), length);
    }

    public IpAddress first() {
        return new IpAddress(address.v4(), address.high() & maskHigh(), address.low() & maskLow());
    }

    public IpAddress last() {
        long low = address.low() | ~maskLow();
        return address.v4()
                ? new IpAddress(true, 0, low & 0xffff_ffffL)
                : new IpAddress(false, address.high() | ~maskHigh(), low);
    }

    public boolean contains(IpAddress a) {
        return a.v4() == address.v4()
                && ((a.high() ^ address.high()) & maskHigh()) == 0
                && ((a.low() ^ address.low()) & maskLow()) == 0;
    }

    public boolean contains(IpPrefix p) {
        return p.length >= length && contains(p.address);
    }

    public boolean overlaps(IpPrefix p) {
        return contains(p.address) || p.contains(address);
    }

    public IpRange range() {
        return new IpRange(first(), last());
    }

    private long maskHigh() {
        if (address.v4() || length == 0) {
            return 0;
        }
        return length >= 64 ? -1L : -1L << (64 - length);
    }

    private long maskLow() {
        if (address.v4()) {
            return length == 0 ? 0 : 0xffff_ffffL << (32 - length) & 0xffff_ffffL;
        }
        return length <= 64 ? 0 : -1L << (128 - length);
    }

    @Override
    public int compareTo(IpPrefix o) {
        int c = address.compareTo(o.address);
        return c != 0 ? c : Integer.compare(length, o.length);
    }

    @Override
    public String toString() {
        return address + "/" + length;
    }
}
