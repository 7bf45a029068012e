package hearth.app;

import static hearth.app.RunningAppliance.ascii;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A request for a page that asks for another protocol as well gets nowhere that it should not. */
@Timeout(60)
final class UpgradeTest {
    private static final List<String> PATHS =
            List.of(
                    "/admin",
                    "/admin/machines",
                    "/admin/keys",
                    "/admin/settings",
                    "/api/v2/tailnet/-/keys",
                    "/api/hearth/backup",
                    "/metrics");
    private static final List<String> PROTOCOLS =
            List.of(
                    "h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\nConnection: HTTP2-Settings",
                    "websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                    "DERP",
                    "derp",
                    "tailscale-control-protocol");

    @TempDir static Path dir;

    @Test
    void noUpgradeReachesAPage() throws Exception {
        try (var box = new RunningAppliance(dir)) {
            List<String> served = new ArrayList<>();
            for (String path : PATHS) {
                String plain = ask(box, path, "Connection: close");
                for (String protocol : PROTOCOLS) {
                    for (String method : List.of("GET", "POST")) {
                        String got =
                                ask(
                                        box,
                                        method + " " + path,
                                        "Connection: Upgrade\r\nContent-Length: 0\r\nUpgrade: "
                                                + protocol);
                        if (got.startsWith("101") || got.startsWith("200")) {
                            served.add(method + " " + path + " as " + protocol + ": " + got);
                        }
                    }
                }
                assertFalse(plain.startsWith("200"), path + ": " + plain);
            }
            assertEquals(List.of(), served);
            assertEquals("400", preface(box));
        }
    }

    /** Status and first words; a page would be 200, another protocol 101. */
    private static String ask(RunningAppliance box, String line, String headers) throws Exception {
        String request = line.startsWith("/") ? "GET " + line : line;
        return answer(box, request + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + headers + "\r\n\r\n");
    }

    private static String preface(RunningAppliance box) throws Exception {
        return answer(box, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").substring(0, 3);
    }

    private static String answer(RunningAppliance box, String request) throws Exception {
        try (Socket s = box.connect()) {
            s.getOutputStream().write(ascii(request));
            byte[] head = s.getInputStream().readNBytes("HTTP/1.1 303 See".length());
            String text = new String(head, StandardCharsets.ISO_8859_1);
            return text.isEmpty() ? "closed" : text.substring("HTTP/1.1 ".length());
        } catch (SocketException e) {
            return "closed"; // with bytes unread
        }
    }
}
