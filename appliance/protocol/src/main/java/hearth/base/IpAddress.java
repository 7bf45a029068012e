package hearth.base;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An IPv4 or IPv6 address as a number: 128 bits in {@code high} and {@code low}, for IPv4 the 32
 * bits in {@code low}. Ordered by family (IPv4 first), then unsigned. No zone. An IPv4-mapped IPv6
 * address stays IPv6 here; {@link #unmapped} makes it IPv4.
 */
public record IpAddress(boolean v4, long high, long low) implements Comparable<IpAddress> {
    public static final IpAddress V4_MIN = new IpAddress(true, 0, 0);
    public static final IpAddress V4_MAX = new IpAddress(true, 0, 0xffff_ffffL);
    public static final IpAddress V6_MIN = new IpAddress(false, 0, 0);
    public static final IpAddress V6_MAX = new IpAddress(false, -1L, -1L);

    public IpAddress {
        if (v4 && (high != 0 || low >>> 32 != 0)) {
            throw new IllegalArgumentException("IPv4 address out of 32 bits: " + high + ", " + low);
        }
    }

    public static IpAddress v4(int bits) {
        return new IpAddress(true, 0, bits & 0xffff_ffffL);
    }

    /** An address of 4 or 16 bytes in network order. */
    public static IpAddress of(byte[] bytes) {
        ByteBuffer b = ByteBuffer.wrap(bytes);
        return switch (bytes.length) {
            case 4 -> v4(b.getInt());
            case 16 -> new IpAddress(false, b.getLong(), b.getLong());
            default ->
                    throw new IllegalArgumentException(
                            "address of " + bytes.length + " bytes, expected 4 or 16");
        };
    }

    public static IpAddress of(InetAddress address) {
        return of(address.getAddress());
    }

    /** Parses without any name look-up. */
    public static IpAddress parse(String text) {
        IpAddress a = tryParse(text);
        if (a == null) {
            throw new IllegalArgumentException("not an IP address: \"" + text + "\"");
        }
        return a;
    }

    /** The address, or null when {@code text} is not one in the usual notation. */
    public static @Nullable IpAddress tryParse(String text) {
        return text.indexOf(':') >= 0 ? parseV6(text) : parseV4(text);
    }

    private static @Nullable IpAddress parseV4(String text) {
        long bits = 0;
        int parts = 0;
        int i = 0;
        while (true) {
            int start = i;
            int value = 0;
            while (i < text.length() && text.charAt(i) >= '0' && text.charAt(i) <= '9') {
                value = value * 10 + (text.charAt(i) - '0');
                if (++i - start > 3) {
                    return null;
                }
            }
            boolean leadingZero = i - start > 1 && text.charAt(start) == '0';
            if (i == start || value > 255 || leadingZero) {
                return null;
            }
            bits = bits << 8 | value;
            if (++parts == 4) {
                return i == text.length() ? new IpAddress(true, 0, bits) : null;
            }
            if (i >= text.length() || text.charAt(i++) != '.') {
                return null;
            }
        }
    }

    private static @Nullable IpAddress parseV6(String text) {
        int gap = text.indexOf("::");
        if (gap >= 0 && text.indexOf("::", gap + 1) >= 0) {
            return null;
        }
        String head = gap >= 0 ? text.substring(0, gap) : text;
        String tail = gap >= 0 ? text.substring(gap + 2) : "";
        List<Integer> before = groups(head, gap < 0 || tail.isEmpty());
        List<Integer> after = groups(tail, true);
        if (before == null || after == null) {
            return null;
        }
        int given = before.size() + after.size();
        if (gap < 0 ? given != 8 : given > 7) {
            return null;
        }
        long[] half = new long[2];
        for (int i = 0; i < 8; i++) {
            int fromEnd = i - (8 - after.size());
            int value = i < before.size() ? before.get(i) : fromEnd >= 0 ? after.get(fromEnd) : 0;
            half[i / 4] = half[i / 4] << 16 | value;
        }
        return new IpAddress(false, half[0], half[1]);
    }

    private static @Nullable List<Integer> groups(String text, boolean dottedTailAllowed) {
        List<Integer> out = new ArrayList<>();
        if (text.isEmpty()) {
            return out;
        }
        String[] parts = text.split(":", -1);
        for (int i = 0; i < parts.length; i++) {
            String p = parts[i];
            if (p.indexOf('.') >= 0) {
                IpAddress dotted = parseV4(p);
                if (dotted == null || i != parts.length - 1 || !dottedTailAllowed) {
                    return null;
                }
                out.add((int) (dotted.low >>> 16));
                out.add((int) (dotted.low & 0xffff));
                continue;
            }
            if (p.isEmpty() || p.length() > 4) {
                return null;
            }
            int value = 0;
            for (int j = 0; j < p.length(); j++) {
                int digit = p.charAt(j) < 128 ? Character.digit(p.charAt(j), 16) : -1;
                if (digit < 0) {
                    return null;
                }
                value = value << 4 | digit;
            }
            out.add(value);
        }
        return out;
    }

    /** 32 or 128. */
    public int bits() {
        return v4 ? 32 : 128;
    }

    /** 4 or 16 bytes in network order. */
    public byte[] bytes() {
        return v4
                ? ByteBuffer.allocate(4).putInt((int) low).array()
                : ByteBuffer.allocate(16).putLong(high).putLong(low).array();
    }

    public InetAddress toInetAddress() {
        try {
            return InetAddress.getByAddress(bytes());
        } catch (UnknownHostException e) {
            throw new IllegalStateException("address of " + bits() + " bits", e);
        }
    }

    /** With a port, as in URLs: {@code 192.0.2.1:443}, {@code [2001:db8::1]:443}. */
    public String withPort(int port) {
        return (v4 ? toString() : "[" + this + "]") + ":" + port;
    }

    /** The IPv4 address inside {@code ::ffff:a.b.c.d}, or this. */
    public IpAddress unmapped() {
        return !v4 && high == 0 && low >>> 32 == 0xffffL
                ? new IpAddress(true, 0, low & 0xffff_ffffL)
                : this;
    }

    /** The next address; the family's last one wraps to its first. */
    public IpAddress next() {
        if (v4) {
            return new IpAddress(true, 0, (low + 1) & 0xffff_ffffL);
        }
        return new IpAddress(false, low == -1L ? high + 1 : high, low + 1);
    }

    /** The address before; the family's first one wraps to its last. */
    public IpAddress previous() {
        if (v4) {
            return new IpAddress(true, 0, (low - 1) & 0xffff_ffffL);
        }
        return new IpAddress(false, low == 0 ? high - 1 : high, low - 1);
    }

    @Override
    public int compareTo(IpAddress o) {
        if (v4 != o.v4) {
            return v4 ? -1 : 1;
        }
        int c = Long.compareUnsigned(high, o.high);
        return c != 0 ? c : Long.compareUnsigned(low, o.low);
    }

    /** RFC 5952 text for IPv6, dotted quad for IPv4. */
    @Override
    public String toString() {
        if (v4) {
            return (low >>> 24)
                    + "."
                    + (low >>> 16 & 255)
                    + "."
                    + (low >>> 8 & 255)
                    + "."
                    + (low & 255);
        }
        if (high == 0 && low >>> 32 == 0xffffL) {
            return "::ffff:" + unmapped();
        }
        int[] g = new int[8];
        for (int i = 0; i < 8; i++) {
            g[i] = (int) ((i < 4 ? high : low) >>> (48 - 16 * (i % 4)) & 0xffff);
        }
        int bestStart = -1;
        int bestLength = 1;
        for (int i = 0; i < 8; i++) {
            int j = i;
            while (j < 8 && g[j] == 0) {
                j++;
            }
            if (j - i > bestLength) {
                bestStart = i;
                bestLength = j - i;
            }
        }
        StringBuilder out = new StringBuilder(39);
        for (int i = 0; i < 8; i++) {
            if (i == bestStart) {
                out.append("::");
                i += bestLength - 1;
                continue;
            }
            if (i > 0 && out.charAt(out.length() - 1) != ':') {
                out.append(':');
            }
            out.append(Integer.toHexString(g[i]));
        }
        return out.toString();
    }
}
