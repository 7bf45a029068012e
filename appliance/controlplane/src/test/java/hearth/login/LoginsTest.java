package hearth.login;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.base.IpAddress;
import hearth.base.Refused;
import hearth.tailnet.Actor;
import hearth.tailnet.AuditEntry;
import hearth.tailnet.Tailnet;
import hearth.testkit.ManualClock;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class LoginsTest {
    private static final IpAddress HOME = IpAddress.parse("192.168.1.7");
    private static final IpAddress FAR = IpAddress.parse("203.0.113.9");
    private static final String ANA = "ana@hearth.internal";
    private static final String GOOD = "four quiet green words";

    private final ManualClock clock = new ManualClock();
    private final Tailnet tailnet = Fresh.tailnet(clock);
    private final LoginStore store = new LoginStore(tailnet);
    private final Logins logins = new Logins(tailnet, clock, new Random(1));

    @AfterEach
    void close() throws IOException {
        tailnet.close();
    }

    @Test
    void signsInWithTheRightPasswordOnly() throws Refused {
        logins.setPassword(Actor.SYSTEM, ANA, GOOD);
        assertInstanceOf(SignIn.Wrong.class, logins.signIn(ANA, "four quiet red words", HOME, ""));
        assertInstanceOf(SignIn.Wrong.class, logins.signIn("leo@x", GOOD, HOME, ""));
        var in = assertInstanceOf(SignIn.Accepted.class, logins.signIn(ANA, GOOD, HOME, "browser"));
        assertEquals(ANA, logins.session(in.secret()).orElseThrow().login());
        assertEquals("Accepted[" + ANA + "]", in.toString());
    }

    @Test
    void keepsOnlyHashesOfPasswordAndSession() throws Refused {
        logins.setPassword(Actor.SYSTEM, ANA, GOOD);
        var in = assertInstanceOf(SignIn.Accepted.class, logins.signIn(ANA, GOOD, HOME, ""));
        String phc = store.passwordHash(ANA).orElseThrow();
        assertTrue(phc.startsWith("$argon2id$v=19$m=19456,t=2,p=1$"), phc);
        assertNotEquals(in.secret(), store.sessions().getFirst().idHash());
        assertEquals(64, store.sessions().getFirst().idHash().length());
    }

    @Test
    void failuresMakeTheNextTryWaitLongerUpToAMinute() throws Refused {
        logins.setPassword(Actor.SYSTEM, ANA, GOOD);
        for (int i = 0; i < 5; i++) {
            assertInstanceOf(SignIn.Wrong.class, logins.signIn(ANA, "no", HOME, ""));
        }
        List<Long> waits = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            var wait = assertInstanceOf(SignIn.Wait.class, logins.signIn(ANA, GOOD, HOME, ""));
            waits.add(wait.time().toSeconds());
            clock.advance(wait.time());
            assertInstanceOf(SignIn.Wrong.class, logins.signIn(ANA, "no", HOME, ""));
        }
        assertEquals(List.of(1L, 2L, 4L, 8L, 16L, 32L, 60L, 60L), waits);
        clock.advance(Duration.ofSeconds(60));
        assertInstanceOf(SignIn.Accepted.class, logins.signIn(ANA, GOOD, HOME, ""));
    }

    @Test
    void aClockThatIsSetBackKeepsNobodyWaiting() throws Refused {
        logins.setPassword(Actor.SYSTEM, ANA, GOOD);
        for (int i = 0; i < 5; i++) {
            assertInstanceOf(SignIn.Wrong.class, logins.signIn(ANA, "no", HOME, ""));
        }
        clock.advance(Duration.ofHours(-2));
        assertInstanceOf(SignIn.Wait.class, logins.signIn(ANA, GOOD, HOME, ""));
        clock.advance(Duration.ofSeconds(1));
        assertInstanceOf(SignIn.Accepted.class, logins.signIn(ANA, GOOD, HOME, ""));
    }

    @Test
    void aStrangerOutsideDoesNotKeepThePersonAtHomeWaiting() throws Refused {
        logins.setPassword(Actor.SYSTEM, ANA, GOOD);
        for (int i = 0; i < 50; i++) {
            var _ = logins.signIn(ANA, "no", FAR, "");
            clock.advance(Duration.ofMillis(100));
        }
        assertInstanceOf(SignIn.Wait.class, logins.signIn(ANA, GOOD, FAR, ""));
        assertInstanceOf(SignIn.Accepted.class, logins.signIn(ANA, GOOD, HOME, ""));
    }

    @Test
    void anAddressThatTriesManyAccountsWaits() throws Refused {
        for (int i = 0; i < 5; i++) {
            var _ = logins.signIn("person" + i, "no", FAR, "");
        }
        assertInstanceOf(SignIn.Wait.class, logins.signIn("another", "no", FAR, ""));
        IpAddress six = IpAddress.parse("2001:db8::1");
        for (int i = 0; i < 5; i++) {
            var _ = logins.signIn("body" + i, "no", six, "");
        }
        IpAddress sameHouse = IpAddress.parse("2001:db8::ffff:2");
        assertInstanceOf(SignIn.Wait.class, logins.signIn("else", "no", sameHouse, ""));
    }

    @Test
    void triesAtOnceAreCountedBeforeTheyAreJudged() throws Exception {
        logins.setPassword(Actor.SYSTEM, ANA, GOOD);
        List<Callable<SignIn>> tries = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            tries.add(() -> logins.signIn(ANA, "no", FAR, ""));
        }
        long judged = 0;
        try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<SignIn> f : pool.invokeAll(tries)) {
                judged += f.get() instanceof SignIn.Wrong ? 1 : 0;
            }
        }
        assertEquals(5, judged);
    }

    @Test
    void sessionsEndByTimeBySignOutAndByANewPassword() throws Refused {
        logins.setPassword(Actor.SYSTEM, ANA, GOOD);
        var idle = open();
        clock.advance(Sessions.IDLE.plusSeconds(1));
        assertTrue(logins.session(idle.secret()).isEmpty());

        var old = open();
        for (int h = 0; h < 7 * 24 + 1; h += 6) {
            var _ = logins.session(old.secret());
            clock.advance(Duration.ofHours(6));
        }
        assertTrue(logins.session(old.secret()).isEmpty());

        var left = open();
        logins.signOut(left.session().id());
        assertFalse(logins.alive(left.session().id()));
        assertTrue(logins.session(left.secret()).isEmpty());

        var here = open();
        var elsewhere = open();
        logins.setPassword(Actor.SYSTEM, ANA, GOOD + "!", here.session().id());
        assertTrue(logins.session(here.secret()).isPresent());
        assertTrue(logins.session(elsewhere.secret()).isEmpty());
        assertEquals(1, store.sessions().size());
    }

    @Test
    void sessionsOutliveARestart() throws Refused {
        logins.setPassword(Actor.SYSTEM, ANA, GOOD);
        var in = open();
        var again = new Logins(tailnet, clock, new Random(2));
        assertEquals(in.session().csrf(), again.session(in.secret()).orElseThrow().csrf());
        assertTrue(again.session("x".repeat(43)).isEmpty());
        assertTrue(again.session("").isEmpty());
    }

    @Test
    void theSetupTokenStaysUntilSetUpIsDone() throws Refused {
        String token = logins.setupToken().orElseThrow();
        assertTrue(token.matches("[2-9A-HJ-NP-Z]{4}(-[2-9A-HJ-NP-Z]{4}){2}"), token);
        assertEquals(token, new Logins(tailnet, clock, new Random(9)).setupToken().orElseThrow());
        String loose = token.toLowerCase(Locale.ROOT).replace("-", " ");
        assertTrue(logins.refuseToken(loose, HOME).isEmpty());
        assertTrue(logins.refuseToken("AAAA-AAAA-AAAA", HOME).isPresent());
        assertTrue(logins.finishSetup());
        assertTrue(logins.refuseToken(token, HOME).isPresent());
        assertFalse(logins.finishSetup());
        assertTrue(logins.setUp());
        assertTrue(logins.setupToken().isEmpty());
    }

    @Test
    void refusesPasswordsThatAreGuessedFirst() {
        for (String bad :
                List.of(
                        "short",
                        "aaaaaaaaaaaaaaa",
                        "PasswordPassword",
                        "123456789012",
                        ANA,
                        "ana123456789",
                        "x".repeat(257))) {
            assertTrue(logins.passwordObjection(ANA, bad).isPresent(), bad);
            assertThrows(Refused.class, () -> logins.setPassword(Actor.SYSTEM, ANA, bad));
        }
        assertTrue(logins.passwordObjection(ANA, GOOD).isEmpty());
        assertTrue(logins.passwordObjection(ANA, "banana tree on a hill").isEmpty());
    }

    @Test
    void signInsFailuresAndPasswordsAreInTheAuditLogAndAFloodIsNot() throws Refused {
        logins.setPassword(Actor.SYSTEM, ANA, GOOD);
        var _ = logins.signIn(ANA, GOOD, HOME, "");
        for (int i = 0; i < 33; i++) {
            var _ = logins.signIn("x" + i, "no", IpAddress.v4(0x0a000000 + i), "");
        }
        List<AuditEntry> rows = tailnet.audit(Long.MAX_VALUE, 1000);
        assertEquals(30, rows.stream().filter(r -> r.details().equals("failed")).count());
        assertEquals(1, rows.stream().filter(r -> r.details().equals("password")).count());
        assertTrue(
                rows.stream()
                        .anyMatch(r -> r.action().equals("LOGIN") && r.actorName().equals(ANA)));
    }

    private SignIn.Accepted open() throws Refused {
        return logins.open(ANA, HOME, "browser");
    }
}
