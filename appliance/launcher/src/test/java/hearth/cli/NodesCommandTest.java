package hearth.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class NodesCommandTest {
    @Test
    void aDeviceWhoseKeyHasEndedIsNotOnline() {
        assertEquals("online", state("\"connectedToControl\":true"));
        assertEquals(
                "offline since 2026-01-01T00:00:00Z",
                state("\"connectedToControl\":false,\"lastSeen\":\"2026-01-01T00:00:00Z\""));
        assertEquals("key expired", state("\"connectedToControl\":true,\"expired\":true"));
        assertEquals(
                "logged out",
                state("\"connectedToControl\":true,\"expired\":true,\"loggedOut\":true"));
        assertEquals(
                "owner suspended", state("\"connectedToControl\":true,\"userSuspended\":true"));
        assertEquals("needs approval", state("\"authorized\":false,\"connectedToControl\":true"));
    }

    private static String state(String fields) {
        return NodesCommand.state(SocketClient.JSON.readTree("{" + fields + "}"));
    }
}
