package hearth.listen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.control.DERPNode;
import hearth.control.DERPRegion;
import hearth.crypto.NodeKey;
import hearth.crypto.SecretKey;
import hearth.derp.DerpFrame;
import hearth.derp.PacketSink;
import hearth.derp.RelayLink;
import hearth.relay.RelayClient;
import hearth.relay.RelayDialer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node at a relay of somebody else, over real TLS. */
@Timeout(30)
final class RelayClientTest {
    @TempDir static Path dir;
    private static TestAppliance appliance;

    private final SecretKey here = TestAppliance.secret(0x51);
    private final SecretKey there = TestAppliance.secret(0x52);
    private final BlockingQueue<String> got = new LinkedBlockingQueue<>();

    @BeforeAll
    static void start() throws Exception {
        appliance = new TestAppliance(dir);
    }

    @AfterAll
    static void stop() {
        appliance.close();
    }

    private record Inbox(BlockingQueue<String> got) implements PacketSink {
        @Override
        public void packet(NodeKey from, ByteBuffer packet) {
            got.add(StandardCharsets.US_ASCII.decode(packet).toString());
        }

        @Override
        public void peerGone(NodeKey peer, DerpFrame.PeerGone.Reason reason) {
            got.add("gone");
        }
    }

    private static DERPRegion region(String host, String cert, boolean insecure) {
        var node =
                new DERPNode(
                        "910a",
                        910,
                        host,
                        cert,
                        "127.0.0.1",
                        "none",
                        0,
                        false,
                        appliance.listeners.httpsPort(),
                        insecure,
                        null,
                        false);
        return new DERPRegion(910, "far", "Far", List.of(node));
    }

    private static String pin() {
        String pin = appliance.certificates.pin();
        assertNotNull(pin);
        return pin;
    }

    private static boolean reached(DERPRegion region) {
        try {
            new RelayDialer(region).dial().close();
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void theCertificateIsTheOneThatTheMapNames() {
        String wrong = DERPNode.PIN + "00".repeat(32);
        assertTrue(reached(region("127.0.0.1", pin(), false)));
        assertTrue(reached(region("any.test", pin(), false)), "the digest names it");
        assertFalse(reached(region("127.0.0.1", wrong, false)));
        assertFalse(reached(region("127.0.0.1", wrong, true)), "a pin counts in any case");
        assertFalse(reached(region("127.0.0.1", "", false)), "nobody vouches for it");
        assertFalse(reached(region("127.0.0.1", "hearth.test", false)));
        assertTrue(reached(region("127.0.0.1", "", true)));
        assertTrue(reached(region("other.test", "", true)));
    }

    @Test
    void aRegionWithoutRelaysSaysSo() {
        var region = new DERPRegion(911, "none", "None", List.of());
        var e = assertThrows(IOException.class, () -> new RelayDialer(region).dial());
        assertEquals("region 911 has no relay", e.getMessage());
    }

    @Test
    void packetsGoBothWaysAlsoAfterTheRelayHungUp() throws Exception {
        appliance.members.add(here.nodeKey());
        BlockingQueue<String> atRelay = new LinkedBlockingQueue<>();
        try (RelayLink peer = appliance.relay.attach(there.nodeKey(), new Inbox(atRelay));
                RelayLink link =
                        new RelayClient(
                                "far",
                                new RelayDialer(region("127.0.0.1", pin(), false)),
                                here,
                                new Inbox(got),
                                new Random(1))) {
            assertFalse(link.reaches(there.nodeKey()));
            assertTrue(link.send(there.nodeKey(), text("one")));
            assertEquals("one", atRelay.poll(10, TimeUnit.SECONDS));
            assertTrue(link.reaches(there.nodeKey()));
            assertTrue(peer.send(here.nodeKey(), text("two")));
            assertEquals("two", got.poll(10, TimeUnit.SECONDS));
            assertEquals(1, appliance.relay.revoke(here.nodeKey()));
            assertEquals("gone", atRelay.poll(10, TimeUnit.SECONDS));
            String back = null;
            for (int i = 0; i < 100 && back == null; i++) {
                link.send(there.nodeKey(), text("three"));
                back = atRelay.poll(100, TimeUnit.MILLISECONDS);
            }
            assertEquals("three", back);
        }
        while (appliance.relay.connections() > 0) {
            Thread.sleep(10);
        }
        assertNull(got.poll());
    }

    private static ByteBuffer text(String s) {
        return StandardCharsets.US_ASCII.encode(s);
    }
}
