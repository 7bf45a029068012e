package hearth.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SystemSwitchesTest {
    private static final String V4 = "net/ipv4/ip_forward";
    private static final String V6 = "net/ipv6/conf/all/forwarding";
    private static final String RA = "net/ipv6/conf/eth0/accept_ra";

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path dir;

    @BeforeEach
    void files() throws IOException {
        put(V4, "0");
        put(V6, "0");
        put(RA, "1");
        put("net/ipv6/conf/eth1/accept_ra", "0");
    }

    private void put(String file, String value) throws IOException {
        Files.createDirectories(dir.resolve(file).getParent());
        Files.writeString(dir.resolve(file), value + "\n");
    }

    private String get(String file) throws IOException {
        return Files.readString(dir.resolve(file)).strip();
    }

    private SystemSwitches switches() {
        return new SystemSwitches(dir, dir.resolve("memory"));
    }

    @Test
    void turnsAndPutsBack() throws IOException {
        SystemSwitches s = switches();
        assertEquals(List.of(), s.forward());
        assertEquals(List.of("1", "1", "2"), List.of(get(V4), get(V6), get(RA)));
        assertEquals("0", get("net/ipv6/conf/eth1/accept_ra"));
        s.putBack();
        assertEquals(List.of("0", "0", "1"), List.of(get(V4), get(V6), get(RA)));
        assertFalse(Files.exists(dir.resolve("memory")));
    }

    @Test
    void leavesAloneWhatWasOn() throws IOException {
        put(V4, "1");
        SystemSwitches s = switches();
        assertEquals(List.of(), s.forward());
        s.putBack();
        assertEquals("1", get(V4));
    }

    @Test
    void aCrashIsRepairedAtTheNextStart() throws IOException {
        assertEquals(List.of(), switches().forward());
        assertTrue(Files.exists(dir.resolve("memory")));
        SystemSwitches next = switches();
        next.repair();
        assertEquals(List.of("0", "0", "1"), List.of(get(V4), get(V6), get(RA)));
    }
}
