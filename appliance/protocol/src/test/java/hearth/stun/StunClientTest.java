package hearth.stun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.base.IpAddress;
import hearth.base.WireException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class StunClientTest {
    private static final long SECOND = 1_000_000_000L;
    private static final InetSocketAddress FIRST = at("192.0.2.1", 3478);
    private static final InetSocketAddress SECOND_SERVER = at("192.0.2.2", 3479);

    private final StunClient client = new StunClient(new Random(6));
    private long now = Long.MAX_VALUE - SECOND; // wraps

    private static InetSocketAddress at(String address, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(address), port);
    }

    private static byte[] answer(StunClient.Request request, String address, int port)
            throws WireException {
        byte[] out = new byte[Stun.MAX_RESPONSE];
        ByteBuffer to = ByteBuffer.wrap(out);
        Stun.response(
                Stun.parseRequest(ByteBuffer.wrap(request.datagram())),
                IpAddress.parse(address),
                port,
                to);
        return Arrays.copyOf(out, to.position());
    }

    /** Polls whenever it is due during {@code nanos}. */
    private int requests(long nanos) {
        int sent = 0;
        long end = now + nanos;
        while (end - client.nextDeadlineNanos(now) >= 0) {
            now = client.nextDeadlineNanos(now);
            sent += client.poll(now).size();
        }
        now = end;
        return sent;
    }

    @Test
    void learnsItsAddressAndAsksAgainEveryTwentySeconds() throws WireException {
        client.setServers(List.of(FIRST), now);
        List<StunClient.Request> sent = client.poll(now);
        assertEquals(FIRST, sent.getFirst().to());
        assertTrue(client.receive(answer(sent.getFirst(), "203.0.113.9", 41641), now));
        assertEquals(Set.of(at("203.0.113.9", 41641)), client.mapped());
        assertEquals(0, requests(StunClient.INTERVAL_NANOS - 1));
        assertTrue(requests(StunClient.SPREAD_NANOS) > 0);
    }

    @Test
    void eachServerOfASymmetricNatSeesAnotherAddress() throws WireException {
        client.setServers(List.of(FIRST, SECOND_SERVER), now);
        List<StunClient.Request> sent = client.poll(now);
        client.receive(answer(sent.get(0), "203.0.113.9", 1001), now);
        client.receive(answer(sent.get(1), "203.0.113.9", 1002), now);
        assertEquals(2, client.mapped().size());
        client.setServers(List.of(SECOND_SERVER), now);
        assertEquals(Set.of(at("203.0.113.9", 1002)), client.mapped());
    }

    @Test
    void triesThreeTimesThenPausesAndForgetsWhatNobodyConfirms() throws WireException {
        client.setServers(List.of(FIRST), now);
        StunClient.Request request = client.poll(now).getFirst();
        client.receive(answer(request, "203.0.113.9", 41641), now);
        now = client.nextDeadlineNanos(now);
        assertEquals(3, requests(StunClient.INTERVAL_NANOS));
        requests(StunClient.MEMORY_NANOS);
        assertEquals(Set.of(), client.mapped());
    }

    @Test
    void nothingUnaskedCounts() throws WireException {
        client.setServers(List.of(FIRST), now);
        StunClient.Request old = client.poll(now).getFirst();
        client.networkChanged(now);
        assertFalse(client.receive(answer(old, "203.0.113.9", 1), now), "before the change");
        StunClient.Request request = client.poll(now).getFirst();
        byte[] answer = answer(request, "203.0.113.9", 41641);
        byte[] forged = answer.clone();
        forged[10] ^= 1;
        assertFalse(client.receive(forged, now));
        assertFalse(client.receive(request.datagram(), now));
        assertTrue(client.receive(answer, now));
        assertFalse(client.receive(answer, now), "twice");
        assertNotEquals(Set.of(), client.mapped());
    }

    @Test
    void asksSomeOfManyServers() {
        client.setServers(
                IntStream.range(0, 50).mapToObj(i -> at("192.0.2." + i, 3478)).toList(), now);
        assertEquals(StunClient.MAX_SERVERS, client.poll(now).size());
        client.setServers(List.of(), now);
        assertEquals(0, requests(60 * SECOND));
    }
}
