package hearth.derp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.base.WireException;
import hearth.crypto.NodeKey;
import hearth.derp.DerpCounters.Counter;
import hearth.derp.DerpFrame.PeerGone;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DerpServerTest {
    private static final String DISCO = "TS\uD83D\uDCAC" + "d".repeat(60);

    private final TestRelay relay = new TestRelay();

    private static TestRelay relayWith(
            long allQueuesBytes, int connections, long receiveBytesPerSecond) {
        DerpLimits d = DerpLimits.DEFAULT;
        return new TestRelay(
                new DerpLimits(
                        d.login(),
                        d.write(),
                        d.keepAlive(),
                        d.answer(),
                        d.dataQueueBytes(),
                        d.discoQueueBytes(),
                        allQueuesBytes,
                        connections,
                        d.connectionsPerKey(),
                        receiveBytesPerSecond));
    }

    @Test
    void loginOfTheVectorIsUnderstood() throws WireException {
        var client = relay.new Client(0x11, Login.Client.ORDINARY);
        relay.members.add(client.key());
        assertEquals(List.of(new DerpFrame.ServerKey(relay.server.publicKey())), client.read());
        client.raw(
                HexFormat.of()
                        .parseHex(
                                "0200000068"
                                        + "7b4e909bbe7ffe44c465a220037d608ee35897d31ef972f07f74892cb0f73f13"
                                        + "99".repeat(24)
                                        + "ad8ea57a65281d910779fc5a010f0c92"
                                        + "93b53fb7f2ec2d697adc2874682b9155"
                                        + "ab3d3a6d6d11761906c6f1bd8e6ba282"));
        assertEquals(client.key(), client.session.key());
        client.derp.login(relay.server.publicKey());
        client.read();
        assertEquals(new Login.Server(2, 0, 0), client.derp.server());
    }

    @Test
    void serverInfoVectorOpens() throws WireException {
        var client =
                new DerpClient(
                        TestRelay.secret(0x11), Login.Client.ORDINARY, new java.util.Random(1));
        client.login(TestRelay.secret(0xd1).nodeKey());
        byte[] frame =
                HexFormat.of()
                        .parseHex(
                                "0300000035"
                                        + "99".repeat(24)
                                        + "b78cbc6210d9ad09e705c1e812f7eadc93b53fb7f2ec2d697adc287439");
        client.receive(frame, 0, frame.length);
        assertEquals(new Login.Server(2, 0, 0), client.server());
    }

    @Test
    void packetsTravelBothWaysInOrder() throws WireException {
        var a = relay.join(1);
        var b = relay.join(2);
        a.packet(b, "one");
        a.packet(b, "two");
        b.packet(a, "three");
        assertEquals(List.of(recv(a, "one"), recv(a, "two")), b.read());
        assertEquals(List.of(recv(b, "three")), a.read());
        assertEquals(3, count(Counter.PACKETS_IN));
    }

    @Test
    void framesMayBeCutAnywhere() throws WireException {
        var a = relay.join(1);
        var b = relay.join(2);
        for (int i = 0; i < 20; i++) {
            byte[] whole = TestRelay.bytes(new DerpFrame.SendPacket(b.key(), text("x".repeat(i))));
            for (byte one : whole) {
                a.raw(new byte[] {one});
            }
        }
        List<DerpFrame> want = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            want.add(recv(a, "x".repeat(i)));
        }
        assertEquals(want, b.read());
    }

    @Test
    void strangersAreRefused() {
        var stranger = relay.new Client(9, Login.Client.ORDINARY);
        assertThrows(WireException.class, stranger::login);
        assertTrue(stranger.closed);
        assertEquals(EndReason.REFUSED, stranger.session.ended());
        assertEquals(1, count(Counter.REFUSED));
        assertEquals(0, relay.server.connections());
    }

    @Test
    void someoneElsesKeyDoesNotLogIn() throws WireException {
        var member = relay.join(1);
        var thief = relay.new Client(9, Login.Client.ORDINARY);
        var info = (DerpFrame.ClientInfo) thief.derp.login(relay.server.publicKey());
        assertThrows(
                WireException.class,
                () -> thief.send(new DerpFrame.ClientInfo(member.key(), info.sealed())));
        assertTrue(thief.closed);
        assertFalse(member.closed);
    }

    @Test
    void removedMemberIsCutAtOnce() throws WireException {
        var a = relay.join(1);
        var b = relay.join(2);
        a.packet(b, "hello");
        b.read();
        relay.members.remove(a.key());
        assertEquals(1, relay.server.revoke(a.key()));
        assertTrue(a.closed);
        assertEquals(EndReason.REVOKED, a.session.ended());
        assertThrows(WireException.class, () -> a.packet(b, "more"));
        assertEquals(List.of(gone(a, PeerGone.Reason.DISCONNECTED)), b.read());
        assertEquals(0, relay.server.revoke(a.key()));
    }

    @Test
    void memberRemovedWhileItLogsInIsCut() {
        var a = relay.new Client(1, Login.Client.ORDINARY);
        int[] asked = {0};
        var server =
                new DerpServer(
                        TestRelay.secret(0xd1),
                        k -> asked[0]++ == 0,
                        DerpLimits.DEFAULT,
                        new java.util.Random(1));
        DerpSession session = java.util.Objects.requireNonNull(server.accept(a, "", relay.now));
        assertThrows(
                WireException.class,
                () -> {
                    byte[] login = TestRelay.bytes(a.derp.login(server.publicKey()));
                    session.receive(login, 0, login.length, relay.now);
                });
        assertEquals(EndReason.REVOKED, session.ended());
        assertNull(server.peer(a.key()));
    }

    @Test
    void stalledLoginEndsAfterFiveSeconds() {
        var a = relay.new Client(1, Login.Client.ORDINARY);
        relay.advance(Duration.ofMillis(4999));
        assertNull(a.session.ended());
        relay.advance(Duration.ofMillis(1));
        assertEquals(EndReason.LOGIN_TIMEOUT, a.session.ended());
    }

    @Test
    void nothingButALoginIsReadFirst() {
        for (DerpFrame frame :
                List.of(
                        new DerpFrame.Ping(1),
                        new DerpFrame.SendPacket(relay.server.publicKey(), text("x")),
                        new DerpFrame.Unknown(0x55, text("")))) {
            var a = relay.new Client(1, Login.Client.ORDINARY);
            assertThrows(WireException.class, () -> a.send(frame));
            assertEquals(EndReason.PROTOCOL_ERROR, a.session.ended());
        }
        var big = relay.new Client(1, Login.Client.ORDINARY);
        assertThrows(WireException.class, () -> big.raw(new byte[] {2, 0, 1, 0, 0}));
    }

    @Test
    void discoToNobodyIsAnsweredDataIsNot() throws WireException {
        var a = relay.join(1);
        var nobody = TestRelay.secret(7).nodeKey();
        a.send(new DerpFrame.SendPacket(nobody, text("data")));
        assertEquals(List.of(), a.read());
        for (int i = 0; i < 5; i++) {
            a.send(new DerpFrame.SendPacket(nobody, text(DISCO)));
        }
        var answer = new PeerGone(nobody, PeerGone.Reason.NOT_HERE);
        assertEquals(List.of(answer, answer, answer), a.read());
        relay.advance(Duration.ofSeconds(1));
        a.send(new DerpFrame.SendPacket(nobody, text(DISCO)));
        assertEquals(List.of(answer), a.read());
        assertEquals(6, count(Counter.DROP_UNKNOWN_DISCO));
        assertEquals(1, count(Counter.DROP_UNKNOWN));
    }

    @Test
    void fullQueueDropsTheOldestAndSparesDisco() throws WireException {
        var a = relay.join(1);
        var b = relay.join(2);
        a.packet(b, DISCO);
        int packets = 2 * DerpLimits.DEFAULT.dataQueueBytes() / 1000;
        for (int i = 0; i < packets; i++) {
            a.packet(b, String.format("%-1000d", i));
        }
        List<DerpFrame> got = b.read();
        assertEquals(recv(a, DISCO), got.getFirst());
        assertEquals(recv(a, String.format("%-1000d", packets - 1)), got.getLast());
        assertEquals(packets - (got.size() - 1), count(Counter.DROP_OLDEST));
        int bytes = (got.size() - 1) * 1037;
        assertTrue(bytes <= DerpLimits.DEFAULT.dataQueueBytes() && bytes > 250_000, "" + bytes);
    }

    @Test
    void queuesShareABudget() throws WireException {
        var small = relayWith(300_000, 100, 0);
        var a = small.join(1);
        var others = List.of(small.join(2), small.join(3), small.join(4));
        for (var to : others) {
            for (int i = 0; i < 300; i++) {
                a.packet(to, "y".repeat(1000));
            }
        }
        assertTrue(small.server.queuedBytes() <= 300_000);
        assertTrue(small.server.queuedBytes() > 200_000);
        small.server.shutdown();
        assertEquals(0, small.server.queuedBytes());
    }

    @Test
    void lastConnectionOfAKeyThatSentReceives() throws WireException {
        var a = relay.join(1);
        var old = relay.join(2);
        var young = relay.join(2);
        assertEquals(1, count(Counter.DUPLICATE));
        a.packet(old, "1");
        assertEquals(List.of(recv(a, "1")), young.read());
        old.send(new DerpFrame.NotePreferred(true));
        a.packet(old, "2");
        assertEquals(List.of(recv(a, "2")), old.read());
        old.session.end(EndReason.DISCONNECTED);
        a.packet(old, "3");
        assertEquals(List.of(recv(a, "3")), young.read());
    }

    @Test
    void goneIsToldOnceWhenTheLastConnectionLeaves() throws WireException {
        var a = relay.join(1);
        var old = relay.join(2);
        old.packet(a, "from the old one");
        var young = relay.join(2);
        a.read();
        old.session.end(EndReason.DISCONNECTED);
        assertEquals(List.of(), a.read());
        young.session.end(EndReason.DISCONNECTED);
        assertEquals(List.of(gone(old, PeerGone.Reason.DISCONNECTED)), a.read());
    }

    @Test
    void goneIsNotToldToThoseWhoHeardNothing() throws WireException {
        var a = relay.join(1);
        var b = relay.join(2);
        a.packet(b, "a speaks to b");
        b.read();
        b.session.end(EndReason.DISCONNECTED);
        assertEquals(List.of(), a.read());
    }

    @Test
    void ninthConnectionOfAKeyPushesTheFirstOut() throws WireException {
        var first = relay.join(2);
        for (int i = 0; i < 8; i++) {
            relay.join(2);
        }
        assertEquals(EndReason.REPLACED, first.session.ended());
        assertEquals(8, relay.server.connections());
    }

    @Test
    void packetToAReturnedPeerFindsItsNewConnection() throws WireException {
        var a = relay.join(1);
        var b = relay.join(2);
        a.packet(b, "1");
        b.session.end(EndReason.DISCONNECTED);
        a.packet(b, "lost");
        var again = relay.join(2);
        a.packet(again, "2");
        assertEquals(List.of(recv(a, "2")), again.read());
    }

    @Test
    void keepAliveEveryMinuteAndPingWhenSilent() throws WireException {
        var a = relay.join(1);
        relay.advance(Duration.ofSeconds(59));
        assertEquals(List.of(), a.read());
        relay.advance(Duration.ofSeconds(7));
        List<DerpFrame> due = a.read();
        assertEquals(new DerpFrame.KeepAlive(), due.get(0));
        var ping = (DerpFrame.Ping) due.get(1);
        relay.advance(Duration.ofSeconds(14));
        a.send(new DerpFrame.Pong(ping.data()));
        relay.advance(Duration.ofSeconds(5));
        assertNull(a.session.ended());
    }

    @Test
    void silentClientIsEndedAfterItsPing() throws WireException {
        var a = relay.join(1);
        relay.advance(Duration.ofSeconds(60));
        assertTrue(a.read().stream().anyMatch(f -> f instanceof DerpFrame.Ping));
        relay.advance(Duration.ofSeconds(15));
        assertEquals(EndReason.HALF_OPEN, a.session.ended());
    }

    @Test
    void clientThatOnlyReceivesIsPingedEarly() throws WireException {
        var a = relay.join(1);
        var b = relay.join(2);
        relay.advance(Duration.ofSeconds(1));
        b.packet(a, "news");
        a.read();
        relay.advance(Duration.ofSeconds(14));
        assertTrue(a.read().stream().anyMatch(f -> f instanceof DerpFrame.Ping));
    }

    @Test
    void clientThatCannotAckIsNeverPinged() throws WireException {
        var a = relay.join(1, new Login.Client(2, false, true, "", false));
        for (int i = 0; i < 300; i++) {
            relay.advance(Duration.ofSeconds(1));
            assertFalse(a.read().stream().anyMatch(f -> f instanceof DerpFrame.Ping));
        }
        assertNull(a.session.ended());
        assertEquals(0, count(Counter.PINGS));
    }

    @Test
    void neverTwoMinutesWithoutAFrame() throws WireException {
        var a = relay.join(1);
        int silent = 0;
        for (int i = 0; i < 1000; i++) {
            relay.advance(Duration.ofSeconds(1));
            silent = a.read().isEmpty() ? silent + 1 : 0;
            assertTrue(silent <= 66, "second " + i);
            a.send(new DerpFrame.Pong(0));
        }
    }

    @Test
    void slowReaderIsCutAndOthersGoOn() throws WireException {
        var a = relay.join(1);
        var slow = relay.join(2);
        var b = relay.join(3);
        a.packet(slow, "x");
        slow.session.drain(new byte[100], relay.now);
        slow.session.writeStarted(relay.now);
        a.packet(b, "y");
        assertEquals(List.of(recv(a, "y")), b.read());
        relay.advance(Duration.ofSeconds(5));
        assertEquals(EndReason.SLOW_READER, slow.session.ended());
        assertTrue(slow.closed);
        assertNull(b.session.ended());
    }

    @Test
    void pingIsAnsweredOnceWhileAPongWaits() throws WireException {
        var a = relay.join(1);
        a.send(new DerpFrame.Ping(5));
        a.send(new DerpFrame.Ping(6));
        assertEquals(List.of(new DerpFrame.Pong(5)), a.read());
        a.send(new DerpFrame.Ping(7));
        assertEquals(List.of(new DerpFrame.Pong(7)), a.read());
    }

    @Test
    void meshFramesEndTheConnection() throws WireException {
        var b = relay.join(2);
        for (DerpFrame frame :
                List.of(
                        new DerpFrame.WatchConns(),
                        new DerpFrame.ClosePeer(b.key()),
                        new DerpFrame.ForwardPacket(b.key(), b.key(), text("x")))) {
            var a = relay.join(1);
            assertThrows(WireException.class, () -> a.send(frame));
            assertEquals(EndReason.MESH_REFUSED, a.session.ended());
        }
        assertNull(b.session.ended());
        assertEquals(3, count(Counter.MESH_REFUSED));
    }

    @Test
    void unknownFramesAreSkippedAndOversizeOnesEnd() throws WireException {
        var a = relay.join(1);
        var b = relay.join(2);
        a.send(new DerpFrame.Unknown(0x77, ByteBuffer.allocate(300_000)));
        a.packet(b, "after");
        assertEquals(List.of(recv(a, "after")), b.read());
        assertEquals(1, count(Counter.UNKNOWN_FRAMES));
        assertThrows(WireException.class, () -> a.raw(new byte[] {0x77, (byte) 0xff, -1, -1, -1}));
        assertThrows(WireException.class, () -> b.raw(new byte[] {4, 0, 1, 0, 33}));
        assertEquals(2, count(Counter.PROTOCOL_ERROR));
    }

    @Test
    void largestPacketPasses() throws WireException {
        var a = relay.join(1);
        var b = relay.join(2);
        a.packet(b, "z".repeat(DerpFrame.MAX_PACKET));
        assertEquals(List.of(recv(a, "z".repeat(DerpFrame.MAX_PACKET))), b.read());
    }

    @Test
    void healthIsToldNowAndToLaterClientsUntilThereIsRoomAgain() throws WireException {
        var small = relayWith(6_000, 100, 0);
        var a = small.join(1);
        var b = small.join(2);
        a.packet(b, "z".repeat(8_000));
        small.advance(Duration.ofSeconds(1));
        var full = new DerpFrame.Health("the relay has no room for all its clients' packets");
        assertEquals(List.of(full), a.read());
        assertEquals(List.of(full), b.read());
        small.advance(Duration.ofSeconds(29));
        assertFalse(a.read().contains(full), "told once");
        var c = small.new Client(3, Login.Client.ORDINARY);
        small.members.add(c.key());
        c.login();
        assertTrue(c.read().contains(full));
        small.advance(Duration.ofSeconds(1));
        assertTrue(a.read().contains(new DerpFrame.Health("")));
    }

    @Test
    void writerIsWokenOncePerIdleSpell() throws WireException {
        var a = relay.join(1);
        var b = relay.join(2);
        int before = b.wakes;
        a.packet(b, "1");
        a.packet(b, "2");
        assertEquals(before + 1, b.wakes);
        b.read();
        a.packet(b, "3");
        assertEquals(before + 2, b.wakes);
    }

    @Test
    void rateLimitMakesTheReaderWait() throws WireException {
        var limited = relayWith(DerpLimits.DEFAULT.allQueuesBytes(), 100, 100_000);
        var a = limited.join(1);
        assertEquals(new Login.Server(2, 100_000, 100_000), a.derp.server());
        var b = limited.join(2);
        byte[] frame = TestRelay.bytes(new DerpFrame.SendPacket(b.key(), text("w".repeat(60_000))));
        assertEquals(0, a.session.receive(frame, 0, frame.length, limited.now));
        long wait = a.session.receive(frame, 0, frame.length, limited.now);
        assertEquals(0.2, wait / 1e9, 0.01);
    }

    @Test
    void tooManyConnectionsAreTurnedAway() {
        var two = relayWith(DerpLimits.DEFAULT.allQueuesBytes(), 2, 0);
        var a = two.new Client(1, Login.Client.ORDINARY);
        two.new Client(2, Login.Client.ORDINARY);
        assertNull(two.server.accept(a, "", two.now));
        a.session.end(EndReason.DISCONNECTED);
        two.new Client(3, Login.Client.ORDINARY);
        assertEquals(1, two.server.counters().value(Counter.TURNED_AWAY));
    }

    @Test
    void localNodeTalksWithoutTransport() throws WireException {
        var a = relay.join(1);
        var local = TestRelay.secret(0x55).nodeKey();
        var got = new ArrayList<String>();
        PacketSink sink =
                new PacketSink() {
                    @Override
                    public void packet(NodeKey from, ByteBuffer packet) {
                        byte[] copy = new byte[packet.remaining()];
                        packet.get(copy);
                        got.add(from.shortText() + " " + new String(copy, TestRelay.UTF_8));
                    }

                    @Override
                    public void peerGone(NodeKey peer, PeerGone.Reason reason) {
                        got.add("gone " + peer.shortText());
                    }
                };
        try (RelayLink link = relay.server.attach(local, sink, () -> relay.now)) {
            a.send(new DerpFrame.SendPacket(local, text("in")));
            assertTrue(link.send(a.key(), text("out")));
            assertFalse(link.send(TestRelay.secret(7).nodeKey(), text("nobody")));
            assertEquals(List.of(new DerpFrame.RecvPacket(local, text("out"))), a.read());
            a.session.end(EndReason.DISCONNECTED);
            String name = a.key().shortText();
            assertEquals(List.of(name + " in", "gone " + name), got);
        }
        assertNull(relay.server.peer(local));
    }

    @Test
    void statusKnowsWhoSendsToWhom() throws WireException {
        var a = relay.join(1);
        var b = relay.join(2);
        a.send(new DerpFrame.NotePreferred(true));
        a.packet(b, "12345");
        var status =
                relay.server.clients().stream().filter(c -> c.key().equals(a.key())).findFirst();
        assertTrue(status.orElseThrow().home());
        assertEquals(
                List.of(new DerpServer.Flow(b.key(), relay.now, 5)), status.orElseThrow().flows());
    }

    private static DerpFrame recv(TestRelay.Client from, String text) {
        return new DerpFrame.RecvPacket(from.key(), text(text));
    }

    private static DerpFrame gone(TestRelay.Client who, PeerGone.Reason reason) {
        return new PeerGone(who.key(), reason);
    }

    private static ByteBuffer text(String s) {
        return ByteBuffer.wrap(s.getBytes(TestRelay.UTF_8));
    }

    private long count(Counter counter) {
        return relay.server.counters().value(counter);
    }
}
