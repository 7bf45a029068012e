package hearth.wireguard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The rules of WireGuard's timers, on a clock that the test moves. */
final class TimersSimTest {
    @Test
    void constantsAreThePapers() {
        assertEquals(Duration.ofMinutes(2).toNanos(), Limits.REKEY_AFTER_TIME);
        assertEquals(Duration.ofMinutes(3).toNanos(), Limits.REJECT_AFTER_TIME);
        assertEquals(Duration.ofSeconds(165).toNanos(), Limits.REKEY_ON_RECEIVE);
        assertEquals(Duration.ofMinutes(9).toNanos(), Limits.ZERO_KEYS_AFTER);
        assertEquals(18, Limits.MAX_ATTEMPTS);
        assertEquals(1L << 60, Limits.REKEY_AFTER_MESSAGES);
    }

    @Test
    void firstPacketIsStagedAndArrives() {
        try (var s = new SimPair(1)) {
            s.a.send("one");
            s.a.send("two");
            assertEquals(List.of(Messages.INITIATION), s.a.sentTypes);
            s.run(0.01);
            assertEquals(List.of("one", "two"), s.b.got);
            assertEquals(0, s.a.keepalives + s.b.keepalives, "data confirms, no keepalive needed");
            s.b.send("back");
            s.run(0.01);
            assertEquals(List.of("back"), s.a.got);
            assertEquals(1, s.a.sent(Messages.INITIATION) + s.b.sent(Messages.INITIATION));
        }
    }

    @Test
    void responderIsSilentUntilConfirmed() {
        try (var s = new SimPair(2)) {
            s.a.wg.initiate(s.a.peer, s.now);
            s.a.drain();
            s.b.deliverAll();
            assertNotNull(s.b.peer.next);
            assertNull(s.b.peer.sending(s.now));
            s.a.deliverAll(); // the response; the keepalive confirms
            s.b.deliverAll();
            assertNotNull(s.b.peer.sending(s.now));
            assertEquals(1, s.b.keepalives);
        }
    }

    @Test
    void unansweredInitiationsAreRepeatedWithJitterAndGivenUpAfter90Seconds() {
        try (var s = new SimPair(3)) {
            s.a.cut = true;
            s.a.send("lost");
            Set<Long> gaps = new HashSet<>();
            long last = s.now;
            long count = 1;
            for (int i = 0; i < 120_000; i++) {
                s.advance(0.001);
                s.a.poll();
                if (s.a.sent(Messages.INITIATION) > count) {
                    count++;
                    long gap = s.now - last;
                    assertTrue(gap >= 5 * SimPair.SECOND && gap <= 5_340_000_000L, "gap " + gap);
                    gaps.add(gap);
                    last = s.now;
                }
            }
            assertEquals(Limits.MAX_ATTEMPTS, count);
            assertTrue(gaps.size() > 5, "jitter");
            assertTrue(s.a.staged.isEmpty(), "the queue is dropped");
            assertEquals(1, s.a.wg.counters().get(HandshakeEvent.GIVEN_UP));
            assertTrue(s.a.silent >= 17);
        }
    }

    @Test
    void aResponseThatTakesAlmostFiveSecondsStillCounts() {
        try (var s = new SimPair(31)) {
            s.a.send("x");
            s.b.deliverAll();
            s.advance(4.9);
            s.a.poll();
            s.a.deliverAll();
            s.run(0.01);
            assertEquals(List.of("x"), s.b.got);
            assertEquals(1, s.a.sent(Messages.INITIATION));
        }
    }

    @Test
    void onlyTheInitiatorRenewsAt120SecondsOnSend() {
        try (var s = new SimPair(4)) {
            s.a.send("x");
            s.run(119);
            s.a.send("young");
            s.b.send("young");
            s.run(0.01);
            assertEquals(1, s.a.sent(Messages.INITIATION));
            s.run(2);
            s.b.send("the responder does not renew");
            s.b.deliverAll();
            assertEquals(0, s.b.sent(Messages.INITIATION));
            s.a.send("old");
            assertEquals(2, s.a.sent(Messages.INITIATION));
            s.run(0.1);
            assertEquals(2, s.a.wg.counters().get(HandshakeEvent.COMPLETED));
        }
    }

    @Test
    void receivingInitiatorRenewsOnceAt165Seconds() {
        try (var s = new SimPair(5)) {
            s.a.send("x");
            s.run(0.01);
            while (s.b.got.size() < 1) {
                s.run(0.01);
            }
            s.run(164);
            long before = s.a.sent(Messages.INITIATION);
            s.b.send("164");
            s.a.deliverAll();
            assertEquals(before, s.a.sent(Messages.INITIATION));
            s.advance(1.5);
            s.a.cut = true;
            s.b.send("165");
            s.b.send("165 again");
            s.a.deliverAll();
            assertEquals(before + 1, s.a.sent(Messages.INITIATION));
        }
    }

    @Test
    void keysAreRefusedAt180Seconds() {
        try (var s = new SimPair(6)) {
            s.a.send("x");
            s.run(0.01);
            s.advance(179);
            assertNotNull(s.a.peer.sending(s.now));
            s.b.cut = true;
            s.a.send("in time");
            byte[] late = s.b.inbox.peekLast();
            s.b.deliverAll();
            assertTrue(s.b.got.contains("in time"));
            s.advance(1.2);
            assertNull(s.a.peer.sending(s.now));
            assertNotNull(late);
            int before = s.b.got.size();
            s.b.deliver(late);
            assertEquals(before, s.b.got.size());
        }
    }

    @Test
    void everythingIsWipedAfter540Seconds() {
        try (var s = new SimPair(7)) {
            s.a.send("x");
            s.run(0.01);
            assertTrue(s.a.sessions.size() > 0);
            s.run(539);
            assertTrue(s.a.peer.hasKeys());
            s.run(2);
            assertFalse(s.a.peer.hasKeys());
            assertFalse(s.b.peer.hasKeys());
            assertEquals(0, s.a.sessions.size());
            assertEquals(0, s.b.sessions.size());
        }
    }

    @Test
    void passiveKeepaliveAnswersDataOnceAndNeverAKeepalive() {
        try (var s = new SimPair(8)) {
            s.a.send("x");
            s.run(9.5);
            assertEquals(0, s.a.keepalives);
            s.run(1);
            assertEquals(1, s.a.keepalives, "10 s after the data");
            s.run(100);
            assertEquals(1, s.a.keepalives);
            assertEquals(0, s.b.keepalives, "a keepalive is not answered");
        }
    }

    @Test
    void moreDataMeanwhileAsksForAnotherKeepalive() {
        try (var s = new SimPair(9)) {
            s.a.send("x");
            s.run(5);
            s.a.send("y");
            s.run(6);
            assertEquals(1, s.a.keepalives);
            s.run(10);
            assertEquals(2, s.a.keepalives);
            s.run(30);
            assertEquals(2, s.a.keepalives);
        }
    }

    @Test
    void sendingCancelsThePassiveKeepalive() {
        try (var s = new SimPair(10)) {
            s.a.send("x");
            s.run(5);
            s.b.send("answer");
            s.run(7);
            assertEquals(0, s.a.keepalives);
        }
    }

    @Test
    void silenceAfterDataStartsAHandshakeAt15SecondsWithJitter() {
        try (var s = new SimPair(11)) {
            s.a.send("x");
            s.run(1);
            s.b.send("answer");
            s.run(1);
            s.b.cut = true;
            long before = s.a.sent(Messages.INITIATION);
            s.a.send("no answer");
            s.run(14.9);
            assertEquals(before, s.a.sent(Messages.INITIATION));
            assertEquals(0, s.a.silent);
            s.run(0.5);
            assertEquals(before + 1, s.a.sent(Messages.INITIATION));
            assertEquals(1, s.a.silent);
        }
    }

    @Test
    void persistentKeepaliveIsPutOffByAnyTraffic() {
        try (var s = new SimPair(12)) {
            s.a.wg.setPersistentKeepalive(s.a.peer, Duration.ofSeconds(25), s.now);
            s.run(0.1);
            assertEquals(1, s.b.keepalives, "at once, and with it the handshake");
            s.run(20);
            s.b.send("traffic");
            s.run(20);
            assertEquals(2, s.b.keepalives, "the passive one");
            s.run(20);
            assertEquals(3, s.b.keepalives);
            s.a.wg.setPersistentKeepalive(s.a.peer, Duration.ZERO, s.now);
            s.run(60);
            assertEquals(3, s.b.keepalives);
        }
    }

    @Test
    void counterLimitsRenewAndRefuse() {
        try (var s = new SimPair(13)) {
            s.a.send("x");
            s.run(0.01);
            s.advance(6);
            Keypair k = s.a.peer.current;
            assertNotNull(k);
            k.skipTo(Limits.REKEY_AFTER_MESSAGES - 1);
            s.a.send("last");
            assertEquals(1, s.a.sent(Messages.INITIATION));
            s.a.send("one more");
            assertEquals(2, s.a.sent(Messages.INITIATION));
            k.skipTo(Limits.REJECT_AFTER_MESSAGES);
            assertNull(s.a.peer.sending(s.now));
        }
    }

    @Test
    void removedPeerHasNoTimersAndNoIndices() {
        try (var s = new SimPair(14)) {
            s.a.wg.setPersistentKeepalive(s.a.peer, Duration.ofSeconds(25), s.now);
            s.a.send("x");
            s.run(0.01);
            s.a.send("y");
            s.a.wg.removePeer(s.a.peer);
            s.a.drain();
            assertEquals(0, s.a.sessions.size());
            int sent = s.a.sentTypes.size();
            s.run(200);
            assertEquals(sent, s.a.sentTypes.size());
            assertEquals(0, s.a.wg.peers().size());
        }
    }

    @Test
    void resetPeerStartsAnewAtOnce() {
        try (var s = new SimPair(17)) {
            s.a.send("x");
            s.run(0.01);
            s.a.wg.resetPeer(s.a.peer);
            s.a.drain();
            s.advance(0.1);
            s.a.send("y");
            s.run(0.01);
            assertEquals(List.of("x", "y"), s.b.got);
            assertEquals(2, s.a.sent(Messages.INITIATION));
        }
    }

    @Test
    void newPresharedKeyAffectsTheNextHandshakeOnly() {
        try (var s = new SimPair(15)) {
            s.a.send("x");
            s.run(0.01);
            byte[] psk = new byte[32];
            psk[3] = 7;
            s.a.wg.setPresharedKey(s.a.peer, psk);
            s.a.send("still the old session");
            s.run(0.01);
            assertEquals(2, s.b.got.size());
            s.run(121);
            s.a.send("renewal fails");
            s.run(1);
            assertEquals(1, s.a.wg.counters().get(HandshakeEvent.COMPLETED));
            s.b.wg.setPresharedKey(s.b.peer, psk);
            s.run(10);
            assertEquals(2, s.a.wg.counters().get(HandshakeEvent.COMPLETED));
        }
    }

    @Test
    void indicesAreRandom() {
        try (var s = new SimPair(16)) {
            Set<Integer> seen = new HashSet<>();
            for (int i = 0; i < 1000; i++) {
                assertTrue(seen.add(s.a.sessions.claim(s.a.peer, s.random).index));
            }
            assertEquals(1000, s.a.sessions.size());
            for (int index : seen) {
                SessionTable.Entry e = s.a.sessions.entry(index);
                assertNotNull(e);
                s.a.sessions.free(e);
            }
            assertEquals(0, s.a.sessions.size());
            assertNotEquals(0, seen.stream().mapToInt(i -> i >>> 24).distinct().count());
        }
    }
}
