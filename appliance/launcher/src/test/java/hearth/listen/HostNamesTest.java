package hearth.listen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.base.IpAddress;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
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

    /** Of a machine's addresses those that are in its certificate, or as many as there are. */
    @ParameterizedTest
    @CsvSource({
        "192.168.1.20 2001:db8::20 fd00::20 127.0.0.1 ::1, 192.168.1.20 fd00::20 127.0.0.1 ::1",
        "203.0.113.9 2001:db8::20, 203.0.113.9",
        "fd00::20 2001:db8::20, fd00::20",
        "2001:db8::20 2001:db8::21 127.0.0.1 ::1, 2001:db8::20 2001:db8::21 127.0.0.1 ::1",
    })
    void theCertificateIsForAddressesThatLast(String local, String certified) {
        assertEquals(addresses(certified), HostNames.lasting(addresses(local)));
    }

    private static Set<IpAddress> addresses(String listed) {
        return Stream.of(listed.split(" ", -1)).map(IpAddress::parse).collect(Collectors.toSet());
    }
}
