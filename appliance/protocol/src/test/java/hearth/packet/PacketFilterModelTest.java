package hearth.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.base.IpAddress;
import hearth.base.IpRange;
import hearth.base.IpSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The compiled filter against a loop over the boxes, on random boxes and boundary flows. */
final class PacketFilterModelTest {
    private static final long SEED = 815;
    private static final int FILTERS = 500;
    private static final int FLOWS = 2_000;

    @Test
    void agreesWithTheNaiveEvaluator() {
        var random = new Random(SEED);
        int allowed = 0;
        for (int round = 0; round < FILTERS; round++) {
            List<FilterBox> boxes = new ArrayList<>();
            int count = random.nextInt(round % 10 == 0 ? 150 : 12);
            for (int i = 0; i < count; i++) {
                boxes.add(box(random));
            }
            PacketFilter filter = PacketFilter.of(boxes, IpSet.ALL);
            var header = new PacketHeader();
            for (int i = 0; i < FLOWS; i++) {
                flow(random, header);
                boolean want = naive(boxes, header);
                assertEquals(want, filter.allows(header), "seed " + SEED);
                if (want) {
                    allowed++;
                }
            }
        }
        assertTrue(allowed > FILTERS * FLOWS / 20, "allowed " + allowed);
        assertTrue(allowed < FILTERS * FLOWS * 19 / 20, "allowed " + allowed);
    }

    private static boolean naive(List<FilterBox> boxes, PacketHeader p) {
        var src = new IpAddress(p.v4, p.srcHigh, p.srcLow);
        var dst = new IpAddress(p.v4, p.dstHigh, p.dstLow);
        for (FilterBox b : boxes) {
            boolean portsFit =
                    switch (p.protocol) {
                        case 6, 17, 132 -> b.firstPort() <= p.dstPort && p.dstPort <= b.lastPort();
                        case 1, 58 -> true;
                        default -> b.firstPort() == 0 && b.lastPort() == 65_535;
                    };
            if (portsFit
                    && b.protocols().contains(p.protocol)
                    && b.sources().contains(src)
                    && b.destination().contains(dst)) {
                return true;
            }
        }
        return false;
    }

    private static FilterBox box(Random random) {
        List<IpRange> sources = new ArrayList<>();
        int n = 1 + random.nextInt(4);
        for (int i = 0; i < n; i++) {
            sources.add(range(random));
        }
        int first = random.nextInt(3) == 0 ? 0 : random.nextInt(8);
        int last = random.nextInt(3) == 0 ? FilterBox.MAX_PORT : first + random.nextInt(8);
        Set<Integer> protocols =
                switch (random.nextInt(4)) {
                    case 0 -> Set.of(6);
                    case 1 -> Set.of(17, 132);
                    case 2 -> Set.of(47, 1, 58);
                    default -> Set.of();
                };
        return new FilterBox(IpSet.of(sources), range(random), first, last, protocols);
    }

    private static IpRange range(Random random) {
        boolean v4 = random.nextInt(3) > 0;
        IpAddress a = address(random, v4);
        IpAddress b = address(random, v4);
        return a.compareTo(b) <= 0 ? new IpRange(a, b) : new IpRange(b, a);
    }

    private static IpAddress address(Random random, boolean v4) {
        if (random.nextInt(20) == 0) {
            return v4 ? IpAddress.V4_MAX : IpAddress.V6_MAX;
        }
        return v4
                ? IpAddress.v4(random.nextInt(16))
                : new IpAddress(false, random.nextLong() & 1, random.nextInt(8));
    }

    private static void flow(Random random, PacketHeader p) {
        p.v4 = random.nextInt(3) > 0;
        IpAddress src = address(random, p.v4);
        IpAddress dst = address(random, p.v4);
        p.srcHigh = src.high();
        p.srcLow = src.low();
        p.dstHigh = dst.high();
        p.dstLow = dst.low();
        int[] protocols = {6, 17, 132, 1, 58, 47, 50};
        p.protocol = protocols[random.nextInt(protocols.length)];
        p.dstPort = random.nextInt(10) == 0 ? FilterBox.MAX_PORT : random.nextInt(16);
    }
}
