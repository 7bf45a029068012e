package hearth.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.testkit.netns.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Who may use the unix socket: whoever its mode lets in, so root and the members of its group, and
 * what they do stands in the audit log by their own account's name. Needs root, to be somebody
 * else.
 */
@Timeout(60)
final class SocketNetnsIT {
    private static final int CANNOT_CONNECT = 7; // curl's

    @Test
    void onlyItsGroupGetsInAndIsNamed() throws Exception {
        Path dir = Files.createTempDirectory("hearth-socket");
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path socket = dir.resolve("h.sock");
        try (var _ = new RunningAppliance(dir)) {
            String group = String.valueOf(Files.getAttribute(socket, "unix:gid"));
            var outside = asNobody("--clear-groups", socket);
            assertEquals(CANNOT_CONNECT, outside.status(), outside.toString());
            var inside = asNobody("--groups=" + group, socket);
            assertTrue(inside.out().contains("tskey-auth-"), inside.toString());
            String audit = ask(socket, "/api/v2/tailnet/-/logging/configuration").must();
            assertTrue(audit.contains("\"nobody\""), audit);
            assertFalse(audit.contains("unknown account"), audit);
        } finally {
            delete(dir);
        }
    }

    private static Command.Result asNobody(String groups, Path socket) {
        List<String> words = new ArrayList<>();
        words.addAll(List.of("setpriv", "--reuid=65534", "--regid=65534", groups));
        words.addAll(curl(socket));
        words.addAll(List.of("-d", "{}", "http://hearth/api/v2/tailnet/-/keys"));
        return Command.run(words.toArray(new String[0]));
    }

    private static Command.Result ask(Path socket, String path) {
        List<String> words = curl(socket);
        words.add("http://hearth" + path);
        return Command.run(words.toArray(new String[0]));
    }

    private static List<String> curl(Path socket) {
        return new ArrayList<>(
                List.of("curl", "-sS", "-m", "10", "--unix-socket", socket.toString()));
    }

    private static void delete(Path dir) throws IOException {
        try (var all = Files.walk(dir)) {
            for (Path p : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(p);
            }
        }
    }
}
