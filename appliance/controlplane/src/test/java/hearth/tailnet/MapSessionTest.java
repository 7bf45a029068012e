package hearth.tailnet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.control.DERPMap;
import hearth.testkit.ManualClock;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
final class MapSessionTest {
    private static final int FRAMES_OF_A_DAY = (int) (Duration.ofDays(1).toSeconds() / 50);
    private static final int SOME = 10_000; // keep-alives while news are on their way

    private final ManualClock clock = new ManualClock();
    private final Tailnet tailnet = MemoryJournal.tailnet(Clients.options(clock));

    /** A day's frames, without its time: they stay the same and the stream goes on. */
    @Test
    void anIdleDayIsNothingButKeepAlives() throws Exception {
        Node node = Clients.join(tailnet, 1, 1);
        Node peer = Clients.join(tailnet, 2, 2);
        clock.advance(Duration.ofSeconds(1)); // a peer is held back for a moment
        var relays = new DERPMap(null, Map.of(), false);
        try (var sessions = new MapSessions(tailnet, () -> relays, clock, new Random(1), () -> 0);
                MapSession stream = sessions.open(node)) {
            stream.next();
            assertFalse(stream.wasQuiet(), "the map");
            for (int i = 0; i < FRAMES_OF_A_DAY; i++) {
                assertArrayEquals(MapFrames.keepAlive(), stream.next());
                assertTrue(stream.wasQuiet());
            }
            assertTrue(tailnet.snapshot().presence(node.id()).online());

            var _ = tailnet.renameNode(Clients.OWNER, peer.id(), "renamed");
            int waited = 0;
            do {
                stream.next();
                Thread.sleep(1);
            } while (stream.wasQuiet() && ++waited < SOME);
            assertFalse(stream.wasQuiet(), "news are told as on the first day");
        }
    }
}
