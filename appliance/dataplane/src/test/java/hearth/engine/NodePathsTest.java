package hearth.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.base.IpAddress;
import hearth.base.WireException;
import hearth.crypto.NodeKey;
import hearth.crypto.SecretKey;
import hearth.disco.PathPeer;
import hearth.disco.PathStatus;
import hearth.packet.DropReason;
import hearth.stun.Stun;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Two engines' paths joined by a wire and a relay in memory. */
final class NodePathsTest {
    private static final long SECOND = 1_000_000_000L;

    private final Random random = new Random(4);
    private final Deque<Runnable> wire = new ArrayDeque<>();
    private final Map<UdpAddress, End> byAddress = new java.util.HashMap<>();
    private final Map<NodeKey, End> byKey = new java.util.HashMap<>();
    private long now = Long.MAX_VALUE - SECOND;
    private boolean udpBlocked;

    private final class End implements DerpRoute, NodePaths.Sessions {
        final List<NodeKey> started = new ArrayList<>();
        final NodeKey key = SecretKey.generate(random).nodeKey();
        final SecretKey disco = SecretKey.generate(random);
        final InetSocketAddress address;
        final List<NodeReport> reports = new ArrayList<>();
        final List<InetSocketAddress> sent = new ArrayList<>();
        byte[] lastSent = {};
        final Paths paths = new Paths(this::sendUdp, Runnable::run, random);
        final NodePaths ways = new NodePaths(paths, key, disco, random, this, reports::add);

        End(String host) {
            address = new InetSocketAddress(InetAddress.ofLiteral(host), 41641);
            byAddress.put(UdpAddress.of(address), this);
            byKey.put(key, this);
            paths.add(ways);
            ways.relay(this, 900);
            ways.interfaces(List.of(address), now);
        }

        private void sendUdp(UdpAddress to, byte[] datagram) {
            sent.add(to.toSocketAddress());
            lastSent = datagram;
            End end = byAddress.get(to);
            if (end != null && !udpBlocked) {
                wire.add(() -> end.paths.disco(datagram, UdpAddress.of(address), now));
            }
        }

        @Override
        public boolean send(NodeKey to, byte[] datagram) {
            End end = byKey.get(to);
            if (end == null) {
                return false;
            }
            wire.add(() -> end.paths.relayed(end.key, key, 0, datagram, now));
            return true;
        }

        @Override
        public void reset(NodeKey peer) {}

        @Override
        public void start(NodeKey peer) {
            started.add(peer);
        }

        void meet(End peer) {
            ways.apply(List.of(new PathPeer(peer.key, peer.disco.discoKey(), List.of())), now);
        }
    }

    private final End a = new End("192.0.2.1");
    private final End b = new End("192.0.2.2");

    private void deliver() {
        while (!wire.isEmpty()) {
            wire.remove().run();
        }
    }

    private void step() {
        a.paths.poll(now);
        b.paths.poll(now);
        deliver();
    }

    @Test
    void fromRelayToDirectAndBack() {
        a.meet(b);
        b.meet(a);
        TrackedPath path = a.ways.path(b.key);
        Path first = path.current(now);
        assertEquals(new Path(null, a), first);
        step(); // CallMeMaybe, ping, pong
        Path direct = path.current(now);
        assertEquals(new Path(UdpAddress.of(b.address), null), direct);
        assertSame(direct, path.current(now), "reading a path makes nothing");
        PathStatus status = a.ways.status(b.key, now);
        assertNotNull(status);
        assertTrue(a.ways.isActive(b.key) && status.trusted());
        udpBlocked = true;
        now += 6_500_000_000L;
        assertEquals(new Path(UdpAddress.of(b.address), a), path.current(now));
        for (int i = 0; i < 6; i++) {
            now += SECOND;
            path.current(now);
            step();
        }
        assertEquals(new Path(null, a), path.current(now));
        udpBlocked = false;
        for (int i = 0; i < 5; i++) {
            now += SECOND;
            path.current(now);
            step();
        }
        assertEquals(new Path(UdpAddress.of(b.address), null), path.current(now));
    }

    @Test
    void aPeerOfAnotherHomeIsReachedThere() {
        var there = new ArrayList<NodeKey>();
        var far =
                new DerpRoute() {
                    @Override
                    public boolean send(NodeKey to, byte[] datagram) {
                        there.add(to);
                        return true;
                    }

                    @Override
                    public int region() {
                        return 910;
                    }
                };
        a.meet(b);
        TrackedPath path = a.ways.path(b.key);
        assertEquals(new Path(null, a), path.current(now));
        a.ways.foreign(Map.of(910, far), Map.of(b.key, 910));
        assertEquals(new Path(null, far), path.current(now));
        assertEquals(910, a.ways.regionTo(b.key));
        udpBlocked = true;
        step();
        assertEquals(List.of(b.key), there, "CallMeMaybe goes there, too");
        a.ways.foreign(Map.of(910, far), Map.of(b.key, 900));
        assertEquals(new Path(null, a), path.current(now));
        assertEquals(900, a.ways.regionTo(b.key));
    }

    @Test
    void aSessionOfAnEarlierRunIsBegunAnewAtOnce() {
        a.ways.apply(List.of(new PathPeer(b.key, b.disco.discoKey(), List.of(b.address))), now);
        b.meet(a);
        a.ways.path(b.key);
        a.paths.unknownSession(UdpAddress.of(b.address), now);
        a.paths.unknownSession(UdpAddress.of(b.address), now);
        assertEquals(List.of(), a.started, "not before the peer answers there");
        step();
        assertEquals(List.of(b.key), a.started);
        a.ways.startSession(b.key);
        assertEquals(List.of(b.key, b.key), a.started);
    }

    @Test
    void reportsEachChangeOnce() {
        assertEquals(1, a.reports.getLast().endpoints().size());
        assertEquals(900, a.reports.getLast().homeDerp());
        int before = a.reports.size();
        a.ways.interfaces(List.of(a.address), now);
        assertEquals(before, a.reports.size());
        a.ways.interfaces(List.of(), now);
        assertEquals(before + 1, a.reports.size());
    }

    @Test
    void strangersAreCountedNotAnswered() {
        a.meet(b);
        a.ways.path(b.key).current(now);
        step();
        assertTrue(b.paths.drops().get(DropReason.DISCO_UNKNOWN_SENDER) > 0);
        assertNull(a.ways.status(a.key, now));
    }

    @Test
    void aRemovedPeerHasNoPath() {
        a.meet(b);
        a.ways.path(b.key);
        a.ways.apply(List.of(), now);
        assertTrue(a.ways.peers().isEmpty());
    }

    private static InetSocketAddress at(String address, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(address), port);
    }

    @Test
    void whatAStunServerSawIsToldAfterTheInterfaces() throws WireException {
        End end = new End("10.0.0.1");
        InetSocketAddress server = at("192.0.2.1", 3478);
        end.ways.forwarded(List.of(at("192.0.2.9", 41641)));
        end.paths.askStun(List.of(server), now);
        end.paths.poll(now);
        assertEquals(List.of(server), end.sent);
        byte[] answer = new byte[32];
        Stun.response(
                Stun.parseRequest(ByteBuffer.wrap(end.lastSent)),
                IpAddress.parse("192.0.2.9"),
                5001,
                ByteBuffer.wrap(answer));
        end.paths.stun(answer, UdpAddress.of(server), now);
        assertEquals(
                List.of(end.address, at("192.0.2.9", 5001), at("192.0.2.9", 41641)),
                end.reports.getLast().endpoints());
        end.paths.stun(answer, UdpAddress.of(server), now);
        assertEquals(1, end.paths.drops().get(DropReason.UNKNOWN_DATAGRAM), "not asked");
        end.ways.interfaces(List.of(at("10.0.0.2", 41641)), now);
        assertEquals(
                List.of(at("10.0.0.2", 41641), at("192.0.2.9", 41641)),
                end.reports.getLast().endpoints());
        end.paths.poll(now);
        assertEquals(List.of(server, server), end.sent, "asked anew after the change");
    }
}
