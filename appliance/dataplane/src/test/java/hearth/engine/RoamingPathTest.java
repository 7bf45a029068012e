package hearth.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import hearth.base.IpAddress;
import org.junit.jupiter.api.Test;

/** Who calls it has authenticated the packet; a cookie or a stranger's datagram never does. */
final class RoamingPathTest {
    private static final UdpAddress HOME = UdpAddress.of(IpAddress.parse("192.0.2.1"), 51820);
    private static final UdpAddress AWAY = UdpAddress.of(IpAddress.parse("198.51.100.7"), 4000);

    @Test
    void followsThePeerAndItsPort() {
        var path = new RoamingPath(new Path(HOME, null));
        Path first = path.current(0);
        path.receivedFromUdp(HOME.high(), HOME.low(), HOME.port(), 1);
        assertSame(first, path.current(1), "nothing is made while nothing changes");
        path.receivedFromUdp(AWAY.high(), AWAY.low(), AWAY.port(), 2);
        assertEquals(new Path(AWAY, null), path.current(2));
        path.receivedFromUdp(AWAY.high(), AWAY.low(), 4001, 3);
        assertEquals(
                new Path(new UdpAddress(AWAY.high(), AWAY.low(), 4001), null), path.current(3));
        path.silent(4);
        assertEquals(4001, port(path));
    }

    private static int port(RoamingPath path) {
        Path p = path.current(4);
        UdpAddress udp = p == null ? null : p.udp();
        return udp == null ? 0 : udp.port();
    }

    @Test
    void answersByTheRelayByWhichItCame() {
        DerpRoute relay = (_, _) -> true;
        var path = new RoamingPath(null);
        assertNull(path.current(0));
        path.receivedFromRelay(relay, 1);
        Path byRelay = path.current(1);
        assertEquals(new Path(null, relay), byRelay);
        path.receivedFromRelay(relay, 2);
        assertSame(byRelay, path.current(2));
        path.receivedFromUdp(AWAY.high(), AWAY.low(), AWAY.port(), 3);
        assertEquals(new Path(AWAY, null), path.current(3));
    }
}
