package hearth.disco;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.base.WireException;
import hearth.crypto.NaclBox;
import hearth.crypto.NodeKey;
import hearth.crypto.SecretKey;
import hearth.packet.DropReason;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class PathFinderTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long MS = 1_000_000L;

    private final Random random = new Random(3);
    private final NodeKey self = SecretKey.generate(random).nodeKey();
    private final NodeKey peer = SecretKey.generate(random).nodeKey();
    private final SecretKey peerDisco = SecretKey.generate(random);
    private final PathFinder finder = new PathFinder(SecretKey.generate(random), self, random);
    private final NaclBox peerBox = boxOfPeer();
    private final InetSocketAddress lan = at("192.168.1.7", 41641);
    private final InetSocketAddress wan = at("203.0.113.7", 41641);
    private long now = Long.MAX_VALUE - 3 * SECOND; // crosses the wrap

    private NaclBox boxOfPeer() {
        NaclBox box = NaclBox.between(peerDisco, finder.discoKey());
        assertNotNull(box);
        return box;
    }

    private static InetSocketAddress at(String host, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(host), port);
    }

    private void meet(InetSocketAddress... endpoints) {
        finder.apply(List.of(new PathPeer(peer, peerDisco.discoKey(), List.of(endpoints))), now);
    }

    private byte[] fromPeer(DiscoMessage m) {
        return DiscoPacket.seal(peerDisco.discoKey(), peerBox, random, m);
    }

    private @Nullable DiscoMessage open(byte[] datagram) {
        try {
            return DiscoPacket.open(peerBox, datagram);
        } catch (WireException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Starts data, gives the pings that went out. */
    private List<PathAction.ToUdp> pings() {
        return finder.take().stream()
                .filter(a -> a instanceof PathAction.ToUdp)
                .map(a -> (PathAction.ToUdp) a)
                .toList();
    }

    private void answer(PathAction.ToUdp ping, InetSocketAddress seenFrom) {
        var p = assertInstanceOf(DiscoMessage.Ping.class, open(ping.datagram()));
        assertEquals(self, p.sender());
        finder.receive(fromPeer(new DiscoMessage.Pong(p.txId(), wan)), seenFrom, now);
    }

    private PathStatus status() {
        PathStatus s = finder.status(peer, now);
        assertNotNull(s);
        return s;
    }

    @Test
    void constantsAreTheOfficialOnes() {
        assertEquals(45 * SECOND, PathFinder.SESSION_ACTIVE_NANOS);
        assertEquals(3 * SECOND, PathFinder.HEARTBEAT_NANOS);
        assertEquals(6_500 * MS, PathFinder.TRUST_NANOS);
        assertEquals(5 * SECOND, PathFinder.PING_TIMEOUT_NANOS);
        assertEquals(5 * SECOND, PathFinder.DISCO_PING_INTERVAL_NANOS);
        assertEquals(5 * MS, PathFinder.GOOD_ENOUGH_NANOS);
        assertEquals(60 * SECOND, PathFinder.UPGRADE_NANOS);
    }

    @Test
    void answersAPingToWhereItCameFrom() {
        meet();
        var tx = new TxId(1, 2);
        byte[] ping = fromPeer(new DiscoMessage.Ping(tx, peer));
        assertNull(finder.receive(ping, wan, now));
        PathAction.ToUdp pong = pings().getFirst();
        assertEquals(wan, pong.to());
        assertEquals(new DiscoMessage.Pong(tx, wan), open(pong.datagram()));
        assertNull(finder.receive(ping, wan, now), "the same ping over two sockets");
        assertEquals(List.of(), pings());
    }

    @Test
    void answersAPaddedPing() {
        meet();
        var ping = new DiscoMessage.Ping(new TxId(1, 2), peer);
        byte[] padded = java.util.Arrays.copyOf(ping.encode(), 1_200);
        byte[] nonce = new byte[NaclBox.NONCE_LENGTH];
        byte[] head = fromPeer(ping);
        byte[] sealed = peerBox.seal(nonce, padded);
        byte[] datagram = java.util.Arrays.copyOf(head, 62 + sealed.length);
        System.arraycopy(nonce, 0, datagram, 38, nonce.length);
        System.arraycopy(sealed, 0, datagram, 62, sealed.length);
        assertNull(finder.receive(datagram, wan, now));
        assertEquals(1, pings().stream().filter(a -> a.datagram().length == 110).count());
    }

    @Test
    void answersARelayPingByRelay() {
        meet();
        var tx = new TxId(1, 2);
        assertNull(
                finder.receiveByRelay(fromPeer(new DiscoMessage.Ping(tx, peer)), peer, 900, now));
        var pong = assertInstanceOf(PathAction.ToRelay.class, finder.take().getFirst());
        assertEquals(peer, pong.to());
        assertEquals(new DiscoMessage.Pong(tx, at("127.3.3.40", 900)), open(pong.datagram()));
    }

    @Test
    void onlyPeersAreHeard() {
        byte[] ping = fromPeer(new DiscoMessage.Ping(new TxId(1, 2), peer));
        assertEquals(DropReason.DISCO_UNKNOWN_SENDER, finder.receive(ping, wan, now));
        meet();
        ping[80] ^= 1;
        assertEquals(DropReason.DISCO_BAD, finder.receive(ping, wan, now));
        assertEquals(DropReason.UNKNOWN_DATAGRAM, finder.receive(new byte[61], wan, now));
        assertEquals(List.of(), finder.take());
    }

    @Test
    void callMeMaybeCountsByRelayAndFromTheRightNodeAlone() {
        meet();
        byte[] call = fromPeer(new DiscoMessage.CallMeMaybe(List.of(lan, at("fe80::1", 9))));
        NodeKey other = SecretKey.generate(random).nodeKey();
        assertEquals(DropReason.DISCO_BAD, finder.receive(call, wan, now));
        assertEquals(DropReason.DISCO_BAD, finder.receiveByRelay(call, other, 900, now));
        assertEquals(List.of(), finder.take());
        assertNull(finder.receiveByRelay(call, peer, 900, now));
        List<PathAction.ToUdp> pings = pings();
        assertEquals(1, pings.size());
        assertEquals(lan, pings.getFirst().to());
    }

    @Test
    void onlyAPongForThePingedAddressCounts() {
        meet(lan);
        finder.sent(peer, now);
        PathAction.ToUdp ping = pings().getFirst();
        finder.receive(fromPeer(new DiscoMessage.Pong(new TxId(7, 7), wan)), lan, now);
        assertNull(status().direct());
        now += 4 * MS;
        answer(ping, wan); // the pong may come from elsewhere: the pinged address is credited
        assertEquals(lan, status().direct());
        assertEquals(4 * MS, status().latency().toNanos());
    }

    @Test
    void ownAddressesAreToldAndNeverPinged() {
        finder.ownEndpoints(List.of(lan));
        meet(lan, wan);
        finder.sent(peer, now);
        List<PathAction> actions = finder.take();
        assertEquals(1, actions.stream().filter(a -> a instanceof PathAction.ToUdp).count());
        PathAction.ToRelay call =
                actions.stream()
                        .filter(a -> a instanceof PathAction.ToRelay)
                        .map(a -> (PathAction.ToRelay) a)
                        .findFirst()
                        .orElseThrow();
        assertEquals(new DiscoMessage.CallMeMaybe(List.of(lan)), open(call.datagram()));
    }

    @Test
    void trustEndsAfterTheTrustTimeAndABadPathIsLeft() {
        meet(lan);
        finder.sent(peer, now);
        answer(pings().getFirst(), lan);
        assertTrue(status().trusted());
        now += PathFinder.TRUST_NANOS - 1;
        assertTrue(status().trusted());
        now += 1;
        assertFalse(status().trusted());
        assertEquals(lan, status().direct());
        finder.sent(peer, now);
        finder.poll(now);
        now += PathFinder.PING_TIMEOUT_NANOS;
        finder.poll(now);
        assertNull(status().direct());
    }

    @Test
    void aCandidateThatTheMapDropsIsLeft() {
        meet(lan);
        finder.sent(peer, now);
        answer(pings().getFirst(), lan);
        finder.take();
        meet(wan);
        assertNull(status().direct());
        var routed = assertInstanceOf(PathAction.Routed.class, finder.take().getFirst());
        assertNull(routed.direct());
    }

    record Better(String a, long msA, String b, long msB, boolean want) {}

    @Test
    void prefersAsTheOfficialClientsDo() {
        for (Better c :
                List.of(
                        new Better("203.0.113.1", 10, "203.0.113.2", 20, true),
                        new Better("203.0.113.1", 20, "203.0.113.2", 10, false),
                        new Better("203.0.113.1", 990, "203.0.113.2", 1_000, false),
                        new Better("192.168.0.1", 10, "203.0.113.2", 10, true),
                        new Better("192.168.0.1", 13, "203.0.113.2", 10, false),
                        new Better("192.168.0.1", 12, "203.0.113.2", 10, true),
                        new Better("2001:db8::1", 10, "203.0.113.2", 10, true),
                        new Better("127.0.0.1", 10, "192.168.0.1", 9, true),
                        new Better("fd00::1", 10, "192.168.0.1", 10, true))) {
            boolean got = Candidate.better(at(c.a(), 1), c.msA() * MS, at(c.b(), 1), c.msB() * MS);
            assertEquals(c.want(), got, c.toString());
        }
    }
}
