package hearth.wireguard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.crypto.JdkAead;
import hearth.crypto.NodeKey;
import hearth.crypto.SecretKey;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What handshake messages may and may not do. */
final class HandshakeSimTest {
    private static final int SEEDS = Integer.getInteger("seeds", 300);

    @Test
    void wrongMac1ReservedBytesAndLengthsAreDroppedInSilence() {
        try (var s = new SimPair(1)) {
            byte[] m = initiationOf(s);
            for (int i = 0; i < m.length - 16; i++) {
                byte[] bad = m.clone();
                bad[i] ^= 1;
                assertNull(s.b.wg.receive(bad, s.b.source, s.now));
            }
            assertNull(s.b.wg.receive(Arrays.copyOf(m, 147), s.b.source, s.now));
            assertNull(s.b.wg.receive(Arrays.copyOf(m, 149), s.b.source, s.now));
            assertNull(s.b.wg.receive(new byte[0], s.b.source, s.now));
            s.b.drain();
            assertEquals(List.of(), s.b.sentTypes);
            assertEquals(0, s.b.sessions.size());
            assertEquals(s.a.peer.owner(), s.a.wg);
            assertTrue(s.b.wg.isFor(m));
            assertFalse(s.a.wg.isFor(m));
        }
    }

    @Test
    void replayedTimestampIsDropped() {
        try (var s = new SimPair(2)) {
            byte[] m = initiationOf(s);
            s.b.deliver(m.clone());
            assertEquals(1, s.b.roamed);
            s.advance(1);
            s.b.deliver(m.clone());
            assertEquals(1, s.b.roamed);
            assertEquals(1, s.b.wg.counters().get(HandshakeEvent.REPLAYED));
        }
    }

    @Test
    void initiationsWithin20MillisecondsAreDropped() {
        try (var s = new SimPair(3)) {
            byte[] first = initiationOf(s);
            s.a.peer.initiationSent = false;
            byte[] second = initiationOf(s);
            s.b.deliver(first);
            s.advance(0.019);
            s.b.deliver(second);
            assertEquals(1, s.b.wg.counters().get(HandshakeEvent.FLOODED));
        }
    }

    @Test
    void timestampsGoOnWhenTheWallClockGoesBack() {
        try (var s = new SimPair(4)) {
            s.b.deliver(initiationOf(s));
            s.wall = s.wall.minusSeconds(86_400);
            s.advance(6);
            s.b.deliver(initiationOf(s));
            assertEquals(2, s.b.roamed);
        }
    }

    @Test
    void strangersAreNotAnswered() {
        try (var s = new SimPair(5)) {
            var stranger =
                    new WireGuard(
                            SecretKey.generate(s.random),
                            new SessionTable(),
                            new Gatekeeper(),
                            JdkAead.BACKEND,
                            s.random,
                            () -> s.wall);
            Peer p = stranger.addPeer(s.b.wg.publicKey(), "", s.now);
            stranger.initiate(p, s.now);
            Output.Send send = (Output.Send) Objects.requireNonNull(stranger.nextOutput());
            s.b.deliver(send.datagram());
            assertEquals(List.of(), s.b.sentTypes);
            assertEquals(1, s.b.wg.counters().get(HandshakeEvent.UNKNOWN_PEER));
        }
    }

    @Test
    void lowOrderKeysAreRefused() {
        try (var s = new SimPair(6)) {
            byte[] one = new byte[32];
            one[0] = 1;
            Peer p = s.a.wg.addPeer(new NodeKey(one), "", s.now);
            s.a.wg.initiate(p, s.now);
            assertNull(s.a.wg.nextOutput());
            assertEquals(1, s.a.wg.counters().get(HandshakeEvent.LOW_ORDER_KEY));
            assertEquals(0, s.a.sessions.size());
        }
    }

    @Test
    void underLoadACookieIsAskedForAndThenAccepted() {
        try (var s = new SimPair(7)) {
            s.b.gate.noteQueue(Gatekeeper.QUEUE / 8, s.now);
            s.a.send("x");
            s.b.deliverAll();
            assertEquals(List.of(Messages.COOKIE), s.b.sentTypes);
            assertEquals(0, s.b.roamed);
            int sent = s.a.sentTypes.size();
            s.a.deliverAll();
            assertEquals(sent, s.a.sentTypes.size(), "not sent again at once");
            assertEquals(0, s.a.roamed, "a cookie does not move the peer");
            s.advance(5.4);
            s.b.gate.noteQueue(Gatekeeper.QUEUE, s.now);
            s.run(0.1);
            assertEquals(List.of("x"), s.b.got);
        }
    }

    @Test
    void loadLastsASecondAndLimitsEachSource() {
        var gate = new Gatekeeper();
        gate.noteQueue(127, 0);
        assertFalse(gate.underLoad(0));
        gate.noteQueue(128, 0);
        assertTrue(gate.underLoad(999_999_999L));
        assertFalse(gate.underLoad(1_000_000_000L));
    }

    @Test
    void replayedTransportIsDelivedOnce() {
        try (var s = new SimPair(8)) {
            s.a.send("x");
            s.run(0.01);
            s.a.send("y");
            byte[] m = s.b.inbox.getLast().clone();
            s.b.deliverAll();
            s.b.deliver(m);
            assertEquals(List.of("x", "y"), s.b.got);
        }
    }

    @Test
    void simultaneousInitiationsConverge() {
        for (long seed = 0; seed < SEEDS; seed++) {
            try (var s = new SimPair(seed)) {
                interleave(s, new Random(seed));
                assertTrue(s.b.got.contains("from a"), "a to b, seed " + seed);
                assertTrue(s.a.got.contains("from b"), "b to a, seed " + seed);
                int before = s.a.got.size() + s.b.got.size();
                s.a.send("after");
                s.b.send("after");
                s.run(0.01);
                assertEquals(before + 2, s.a.got.size() + s.b.got.size(), "seed " + seed);
            }
        }
    }

    /** Both start; messages are delivered in random order, some twice, some lost. */
    private static void interleave(SimPair s, Random random) {
        s.a.send("from a");
        s.b.send("from b");
        boolean lossy = random.nextInt(4) == 0;
        for (int i = 0; i < 12; i++) {
            SimPair.Node n = random.nextBoolean() ? s.a : s.b;
            if (n.inbox.isEmpty()) {
                continue;
            }
            byte[] m = random.nextBoolean() ? n.inbox.removeFirst() : n.inbox.removeLast();
            if (lossy && m[0] != Messages.TRANSPORT && random.nextInt(3) == 0) {
                continue;
            }
            if (random.nextInt(5) == 0) {
                n.deliver(m.clone());
            }
            n.deliver(m);
        }
        s.run(lossy ? 40 : 12);
    }

    private static byte[] initiationOf(SimPair s) {
        s.a.wg.initiate(s.a.peer, s.now);
        s.a.drain();
        return Objects.requireNonNull(s.b.inbox.pollLast());
    }
}
