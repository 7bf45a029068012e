package hearth.wireguard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Bytes from the net never throw, and only what was signed and sealed for us changes anything. */
final class HandshakeFuzz {
    private static final int[] LENGTHS = {0, 1, 4, 20, 32, 63, 64, 65, 92, 147, 148, 149, 1500};

    @Test
    void randomAndDamagedMessagesDoNothing() {
        try (var s = new SimPair(1)) {
            var random = new Random(42);
            s.a.wg.initiate(s.a.peer, s.now);
            s.a.drain();
            byte[] initiation = s.b.inbox.remove();
            s.b.deliver(initiation.clone());
            byte[] response = s.a.inbox.remove();
            int sessions = s.b.sessions.size();
            long end = System.nanoTime() + 500_000_000L;
            while (System.nanoTime() - end < 0) {
                s.advance(0.03);
                byte[] m =
                        switch (random.nextInt(3)) {
                            case 0 -> new byte[LENGTHS[random.nextInt(LENGTHS.length)]];
                            case 1 -> initiation.clone();
                            default -> response.clone();
                        };
                for (int i = random.nextInt(4); i >= 0 && m.length > 4; i--) {
                    m[4 + random.nextInt(m.length - 4)] ^= (byte) (1 + random.nextInt(255));
                }
                if (m.length > 0 && random.nextInt(3) == 0) {
                    m[0] = (byte) random.nextInt(6);
                }
                if (random.nextBoolean() && m.length >= 36) {
                    resign(s, m); // the MAC is public: what is sealed must hold alone
                }
                if (sameSealed(m, initiation, 8) || sameSealed(m, response, 12)) {
                    continue; // indices and MAC2 are not sealed
                }
                s.b.wg.receive(m, s.b.source, s.now);
                s.a.wg.receive(m, s.a.source, s.now);
                s.a.drain();
                s.b.drain();
            }
            assertEquals(sessions, s.b.sessions.size());
            assertEquals(0, s.a.wg.counters().get(HandshakeEvent.COMPLETED));
            s.a.deliver(response);
            assertNotNull(s.a.peer.current, "the right response is still taken");
        }
    }

    private static boolean sameSealed(byte[] m, byte[] good, int from) {
        int to = Messages.macsAt(good);
        return m.length == good.length
                && m[0] == good[0]
                && Arrays.equals(m, from, to, good, from, to);
    }

    private static void resign(SimPair s, byte[] m) {
        new Cookies.Signer(s.b.wg.publicKey().bytes()).sign(m, s.now);
    }
}
