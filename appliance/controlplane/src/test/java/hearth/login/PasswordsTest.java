package hearth.login;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class PasswordsTest {
    private final Passwords passwords = new Passwords(new Random(3));

    @Test
    void pinsTheCosts() {
        assertEquals(19_456, Passwords.MEMORY_KIB);
        assertEquals(2, Passwords.PASSES);
        assertEquals(1, Passwords.LANES);
    }

    /** Reference implementation, command argon2 "somesalt" -id -t 2 -k 256 -p 1, "password". */
    @Test
    void verifiesAReferenceHash() throws Passwords.Busy {
        String phc =
                "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$"
                        + "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
        assertTrue(passwords.verify("password", phc));
        assertFalse(passwords.verify("Password", phc));
        assertTrue(Passwords.outdated(phc));
    }

    @Test
    void aTextThatIsNoHashNeverMatches() throws Passwords.Busy {
        for (String phc :
                List.of(
                        "",
                        "password",
                        "$argon2id$v=19$m=19456,t=2,p=1$$",
                        "$argon2id$v=19$m=,t=2,p=1$c29tZXNhbHQ$AAAA",
                        "$argon2id$v=19$m=99999999,t=2,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAA",
                        "$argon2id$v=19$x$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAA",
                        "$argon2id$v=19$m=256,t=2,p=1$?$AAAAAAAAAAAAAAAAAAAAAAAA")) {
            assertFalse(passwords.verify("password", phc), phc);
        }
    }

    @Test
    void twoHashesOfOnePasswordDiffer() throws Passwords.Busy {
        String a = passwords.hash("four quiet green words");
        String b = passwords.hash("four quiet green words");
        assertFalse(a.equals(b));
        assertTrue(passwords.verify("four quiet green words", b));
    }
}
