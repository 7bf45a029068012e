package hearth.tailnet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import hearth.control.Hostinfo;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a policy may ask of a device. */
final class WorldsTest {
    @Test
    void theClientTellsItsPosture() {
        assertEquals(
                Map.of(
                        "node:os", "macos",
                        "node:osVersion", "15.1",
                        "node:tsVersion", "1.103.4",
                        "node:tsReleaseTrack", "unstable",
                        "node:tsAutoUpdate", "true",
                        "node:tsStateEncrypted", "false"),
                Worlds.attributes(
                        Hostinfo.parse(
                                """
                                {"OS": "macOS", "OSVersion": "15.1", "IPNVersion": "1.103.4-t1",
                                 "AllowsUpdate": true, "StateEncrypted": false}
                                """)));
    }

    /** Older clients do not say whether their state is encrypted: it is not known. */
    @Test
    void whatIsNotToldIsNotKnown() {
        assertEquals(
                Map.of(
                        "node:tsVersion", "1.80.3",
                        "node:tsReleaseTrack", "stable",
                        "node:tsAutoUpdate", "false"),
                Worlds.attributes(
                        Hostinfo.parse("{\"IPNVersion\": \"1.80.3\", \"StateEncrypted\": null}")));
        assertEquals(Map.of(), Worlds.attributes(Hostinfo.EMPTY));
    }
}
