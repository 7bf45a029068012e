package hearth.listen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.net.ConnectException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A port on loopback, and how many connections it takes. */
@Timeout(30)
final class PortTest {
    private static final int MIB = 1 << 20;

    @Test
    void connectionsLeaveRoomForOtherFiles() {
        assertEquals(4096, ListenConfig.connections(512 * MIB, 524_288));
        assertEquals(1024, ListenConfig.connections(64 * MIB, 524_288));
        assertEquals(16_384, ListenConfig.connections(64L << 30, Long.MAX_VALUE));
        assertEquals(432, ListenConfig.connections(512 * MIB, 1024));
        assertEquals(48, ListenConfig.connections(512 * MIB, 256));
        assertEquals(8, ListenConfig.connections(512 * MIB, 100));
    }

    /** Helidon closes a port for good when accepting fails, as without a free file descriptor. */
    @Test
    void aPortThatHelidonClosedIsOpenedAgain() throws Exception {
        var config =
                new ListenConfig(
                        TestAppliance.LOOPBACK, OptionalInt.of(0), OptionalInt.of(0), null, 8);
        var port = new Port("test", config, OptionalInt.of(0), 0, 0, null);
        port.open(List.of(), r -> r.get("/", (q, s) -> s.send("here")));
        try {
            assertEquals("HTTP/1.1 200 OK", ask(port));
            port.sweep(System.nanoTime());
            assertEquals("HTTP/1.1 200 OK", ask(port));
            closeAsHelidonDoes(port);
            assertThrows(ConnectException.class, () -> ask(port));
            port.sweep(System.nanoTime());
            assertEquals("HTTP/1.1 200 OK", ask(port));
        } finally {
            port.close();
        }
        port.sweep(System.nanoTime());
        assertThrows(ConnectException.class, () -> ask(port));
    }

    private static String ask(Port port) throws IOException {
        try (Socket s = new Socket(TestAppliance.LOOPBACK, port.number())) {
            s.getOutputStream()
                    .write(
                            "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                                    .getBytes(StandardCharsets.US_ASCII));
            var answer =
                    new BufferedReader(
                            new InputStreamReader(s.getInputStream(), StandardCharsets.US_ASCII));
            return String.valueOf(answer.readLine());
        }
    }

    /** The listener alone; the server around it goes on and says that it runs. */
    private static void closeAsHelidonDoes(Port port) throws ReflectiveOperationException {
        Object server = field(port, "server");
        for (Object listener : ((Map<?, ?>) field(server, "listeners")).values()) {
            Method stop = listener.getClass().getDeclaredMethod("stop");
            stop.setAccessible(true);
            stop.invoke(listener);
        }
    }

    private static Object field(Object of, String name) throws ReflectiveOperationException {
        Field f = of.getClass().getDeclaredField(name);
        f.setAccessible(true);
        return f.get(of);
    }
}
