package hearth.policy;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** An immutable set of IP protocol numbers, 0 to 255, as 256 bits. */
record ProtocolSet(long bits0, long bits64, long bits128, long bits192) {
    static final ProtocolSet EMPTY = new ProtocolSet(0, 0, 0, 0);

    /** The protocols that have ports: TCP, UDP, SCTP. */
    static final ProtocolSet WITH_PORTS = of(List.of(6, 17, 132));

    /** What a rule means that names no protocol: ICMP, TCP, UDP, ICMPv6. */
    static final ProtocolSet USUAL = of(List.of(1, 6, 17, 58));

    static ProtocolSet of(Collection<Integer> numbers) {
        long[] bits = new long[4];
        for (int n : numbers) {
            bits[n >> 6] |= 1L << (n & 63);
        }
        return new ProtocolSet(bits[0], bits[1], bits[2], bits[3]);
    }

    boolean isEmpty() {
        return (bits0 | bits64 | bits128 | bits192) == 0;
    }

    boolean contains(int number) {
        long part =
                switch (number >> 6) {
                    case 0 -> bits0;
                    case 1 -> bits64;
                    case 2 -> bits128;
                    case 3 -> bits192;
                    default -> 0;
                };
        return (part >>> (number & 63) & 1) != 0;
    }

    boolean containsAll(ProtocolSet o) {
        return o.minus(this).isEmpty();
    }

    ProtocolSet intersect(ProtocolSet o) {
        return new ProtocolSet(
                bits0 & o.bits0, bits64 & o.bits64, bits128 & o.bits128, bits192 & o.bits192);
    }

    ProtocolSet minus(ProtocolSet o) {
        return new ProtocolSet(
                bits0 & ~o.bits0, bits64 & ~o.bits64, bits128 & ~o.bits128, bits192 & ~o.bits192);
    }

    ProtocolSet union(ProtocolSet o) {
        return new ProtocolSet(
                bits0 | o.bits0, bits64 | o.bits64, bits128 | o.bits128, bits192 | o.bits192);
    }

    /** Ascending. */
    List<Integer> numbers() {
        List<Integer> out = new ArrayList<>();
        for (int n = 0; n < 256; n++) {
            if (contains(n)) {
                out.add(n);
            }
        }
        return out;
    }
}
