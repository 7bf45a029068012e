package hearth.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.base.IpAddress;
import hearth.base.IpRange;
import hearth.base.IpSet;
import hearth.control.FilterRule;
import hearth.control.PortRange;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class BoxTest {
    private final long seed = Long.getLong("policy.seed", 20_261_122L);
    private final SplittableRandom random = new SplittableRandom(seed);

    private static final List<Integer> PROTOCOLS = List.of(1, 6, 17, 47, 58, 132);

    @Test
    void whatIsLeftIsExactlyTheRest() {
        for (int i = 0; i < 300; i++) {
            List<Box> boxes = boxes(1 + random.nextInt(3));
            List<Box> denied = boxes(random.nextInt(5));
            List<Box> left = Box.minus(boxes, denied);
            List<FilterRule> rules = BoxRules.of(left);
            for (int f = 0; f < 200; f++) {
                IpAddress from = address();
                IpAddress to = address();
                int protocol = PROTOCOLS.get(random.nextInt(PROTOCOLS.size()));
                int port = random.nextInt(12);
                boolean want =
                        any(boxes, from, to, protocol, port)
                                && !any(denied, from, to, protocol, port);
                String where = "seed " + seed + ": " + boxes + " minus " + denied;
                assertEquals(want, any(left, from, to, protocol, port), where);
                assertEquals(
                        want,
                        FilterModel.allows(rules, new NaivePolicy.Flow(from, to, protocol, port)),
                        where);
            }
            assertTrue(left.stream().allMatch(b -> Box.minus(List.of(b), boxes).isEmpty()));
        }
    }

    @Test
    void disjointBoxesStayTheSameObject() {
        Box a = Box.of(set(1, 3), set(1, 3), ProtocolSet.USUAL, PortSet.ALL).getFirst();
        Box b = Box.of(set(4, 9), set(1, 3), ProtocolSet.USUAL, PortSet.ALL).getFirst();
        assertSame(a, Box.minus(List.of(a), List.of(b)).getFirst());
    }

    @Test
    void aWholeOpeningNamesNoProtocol() {
        List<FilterRule> rules =
                BoxRules.of(Box.of(set(1, 1), set(2, 3), ProtocolSet.USUAL, PortSet.ALL));
        assertEquals(
                "[FilterRule[srcIPs=[100.64.0.1], dstPorts=[NetPortRange[ip=100.64.0.2/31,"
                        + " ports=PortRange[first=0, last=65535]]], ipProto=[], capGrant=[]]]",
                rules.toString());
    }

    @Test
    void aPortCutOutLeavesTwoRanges() {
        PortSet ports = PortSet.ALL.minus(PortSet.of(List.of(PortRange.of(22))));
        assertEquals(List.of(new PortRange(0, 21), new PortRange(23, 65535)), ports.ranges());
    }

    private List<Box> boxes(int count) {
        List<Box> out = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ProtocolSet protocols =
                    random.nextInt(3) > 0
                            ? ProtocolSet.USUAL
                            : ProtocolSet.of(
                                    List.of(PROTOCOLS.get(random.nextInt(PROTOCOLS.size()))));
            PortSet ports =
                    random.nextBoolean() ? PortSet.ALL : PortSet.of(List.of(range(), range()));
            out.addAll(Box.of(randomSet(), randomSet(), protocols, ports));
        }
        return out;
    }

    private PortRange range() {
        int first = random.nextInt(12);
        return new PortRange(first, first + random.nextInt(4));
    }

    private IpSet randomSet() {
        int first = random.nextInt(8);
        return set(first, first + random.nextInt(5)).union(set(12, 12 + random.nextInt(3)));
    }

    private IpAddress address() {
        return IpAddress.v4(0x64400000 + random.nextInt(16));
    }

    private static IpSet set(int first, int last) {
        return IpSet.of(
                List.of(
                        new IpRange(
                                IpAddress.v4(0x64400000 + first),
                                IpAddress.v4(0x64400000 + last))));
    }

    private static boolean any(
            List<Box> boxes, IpAddress from, IpAddress to, int protocol, int port) {
        return boxes.stream().anyMatch(b -> b.contains(from, to, protocol, port));
    }
}
