package hearth.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.base.WireException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a device says of itself is passed on only in the types that other clients can read. */
final class HostinfoTest {
    @Test
    void whatPeersNeedIsPassedOn() {
        String told =
                """
                {"OS":"linux","Hostname":"müsli","ShareeNode":true,"BackendLogID":"secret",
                 "sshHostKeys":["ssh-ed25519 AAAA"],
                 "Location":{"Country":"Austria","City":"Wien","Latitude":48.2,"Longitude":16,
                             "Priority":100},
                 "Services":[{"Proto":"peerapi4","Port":65535,"Description":"x"},
                             {"Proto":"tcp","Port":22}]}
                """;
        assertEquals(
                "{\"OS\":\"linux\",\"Hostname\":\"müsli\",\"ShareeNode\":true,"
                        + "\"sshHostKeys\":[\"ssh-ed25519 AAAA\"],"
                        + "\"Location\":{\"Country\":\"Austria\",\"City\":\"Wien\","
                        + "\"Latitude\":48.2,\"Longitude\":16.0,\"Priority\":100},"
                        + "\"Services\":[{\"Proto\":\"peerapi4\",\"Port\":65535}]}",
                Hostinfo.parse(told).forPeers().toString());
    }

    @Test
    void whatHasAnotherTypeIsNot() {
        List<String> strange =
                List.of(
                        "{\"OS\":5,\"Hostname\":[\"x\"],\"ShareeNode\":\"yes\"}",
                        "{\"sshHostKeys\":\"x\"}",
                        "{\"sshHostKeys\":[1,null,{}]}",
                        "{\"Location\":\"here\"}",
                        "{\"Services\":{\"Proto\":\"peerapi4\",\"Port\":1}}",
                        "{\"Services\":[1,null,{\"Proto\":\"peerapi4\"},{\"Proto\":5,\"Port\":1}]}",
                        "{\"Services\":[{\"Proto\":\"peerapi4\",\"Port\":\"1\"}]}",
                        "{\"Services\":[{\"Proto\":\"peerapi4\",\"Port\":65536}]}",
                        "{\"Services\":[{\"Proto\":\"peerapi4\",\"Port\":-1}]}",
                        "{\"Services\":[{\"Proto\":\"peerapi4\",\"Port\":1.5}]}");
        for (String s : strange) {
            String passed = Hostinfo.parse(s).forPeers().toString();
            assertTrue(
                    List.of("{}", "{\"Location\":{}}", "{\"sshHostKeys\":[]}").contains(passed), s);
        }
        assertEquals(
                "{\"Location\":{}}",
                Hostinfo.parse(
                                "{\"Location\":{\"City\":1,\"Latitude\":1e999,\"Longitude\":\"1\","
                                        + "\"Priority\":1e3}}")
                        .forPeers()
                        .toString());
    }

    @Test
    void textsAreOneLineOfModestLength() {
        Hostinfo h =
                Hostinfo.parse("{\"Hostname\":\"a\\u0000b\\nc\\u202ed\\ud800e\\ud83d\\ude00\"}");
        assertEquals("abcde\ud83d\ude00", h.hostname());
        assertEquals(255, Hostinfo.parse("{\"OS\":\"" + "x".repeat(300) + "\"}").os().length());
        String cut = Hostinfo.parse("{\"OS\":\"" + "x".repeat(254) + "\ud83d\ude00\"}").os();
        assertEquals(254, cut.length());
    }

    @Test
    void homeRelaysAreSmallNumbers() {
        for (String n : List.of("-1", "65536", "2147483648", "\"900\"", "1.0")) {
            assertEquals(
                    0,
                    Hostinfo.parse("{\"NetInfo\":{\"PreferredDERP\":" + n + "}}").preferredDerp());
        }
        Hostinfo h = Hostinfo.parse("{\"NetInfo\":{\"PreferredDERP\":900}}");
        assertEquals(900, h.preferredDerp());
        assertFalse(h.forPeers().has("NetInfo"));
    }

    @Test
    void ofAStrangerOnlyWhatALoginNeedsIsKept() {
        String told =
                """
                {"OS":"linux","OSVersion":"6","Hostname":"box","IPNVersion":"1.102.5",
                 "RequestTags":["tag:a"],"RoutableIPs":["192.168.7.0/24","x"],"Env":"[[[[]]]]"}
                """;
        assertEquals(
                "{\"OS\":\"linux\",\"OSVersion\":\"6\",\"Hostname\":\"box\","
                        + "\"IPNVersion\":\"1.102.5\",\"RequestTags\":[\"tag:a\"],"
                        + "\"RoutableIPs\":[\"192.168.7.0/24\",\"x\"]}",
                Hostinfo.parse(told).modest().toString());
        String many = "\"tag:a\",".repeat(5000);
        Hostinfo h = Hostinfo.parse("{\"RequestTags\":[" + many + "\"" + "x".repeat(300) + "\"]}");
        assertEquals(32, h.modest().requestTags().size());
        assertEquals("{}", Hostinfo.parse("{\"a\":[[],[]]}").modest().toString());
    }

    @Test
    void ofAMemberNoMoreThan64KiCharactersAreKept() {
        String told =
                """
                {"OS":"linux","Hostname":"box","NetInfo":{"PreferredDERP":900,"a":"%s"},
                 "Services":[{"Proto":"peerapi4","Port":7}],"RoutableIPs":["192.168.7.0/24"]%s}
                """;
        Hostinfo usual = Hostinfo.parse(told.formatted("b", ",\"Env\":\"k8s\""));
        assertEquals(usual, usual.bounded());
        Hostinfo cut = Hostinfo.parse(told.formatted("b".repeat(64 << 10), "")).bounded();
        assertEquals(
                Hostinfo.parse(
                        "{\"OS\":\"linux\",\"Hostname\":\"box\",\"NetInfo\":{\"PreferredDERP\":900},"
                                + "\"Services\":[{\"Proto\":\"peerapi4\",\"Port\":7}],"
                                + "\"RoutableIPs\":[\"192.168.7.0/24\"]}"),
                cut);
    }

    @Test
    void aTextOfVeryManyValuesIsNoRequest() {
        byte[] wide = ("{\"a\":[" + "[],".repeat(60_000) + "1]}").getBytes(StandardCharsets.UTF_8);
        assertThrows(WireException.class, () -> ControlJson.read(wide, Hostinfo.class));
    }

    @Test
    void hugeListsAreCut() {
        String services = "{\"Proto\":\"peerapi4\",\"Port\":1},".repeat(1000);
        String keys = "\"ssh-ed25519 AAAA\",".repeat(1000);
        var passed =
                Hostinfo.parse(
                                "{\"Services\":["
                                        + services
                                        + "1],\"sshHostKeys\":["
                                        + keys
                                        + "\""
                                        + "k".repeat(5000)
                                        + "\"]}")
                        .forPeers();
        assertEquals(8, passed.get("Services").size());
        assertEquals(16, passed.get("sshHostKeys").size());
    }
}
