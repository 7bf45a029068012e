package hearth.os;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

final class OtherFirewallsTest {
    @Test
    void findsTheChainsOfOthersThatDropByPolicy() {
        String chains =
                """
                table ip filter {
                \tchain INPUT {
                \t\ttype filter hook input priority filter; policy drop;
                \t}
                \tchain FORWARD {
                \t\ttype filter hook forward priority filter; policy drop;
                \t}
                \tchain DOCKER-USER {
                \t}
                }
                table inet hearth {
                \tchain forward {
                \t\ttype filter hook forward priority filter - 10; policy drop;
                \t}
                }
                table inet fw {
                \tchain forward {
                \t\ttype filter hook forward priority filter; policy accept;
                \t}
                \tchain last {
                \t\ttype filter hook forward priority 100; policy drop;
                \t}
                }
                """;
        assertEquals(List.of("ip filter FORWARD", "inet fw last"), OtherFirewalls.dropping(chains));
    }
}
