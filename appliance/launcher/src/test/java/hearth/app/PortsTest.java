package hearth.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

final class PortsTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    @Test
    void aTakenPortGivenByHandNamesItsHolder() throws IOException {
        try (var other = new ServerSocket(0, 1, LOOPBACK)) {
            int port = other.getLocalPort();
            var e =
                    assertThrows(
                            IOException.class,
                            () ->
                                    Ports.choose(
                                            "https-port",
                                            OptionalInt.of(port),
                                            443,
                                            8443,
                                            LOOPBACK));
            String text = String.valueOf(e.getMessage());
            assertTrue(text.startsWith("--https-port " + port + ": in use by "), text);
            assertTrue(text.contains("(pid " + ProcessHandle.current().pid() + ")"), text);
        }
    }

    @Test
    void aTakenUsualPortFallsBackAndSaysSo() throws IOException {
        int fallback;
        try (var free = new ServerSocket(0, 1, LOOPBACK)) {
            fallback = free.getLocalPort();
        }
        try (var other = new ServerSocket(0, 1, LOOPBACK)) {
            int usual = other.getLocalPort();
            var choice = Ports.choose("http-port", OptionalInt.empty(), usual, fallback, LOOPBACK);
            assertEquals(fallback, choice.port());
            assertNotNull(choice.remark());
            assertTrue(choice.remark().contains("in use by"), choice.remark());
        }
    }
}
