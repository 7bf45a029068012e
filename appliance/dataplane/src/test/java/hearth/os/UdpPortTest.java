package hearth.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.base.Memory;
import hearth.base.Slab;
import java.io.IOException;
import java.net.BindException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Trains over loopback, with the kernel's segmentation and without. */
final class UdpPortTest {
    private static final long LOOPBACK = 0xffff_7f00_0001L;

    @Test
    void trainsArriveWithAllOffloads() throws IOException {
        assertEquals(List.of(1000, 1000, 1000, 17), exchange(true, true));
    }

    @Test
    void trainsArriveWithout() throws IOException {
        assertEquals(List.of(1000, 1000, 1000, 17), exchange(false, false));
    }

    @Test
    void senderCutsReceiverDoesNotJoin() throws IOException {
        assertEquals(List.of(1000, 1000, 1000, 17), exchange(true, false));
        assertEquals(List.of(1000, 1000, 1000, 17), exchange(false, true));
    }

    /** Which refusals of a train end segmentation for everybody. */
    @ParameterizedTest
    @CsvSource({
        "5, 1000, false",
        "5, 1400, false",
        "22, 1232, false",
        "22, 1233, true",
        "90, 1312, true",
    })
    void aNarrowWayEndsSegmentationForNobodyElse(int errno, int segment, boolean goesOn) {
        assertEquals(goesOn, UdpSender.mayBeNarrow(-errno, segment));
    }

    private static List<Integer> exchange(boolean gso, boolean gro) throws IOException {
        try (var libc = new Libc();
                var from = new UdpPort(0, gro);
                var to = new UdpPort(0, gro);
                var sender = new UdpSender(libc, from, gso);
                var receiver = new UdpReceiver(libc, to);
                var wakeup = new Wakeup();
                var poller = new Poller(libc, wakeup, to.fd());
                var slab = new Slab(4096)) {
            for (int i = 0; i < 3017; i++) {
                Memory.put8(slab.address() + i, i / 1000 + 1);
            }
            assertEquals(0, sender.send(0, LOOPBACK, to.localPort(), slab.address(), 3017, 1000));
            List<Integer> lengths = new ArrayList<>();
            while (lengths.size() < 4 && poller.await(2000)) {
                int messages = receiver.receive();
                assertTrue(messages > 0);
                for (int m = 0; m < messages; m++) {
                    assertEquals(0, receiver.sourceHigh(m));
                    assertEquals(LOOPBACK, receiver.sourceLow(m));
                    assertEquals(from.localPort(), receiver.sourcePort(m));
                    int step = receiver.segment(m);
                    for (int at = 0; at < receiver.length(m); at += step) {
                        int length = Math.min(step, receiver.length(m) - at);
                        int first = Memory.u8(receiver.address(m) + at);
                        assertEquals(lengths.size() + 1, first);
                        lengths.add(length);
                    }
                }
            }
            return lengths;
        }
    }

    /** The kernel tells a length that is not there: nothing of it may be read. */
    @Test
    void aDatagramThatDoesNotFitHasNoLength() throws IOException {
        try (var libc = new Libc();
                var from = new UdpPort(0, false);
                var to = new UdpPort(0, false);
                var sender = new UdpSender(libc, from, false);
                var receiver = new UdpReceiver(libc, to);
                var wakeup = new Wakeup();
                var poller = new Poller(libc, wakeup, to.fd());
                var slab = new Slab(16_384)) {
            long train = slab.address();
            assertEquals(0, sender.send(0, LOOPBACK, to.localPort(), train, 9000, 9000));
            assertEquals(0, sender.send(0, LOOPBACK, to.localPort(), train, 100, 100));
            assertTrue(poller.await(2000));
            assertEquals(2, receiver.receive());
            assertEquals(0, receiver.length(0));
            assertEquals(100, receiver.length(1));
        }
    }

    @Test
    void aPortThatIsTakenIsToldApart() throws Exception {
        try (var first = new UdpPort(0, false)) {
            int port = first.localPort();
            var e = assertThrows(BindException.class, () -> new UdpPort(port, false).close());
            assertEquals("UDP port " + port + " is taken", e.getMessage());
        }
    }

    @Test
    void wakeupEndsAWait() throws Exception {
        try (var libc = new Libc();
                var port = new UdpPort(0, false);
                var wakeup = new Wakeup();
                var poller = new Poller(libc, wakeup, port.fd())) {
            wakeup.signal();
            wakeup.signal();
            assertEquals(false, poller.await(10_000));
            assertEquals(false, poller.await(0), "the signal is spent");
        }
    }
}
