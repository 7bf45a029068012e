package hearth.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import hearth.base.IpAddress;
import hearth.base.WireException;
import hearth.stun.Stun;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** On loopback: the answer comes from where the question went, on each port. */
final class StunServiceTest {
    private static final Stun.TransactionId ID = new Stun.TransactionId(1, 2);

    @Test
    void answersOnEveryPortAndAddressFromThere() throws IOException, WireException {
        try (var service = StunService.start(null, List.of(0, 0), 1);
                var client = new DatagramSocket(0, IpAddress.parse("127.0.0.1").toInetAddress())) {
            for (int port : service.ports()) {
                for (InetAddress host : localV4()) {
                    var server = new InetSocketAddress(host, port);
                    client.connect(server); // takes datagrams from there alone
                    send(client, new byte[] {1, 2, 3}, server);
                    send(client, request(), server);
                    Stun.Mapped mapped = Stun.parseResponse(receive(client));
                    assertEquals(ID, mapped.id());
                    assertEquals(IpAddress.parse("127.0.0.1"), mapped.address());
                    assertEquals(client.getLocalPort(), mapped.port());
                    client.disconnect();
                }
            }
            assertEquals(2L * localV4().size(), service.answered());
            assertEquals(2L * localV4().size(), service.ignored());
        }
    }

    @Test
    void takenPortIsNoticed() throws IOException {
        try (var first = StunService.start(null, List.of(0), 1)) {
            assertThrows(BindException.class, () -> StunService.start(null, first.ports(), 1));
        }
    }

    private static List<InetAddress> localV4() throws SocketException {
        return NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(a -> a.getAddress().length == 4)
                .toList();
    }

    private static byte[] request() {
        ByteBuffer out = ByteBuffer.allocate(40);
        Stun.request(ID, out);
        return out.array();
    }

    private static void send(DatagramSocket from, byte[] bytes, InetSocketAddress to)
            throws IOException {
        from.send(new DatagramPacket(bytes, bytes.length, to));
    }

    private static ByteBuffer receive(DatagramSocket at) throws IOException {
        at.setSoTimeout(5000);
        var packet = new DatagramPacket(new byte[100], 100);
        at.receive(packet);
        return ByteBuffer.wrap(packet.getData(), 0, packet.getLength());
    }
}
