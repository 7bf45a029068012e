package hearth.listen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostNamesTest {
    private List<String> inTailnet = List.of("hearth", "hearth.home.internal", "100.64.0.1");
    private final HostNames names = new HostNames(List.of("VPN.example.org"), () -> inTailnet);

    @ParameterizedTest
    @CsvSource({
        "vpn.example.org, true",
        "Hearth, true",
        "hearth.home.internal, true",
        "localhost, true",
        "127.0.0.1, true",
        "evil.example, false",
        "hearth.home.internal.evil.example, false",
        "203.0.113.9, false",
    })
    void knowsItself(String host, boolean ours) {
        assertEquals(ours, names.test(host));
    }

    @Test
    void followsTheDevicesName() {
        inTailnet = List.of("gate");
        assertTrue(names.test("gate"));
        assertEquals(false, names.test("hearth"));
    }

    /** The addresses of the tailnet are in it before their interface is there. */
    @Test
    void theCertificateIsForAllOfThem() {
        assertTrue(
                Stream.of("vpn.example.org", "hearth.home.internal", "100.64.0.1", "127.0.0.1")
                        .allMatch(names.all()::contains));
    }
}
