package hearth.listen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.testkit.ManualClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CertificatesTest {
    private static final List<String> NAMES =
            List.of("hearth.test", "*.pages.test", "192.168.7.1", "fd7a:115c:a1e0::1");

    @TempDir Path dir;
    private final ManualClock clock = new ManualClock();

    @Test
    void isMadeOnceForNamesAndAddressesAndKept() throws Exception {
        Certificates first = open(NAMES);
        assertEquals(Set.copyOf(NAMES), first.names());
        assertEquals("EC", first.current().key().getAlgorithm());
        assertTrue(first.current().selfSigned());
        String pin = first.pin();
        assertNotNull(pin);
        assertTrue(pin.matches("sha256-raw:[0-9a-f]{64}"), pin);
        for (String file : List.of("cert.pem", "key.pem")) {
            assertEquals(
                    "rw-------",
                    PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(dir.resolve(file))));
        }
        assertEquals(pin, open(NAMES).pin());
        assertEquals(pin, open(List.of("hearth.test")).pin());
    }

    @Test
    void isMadeAnewForANewAddressAndNearItsEnd() throws Exception {
        String pin = open(NAMES).pin();
        assertNotEquals(pin, open(List.of("hearth.test", "192.168.7.2")).pin());
        pin = open(NAMES).pin();
        clock.advance(Duration.ofDays(790));
        assertEquals(pin, open(NAMES).pin());
        clock.advance(Duration.ofDays(10));
        assertNotEquals(pin, open(NAMES).pin());
    }

    @Test
    void unreadableFilesOfOursAreMadeAnew() throws Exception {
        open(NAMES);
        Files.writeString(dir.resolve("key.pem"), "not a key");
        assertNotNull(open(NAMES).pin());
    }

    @Test
    void filesOfAPersonAreReadAgainWhenTheyChange(@TempDir Path other) throws Exception {
        Path cert = dir.resolve("mine.pem");
        Path key = dir.resolve("mine.key");
        copyFrom(other.resolve("a"), cert, key);
        var certificates =
                Certificates.given(
                        cert, key, TestAppliance.secret(1).nodeKey(), clock, new SecureRandom());
        String before = certificates.pin();
        assertFalse(certificates.refresh());
        copyFrom(other.resolve("b"), cert, key);
        assertTrue(certificates.refresh());
        assertNotEquals(before, certificates.pin());
        assertNull(certificates.prepare(List.of("another.test")), "never replaced by ours");

        String good = certificates.pin();
        Files.writeString(key, "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n");
        assertFalse(certificates.refresh());
        assertEquals(good, certificates.pin());
    }

    @Test
    void wrongFilesAreNamed(@TempDir Path other) throws Exception {
        Path cert = dir.resolve("a.pem");
        Path key = dir.resolve("a.key");
        copyFrom(other.resolve("a"), cert, key);
        copyFrom(other.resolve("b"), dir.resolve("b.pem"), key);
        var refusal =
                assertThrows(
                        GeneralSecurityException.class,
                        () ->
                                Certificates.given(
                                        cert,
                                        key,
                                        TestAppliance.secret(1).nodeKey(),
                                        clock,
                                        new SecureRandom()));
        assertEquals(key + " is not the key of " + cert, refusal.getMessage());
    }

    private void copyFrom(Path made, Path cert, Path key)
            throws IOException, GeneralSecurityException {
        Files.createDirectories(made);
        Certificates.ownedIn(
                made, NAMES, TestAppliance.secret(1).nodeKey(), clock, new SecureRandom());
        Files.write(cert, Files.readAllBytes(made.resolve("cert.pem")));
        Files.write(key, Files.readAllBytes(made.resolve("key.pem")));
        Files.setLastModifiedTime(cert, FileTime.fromMillis(made.hashCode()));
    }

    private Certificates open(List<String> names) throws IOException, GeneralSecurityException {
        return Certificates.ownedIn(
                dir, names, TestAppliance.secret(1).nodeKey(), clock, new SecureRandom());
    }
}
