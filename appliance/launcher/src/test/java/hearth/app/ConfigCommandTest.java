package hearth.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.cli.HearthCli;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class ConfigCommandTest {
    @TempDir Path dir;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... words) {
        CommandLine line =
                Main.commandLine(Map.of())
                        .setOut(new PrintWriter(out, true))
                        .setErr(new PrintWriter(err, true));
        return line.execute(words);
    }

    private void assertRow(String key, String value, String from) {
        String row = key + " +" + Pattern.quote(value) + " +" + Pattern.quote(from);
        assertTrue(
                out.toString().lines().anyMatch(l -> l.matches(row)), () -> row + " in:\n" + out);
    }

    @Test
    void everySettingIsShownWithWhereItComesFrom() throws IOException {
        Path file = Files.writeString(dir.resolve("h.json"), "{\"stun-port\": 7, \"tun\": \"a\"}");
        int status =
                run(
                        "config",
                        "check",
                        "--config=" + file,
                        "--tun=off",
                        "--socket=" + dir.resolve("s"));
        assertEquals(HearthCli.DONE, status, err::toString);
        assertRow("stun-port", "7", file.toString());
        assertRow("tun", "off", "--tun");
        assertRow("socket", dir.resolve("s").toString(), "--socket");
        assertRow("base-domain", "hearth.internal", "default");
        assertEquals(1 + SettingKey.values().length, out.toString().lines().count());
    }

    @Test
    void allProblemsAreTold() {
        assertEquals(
                HearthCli.USAGE, run("config", "check", "--listen=home", "--https-port=70000"));
        assertTrue(err.toString().contains("listen \"home\" (--listen)"), err::toString);
        assertTrue(err.toString().contains("https-port \"70000\" (--https-port)"), err::toString);
    }
}
