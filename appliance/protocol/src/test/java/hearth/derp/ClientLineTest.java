package hearth.derp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.base.WireException;
import hearth.crypto.NodeKey;
import hearth.crypto.SecretKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A line to a relay, carried by hand; the clock wraps on the way. */
final class ClientLineTest {
    private TestRelay relay = new TestRelay();
    private final SecretKey own = TestRelay.secret(0x31);
    private final List<String> got = new ArrayList<>();
    private final ClientLine line =
            new ClientLine(
                    own,
                    new PacketSink() {
                        @Override
                        public void packet(NodeKey from, ByteBuffer packet) {
                            got.add(
                                    from.shortText()
                                            + " "
                                            + StandardCharsets.US_ASCII.decode(packet));
                        }

                        @Override
                        public void peerGone(NodeKey peer, DerpFrame.PeerGone.Reason reason) {
                            got.add(peer.shortText() + " gone " + reason.code());
                        }
                    },
                    () -> {},
                    new Random(5));

    private DerpSession connect() throws WireException {
        relay.members.add(own.nodeKey());
        DerpSession s = relay.server.accept(new Nothing(), "192.0.2.9:1", relay.now);
        assertNotNull(s);
        line.connected(relay.now);
        carry(s);
        return s;
    }

    private static final class Nothing implements Outlet {
        @Override
        public void wake() {}

        @Override
        public void close() {}
    }

    /** Moves bytes both ways until neither side has any. */
    private void carry(DerpSession s) throws WireException {
        byte[] b = new byte[70_000];
        boolean moved = true;
        while (moved) {
            int n = s.drain(b, relay.now);
            if (n > 0) {
                line.receive(b, 0, n, relay.now);
            }
            int m = line.drain(b);
            if (m > 0) {
                s.receive(b, 0, m, relay.now);
            }
            moved = n > 0 || m > 0;
        }
    }

    private boolean send(NodeKey to, String text) {
        byte[] b = text.getBytes(StandardCharsets.US_ASCII);
        return line.send(to, b, 0, b.length, relay.now);
    }

    @Test
    void whatIsSentBeforeTheLoginGoesAfterIt() throws WireException {
        var b = relay.join(2);
        assertFalse(line.wantsConnection(relay.now));
        assertTrue(send(b.key(), "one"));
        assertTrue(line.wantsConnection(relay.now));
        assertFalse(line.reaches(b.key()));
        DerpSession s = connect();
        assertTrue(line.isUp() && line.reaches(b.key()));
        assertTrue(send(b.key(), "two"));
        carry(s);
        assertEquals(2, b.read().size());
        b.packet(own.nodeKey(), "three");
        carry(s);
        assertEquals(List.of(b.key().shortText() + " three"), got);
    }

    @Test
    void aMinuteWithoutSendingEndsTheConnection() throws WireException {
        var b = relay.join(2);
        send(b.key(), "one");
        DerpSession s = connect();
        relay.now += ClientLine.IDLE.toNanos() - 1;
        b.packet(own.nodeKey(), "what comes does not count");
        carry(s);
        assertTrue(line.poll(relay.now));
        relay.now++;
        assertFalse(line.poll(relay.now));
        line.ended();
        assertFalse(line.wantsConnection(relay.now));
        assertFalse(line.isUp() || line.reaches(b.key()));
        send(b.key(), "two");
        assertTrue(line.wantsConnection(relay.now));
    }

    @Test
    void aRelayThatIsSilentIsGone() throws WireException {
        var b = relay.join(2);
        send(b.key(), "one");
        connect();
        for (int i = 0; i < 4; i++) {
            assertTrue(line.poll(relay.now), "after " + 30 * i + " s");
            relay.now += ClientLine.SILENCE.toNanos() / 4;
            send(b.key(), "more");
        }
        assertFalse(line.poll(relay.now));
    }

    @Test
    void aRelayThatDoesNotLetUsInIsGone() throws WireException {
        send(relay.join(2).key(), "one");
        line.connected(relay.now);
        byte[] b = new byte[1000];
        assertEquals(0, line.drain(b), "nothing before the relay's key");
        relay.now += ClientLine.LOGIN.toNanos() - 1;
        assertTrue(line.poll(relay.now));
        relay.now++;
        assertFalse(line.poll(relay.now));
    }

    @Test
    void pausesGrowUntilALogin() throws WireException {
        long last = 0;
        for (int i = 0; i < 10; i++) {
            last = line.ended();
            assertTrue(last <= Duration.ofSeconds(5).toNanos(), "pause " + last);
        }
        assertTrue(last >= Duration.ofMillis(2_500).toNanos(), "pause " + last);
        connect();
        assertTrue(line.ended() <= Duration.ofMillis(250).toNanos());
    }

    @Test
    void whatWaitedForARelayThatWasNotThereIsDropped() throws WireException {
        var b = relay.join(2);
        send(b.key(), "late");
        line.ended();
        send(b.key(), "new");
        carry(connect());
        assertEquals(1, b.read().size());
    }

    @Test
    void pingsAreAnswered() throws WireException {
        DerpSession s = connect();
        for (int i = 0; i < 20; i++) {
            relay.advance(Duration.ofSeconds(10));
            relay.now++; // an answer takes its time
            carry(s);
        }
        assertNull(s.ended());
        assertTrue(relay.server.counters().value(DerpCounters.Counter.PONGS) > 1);
    }

    @Test
    void aPeerThatLeftIsNotReachedUntilItIsHeardAgain() throws WireException {
        var b = relay.join(2);
        send(b.key(), "one");
        DerpSession s = connect();
        b.packet(own.nodeKey(), "hello");
        carry(s);
        b.session.end(EndReason.DISCONNECTED);
        carry(s);
        assertFalse(line.reaches(b.key()));
        relay.join(2).packet(own.nodeKey(), "back");
        carry(s);
        assertTrue(line.reaches(b.key()));
        String name = b.key().shortText();
        assertEquals(List.of(name + " hello", name + " gone 0", name + " back"), got);
    }

    @Test
    void framesOfTypesToComeAreSkipped() throws WireException {
        var b = relay.join(2);
        DerpSession s = connect();
        line.receive(new byte[] {0x7f, 0, 0, 0, 3, 1, 2, 3, DerpFrame.KEEP_ALIVE}, 0, 9, relay.now);
        line.receive(new byte[4], 0, 4, relay.now); // the rest of the KeepAlive
        b.packet(own.nodeKey(), "after them");
        carry(s);
        assertEquals(List.of(b.key().shortText() + " after them"), got);
    }

    @Test
    void theOldestGoWhenTooMuchWaits() throws WireException {
        var b = relay.join(2);
        String filler = "x".repeat(1000);
        for (int i = 0; i < 1000; i++) {
            assertTrue(send(b.key(), i + filler));
        }
        DerpSession s = connect();
        int left = 0;
        for (DerpFrame f : b.read()) {
            ByteBuffer packet = ((DerpFrame.RecvPacket) f).packet();
            assertTrue(packet.remaining() == 1003, "one of the newest");
            left++;
        }
        assertTrue(left > 200 && left < 260, left + " left");
        assertNull(s.ended());
        byte[] tooLong = new byte[DerpFrame.MAX_PACKET + 1];
        assertFalse(line.send(b.key(), tooLong, 0, tooLong.length, relay.now));
    }

    @Test
    void theRelaysRateIsKept() throws WireException {
        DerpLimits l = DerpLimits.DEFAULT;
        relay =
                new TestRelay(
                        new DerpLimits(
                                l.login(),
                                l.write(),
                                l.keepAlive(),
                                l.answer(),
                                l.dataQueueBytes(),
                                l.discoQueueBytes(),
                                l.allQueuesBytes(),
                                l.connections(),
                                l.connectionsPerKey(),
                                10_000));
        var b = relay.join(2);
        connect();
        int sent = 0;
        while (send(b.key(), "x".repeat(963))) {
            sent++;
        }
        assertEquals(65, sent); // a burst of 64 KiB and a key, in frames of 1000 bytes
        relay.now += Duration.ofSeconds(1).toNanos();
        assertTrue(send(b.key(), "x".repeat(963)));
    }
}
