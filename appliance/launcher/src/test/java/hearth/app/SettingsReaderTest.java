package hearth.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.base.IpPrefix;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SettingsReaderTest {
    @TempDir Path dir;

    @Test
    void defaultsAsRoot() throws Exception {
        Settings s = new SettingsReader(true, Map.of()).read(null, Map.of());
        assertEquals(Path.of("/var/lib/hearth"), s.stateDir());
        assertNull(s.serverUrl());
        assertNull(s.listen());
        assertEquals(OptionalInt.empty(), s.httpsPort());
        assertEquals(OptionalInt.empty(), s.httpPort());
        assertEquals(3478, s.stunPort());
        assertEquals(41641, s.wireguardPort());
        assertEquals(Path.of("/run/hearth/hearth.sock"), s.socket());
        assertEquals("hearth0", s.tun());
        assertNull(s.advertiseRoutes());
        assertEquals("hearth.internal", s.baseDomain());
    }

    @Test
    void defaultsWithoutRoot() throws Exception {
        Map<String, String> env = Map.of("HOME", "/home/ana", "XDG_RUNTIME_DIR", "/run/user/1000");
        Settings s = new SettingsReader(false, env).read(null, Map.of());
        assertEquals(Path.of("/home/ana/.local/state/hearth"), s.stateDir());
        assertEquals(Path.of("/run/user/1000/hearth/hearth.sock"), s.socket());
        Settings bare = new SettingsReader(false, Map.of("HOME", "/home/ana")).read(null, Map.of());
        assertEquals(Path.of("/home/ana/.local/state/hearth/run/hearth.sock"), bare.socket());
    }

    @Test
    void everyKeyOfTheFileReachesItsField() throws Exception {
        Path cert = Files.createFile(dir.resolve("c.pem"));
        Path key = Files.createFile(dir.resolve("k.pem"));
        Settings s =
                read(
                        """
                        { // a comment
                          "state-dir": "/s", "server-url": "https://vpn.example.org:8443/",
                          "listen": "10.0.0.1", "https-port": 1, "http-port": 2, "stun-port": 3,
                          "wireguard-port": 4, "tls-cert": "%s", "tls-key": "%s", "socket": "/x.sock",
                          "tun": "off", "advertise-routes": ["10.0.0.0/8", "fd00::/64"],
                          "masquerade": "off", "base-domain": "ts.example.org",
                          "trusted-proxies": ["127.0.0.1", "fd00:1::/64"],
                        }
                        """
                                .formatted(cert, key),
                        Map.of());
        var expected =
                new Settings(
                        Path.of("/s"),
                        URI.create("https://vpn.example.org:8443"),
                        "10.0.0.1",
                        OptionalInt.of(1),
                        OptionalInt.of(2),
                        3,
                        4,
                        cert,
                        key,
                        Path.of("/x.sock"),
                        "off",
                        List.of(IpPrefix.parse("10.0.0.0/8"), IpPrefix.parse("fd00::/64")),
                        false,
                        "ts.example.org",
                        List.of(IpPrefix.parse("127.0.0.1/32"), IpPrefix.parse("fd00:1::/64")));
        assertEquals(expected, s);
        assertEquals(15, SettingKey.values().length);
        assertTrue(s.tunOff());
    }

    @Test
    void environmentBeatsFileAndFlagBeatsEnvironment() throws Exception {
        Path file = Files.writeString(dir.resolve("f.json"), "{\"stun-port\": 1, \"tun\": \"a\"}");
        Map<String, String> env = Map.of("HEARTH_STUN_PORT", "2", "HEARTH_TUN", "b");
        Settings s = new SettingsReader(true, env).read(file, Map.of(SettingKey.TUN, "c"));
        assertEquals(2, s.stunPort());
        assertEquals("c", s.tun());
    }

    @Test
    void allProblemsAtOnceWithValueAndNearestName() {
        var e =
                assertThrows(
                        SettingsReader.InvalidSettings.class,
                        () ->
                                read(
                                        """
                                        {"stun-prt": 1, "https-port": 70000, "listen": "home",
                                         "server-url": "ftp://x", "advertise-routes": "10.0.0.1/8",
                                         "masquerade": "never",
                                         "trusted-proxies": "caddy, 0.0.0.0/0, 10.0.0.1/8",
                                         "tls-cert": "/nowhere"}
                                        """,
                                        Map.of()));
        String all = String.valueOf(e.getMessage());
        assertTrue(all.contains("unknown key \"stun-prt\""), all);
        assertTrue(all.contains("nearest is \"stun-port\""), all);
        assertTrue(all.contains("https-port \"70000\""), all);
        assertTrue(all.contains("listen \"home\""), all);
        assertTrue(all.contains("server-url \"ftp://x\""), all);
        assertTrue(all.contains("advertise-routes \"10.0.0.1/8\""), all);
        assertTrue(all.contains("masquerade \"never\""), all);
        assertTrue(all.contains("trusted-proxies \"caddy\""), all);
        assertTrue(all.contains("trusted-proxies \"0.0.0.0/0\""), all);
        assertTrue(all.contains("trusted-proxies \"10.0.0.1/8\""), all);
        assertTrue(all.contains("tls-cert and tls-key go together"), all);
    }

    @Test
    void baseDomainMustNotBeAParentOfTheServer() {
        var e =
                assertThrows(
                        SettingsReader.InvalidSettings.class,
                        () ->
                                read(
                                        "{}",
                                        Map.of(
                                                SettingKey.SERVER_URL,
                                                "https://vpn.example.org",
                                                SettingKey.BASE_DOMAIN,
                                                "example.org")));
        assertTrue(String.valueOf(e.getMessage()).contains("parent of the server's own name"));
    }

    @Test
    void syntaxErrorsSayWhere() {
        var e = assertThrows(SettingsReader.InvalidSettings.class, () -> read("{\n  x", Map.of()));
        assertEquals(2, e.problems().getFirst().line());
    }

    private Settings read(String text, Map<SettingKey, String> flags)
            throws IOException, SettingsReader.InvalidSettings {
        Path file = Files.writeString(dir.resolve("hearth.json"), text);
        return new SettingsReader(true, Map.of()).read(file, flags);
    }
}
