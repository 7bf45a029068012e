package hearth.ts2021;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

final class EndpointsTest {
    @Test
    void takesBothFamiliesOnceAndSkipsTheRest() {
        var got =
                Endpoints.parse(
                        List.of(
                                "192.0.2.1:41641",
                                "[2001:db8::1]:1",
                                "192.0.2.1:41641",
                                "host.example:80",
                                "192.0.2.1",
                                "192.0.2.1:0",
                                "192.0.2.1:65536",
                                "192.0.2.1:x",
                                ":1",
                                ""));
        assertEquals(2, got.size());
        assertEquals("192.0.2.1", got.getFirst().getAddress().getHostAddress());
        assertEquals(1, got.getLast().getPort());
    }
}
