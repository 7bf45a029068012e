package hearth.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.crypto.Aead;
import hearth.os.Ciphers;
import hearth.os.Tun;
import hearth.wireguard.Messages;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Packets through two whole engines on loopback. */
final class EngineTest {
    private static final EngineSettings SETTINGS = EngineSettings.onPort(0);
    private static final Aead.Backend CIPHER = Ciphers.available().getFirst();

    record Case(String name, EngineSettings settings, Aead.Backend cipher, boolean relayed) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        return Stream.concat(
                Stream.of(
                        new Case("all offloads", SETTINGS, CIPHER, false),
                        new Case("no offload", SETTINGS.withoutOffloads(), CIPHER, false),
                        new Case("one thread", SETTINGS.withOneThread(true), CIPHER, false),
                        new Case("by relay", SETTINGS, CIPHER, true)),
                Ciphers.available().stream().map(b -> new Case(b.name(), SETTINGS, b, false)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void packetsOfBothFamiliesArriveBothWays(Case c) throws Exception {
        var random = new Random(3);
        try (var pair = new EnginePair(c.settings(), c.cipher(), c.relayed())) {
            for (boolean v4 : new boolean[] {true, false}) {
                for (int length : new int[] {0, 1, 15, 16, 17, 500, 1200}) {
                    byte[] there = TestPackets.udp(v4, 1, 2, 7, TestPackets.random(random, length));
                    assertTrue(pair.a.device.put(TestPackets.frame(there)));
                    assertArrayEquals(TestPackets.frame(there), pair.b.take());
                    byte[] back = TestPackets.udp(v4, 2, 1, 8, TestPackets.random(random, length));
                    assertTrue(pair.b.device.put(TestPackets.frame(back)));
                    assertArrayEquals(TestPackets.frame(back), pair.a.take());
                }
            }
            assertEquals(0, pair.a.engine.counters().get(EngineCounter.PUMP_RESTARTS));
            assertEquals(0, pair.b.engine.counters().get(EngineCounter.PUMP_RESTARTS));
        }
    }

    /** To a multiple of 16, but never past the MTU: what the peer opens has the packet's length. */
    @Test
    void paddingEndsAtTheMtu() throws Exception {
        var random = new Random(5);
        int mtu = 1287; // no multiple of 16
        try (var pair = new EnginePair(SETTINGS.withMtu(mtu), CIPHER, false)) {
            long before = 0;
            for (int length : new int[] {100, mtu - 5, mtu}) {
                byte[] packet =
                        TestPackets.udp(true, 1, 2, 7, TestPackets.random(random, length - 28));
                assertEquals(length, packet.length);
                assertTrue(pair.a.device.put(TestPackets.frame(packet)));
                assertArrayEquals(TestPackets.frame(packet), pair.b.take());
                long all = pair.a.node.peers().iterator().next().sentBytes();
                if (before > 0) {
                    assertEquals(mtu + Messages.TRANSPORT_OVERHEAD_BYTES, all - before);
                }
                before = all;
            }
        }
    }

    @Test
    void superPacketArrivesWhole() throws Exception {
        var random = new Random(4);
        try (var pair = new EnginePair(SETTINGS, CIPHER, false)) {
            byte[] payload = TestPackets.random(random, 40_000);
            byte[] packet = TestPackets.tcp(true, 1, 2, 7, 5, Frame.ACK | Frame.PSH, payload);
            byte[] frame = TestPackets.frame(Tun.GSO_TCP4, 1200, 20, 16, packet);
            assertTrue(pair.a.device.put(frame));
            int header = Tun.HEADER_BYTES + packet.length - payload.length;
            byte[] got = new byte[0];
            while (got.length < payload.length) {
                byte[] f = pair.b.take();
                assertNotNull(f, "got " + got.length);
                byte[] more = Arrays.copyOfRange(f, header, f.length);
                got = Arrays.copyOf(got, got.length + more.length);
                System.arraycopy(more, 0, got, got.length - more.length, more.length);
            }
            assertArrayEquals(payload, got);
            EngineCounters sent = pair.a.engine.counters();
            assertTrue(sent.get(EngineCounter.SENT_TRAINS) <= 4, "one train and the handshake");
        }
    }

    @Test
    void sourceMustBelongToTheSender() throws Exception {
        try (var pair = new EnginePair(SETTINGS, CIPHER, false)) {
            byte[] foreign = TestPackets.udp(true, 9, 2, 7, new byte[9]);
            assertTrue(pair.a.device.put(TestPackets.frame(foreign)));
            byte[] own = TestPackets.udp(true, 1, 2, 7, new byte[9]);
            assertTrue(pair.a.device.put(TestPackets.frame(own)));
            assertArrayEquals(TestPackets.frame(own), pair.b.take());
            EngineCounters c = pair.b.engine.counters();
            assertEquals(1, c.get(EngineCounter.DROPPED_FOREIGN_SOURCE));
        }
    }

    @Test
    void filterDecidesOnBothSides() throws Exception {
        try (var pair = new EnginePair(SETTINGS, CIPHER, false)) {
            pair.b.node.setFilter(
                    new InnerFilter() {
                        @Override
                        public boolean admits(RemotePeer from, long packet, int length) {
                            return false;
                        }

                        @Override
                        public boolean leaves(RemotePeer to, long packet, int length) {
                            return false;
                        }
                    });
            byte[] packet = TestPackets.udp(true, 1, 2, 7, new byte[9]);
            assertTrue(pair.a.device.put(TestPackets.frame(packet)));
            EngineCounters c = pair.b.engine.counters();
            await(() -> c.get(EngineCounter.DROPPED_BY_FILTER_IN) == 1);
            byte[] back = TestPackets.udp(true, 2, 1, 7, new byte[9]);
            assertTrue(pair.b.device.put(TestPackets.frame(back)));
            await(() -> c.get(EngineCounter.DROPPED_BY_FILTER_OUT) == 1);
            assertNull(pair.b.device.take());
        }
    }

    @Test
    void removedPeerGetsNothingMore() throws Exception {
        try (var pair = new EnginePair(SETTINGS, CIPHER, false)) {
            byte[] packet = TestPackets.udp(true, 1, 2, 7, new byte[9]);
            assertTrue(pair.a.device.put(TestPackets.frame(packet)));
            assertNotNull(pair.b.take());
            pair.b.engine.call(
                    () -> {
                        pair.b.node.setPeers(List.of());
                        return true;
                    });
            assertTrue(pair.a.device.put(TestPackets.frame(packet)));
            EngineCounters c = pair.b.engine.counters();
            await(() -> c.get(EngineCounter.DROPPED_NO_SESSION) == 1);
            assertEquals(0, pair.b.engine.sessions().size());
        }
    }

    private interface Claim {
        boolean holds() throws IOException;
    }

    private static void await(Claim claim) throws Exception {
        for (int i = 0; i < 2000 && !claim.holds(); i++) {
            Thread.sleep(1);
        }
        assertTrue(claim.holds());
    }
}
