package hearth.login;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.base.IpAddress;
import hearth.base.Refused;
import hearth.control.ControlJson;
import hearth.control.Hostinfo;
import hearth.crypto.MachineKey;
import hearth.crypto.NodeKey;
import hearth.login.SshChecks.Answer;
import hearth.tailnet.Actor;
import hearth.tailnet.KeyOptions;
import hearth.tailnet.Node;
import hearth.tailnet.RegisterFacts;
import hearth.tailnet.RegisterOutcome;
import hearth.tailnet.Role;
import hearth.tailnet.Tailnet;
import hearth.testkit.ManualClock;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class SshChecksTest {
    private static final IpAddress HOME = IpAddress.parse("192.168.1.7");
    private static final String ANA = "ana@hearth.internal";
    private static final String LEO = "leo@hearth.internal";
    private static final String GOOD = "four quiet green words";
    private static final Duration NO_WAIT = Duration.ofMillis(1);

    private final ManualClock clock = new ManualClock();
    private final Random random = new Random(3);
    private final Tailnet tailnet = Fresh.tailnet(clock);
    private final Logins logins = new Logins(tailnet, clock, new Random(1));
    private SshChecks checks = fresh();
    private Actor owner = Actor.SYSTEM;
    private long laptop;
    private long desktop;
    private long server;
    private long other;

    private SshChecks fresh() {
        return new SshChecks(tailnet, logins, () -> "https://hearth.test", clock, random);
    }

    @BeforeEach
    void people() throws Exception {
        owner = Actor.socket(tailnet.snapshot().owner().login(), "root");
        for (String login : new String[] {ANA, LEO}) {
            var _ = tailnet.createUser(owner, login, "", Role.MEMBER);
            logins.setPassword(Actor.SYSTEM, login, GOOD);
        }
        policy("12h");
        laptop = joins(1, "laptop", ofUser(ANA));
        desktop = joins(2, "desktop", ofUser(LEO));
        server = joins(3, "server", KeyOptions.oneOff().withTags("tag:server"));
        other = joins(4, "other", KeyOptions.oneOff().withTags("tag:server"));
    }

    @AfterEach
    void close() throws IOException {
        tailnet.close();
    }

    private void policy(String period) throws Exception {
        policy(period, "check");
    }

    private void policy(String period, String action) throws Exception {
        var _ =
                tailnet.setPolicy(
                        owner,
                        """
                        {"tagOwners": {"tag:server": []},
                         "acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}],
                         "ssh": [{"action": "%s", "src": ["autogroup:member"],
                                  "dst": ["tag:server"], "users": ["root", "ops"]%s}]}
                        """
                                .formatted(
                                        action,
                                        action.equals("check")
                                                ? ", \"checkPeriod\": \"" + period + "\""
                                                : ""),
                        null,
                        "");
    }

    private static KeyOptions ofUser(String login) {
        return new KeyOptions(login, List.of(), false, false, false, null, "");
    }

    private long joins(int i, String name, KeyOptions options) throws Refused {
        var json = ControlJson.MAPPER.createObjectNode();
        json.put("Hostname", name);
        json.put("OS", "linux");
        RegisterOutcome out =
                tailnet.register(
                        new RegisterFacts(
                                new MachineKey(bytes(0x4d, i)),
                                new NodeKey(bytes(0x4e, i)),
                                null,
                                tailnet.createKey(owner, options).secret(),
                                null,
                                null,
                                Hostinfo.of(json),
                                false,
                                113,
                                HOME));
        return assertInstanceOf(RegisterOutcome.Accepted.class, out).node().id();
    }

    private static byte[] bytes(int kind, int i) {
        byte[] b = new byte[32];
        Arrays.fill(b, (byte) kind);
        b[0] = (byte) i;
        return b;
    }

    private static Actor actor(String login) {
        return new Actor(login, Role.MEMBER, "console", "", HOME.toString());
    }

    private Session signIn(String login) throws Refused {
        return logins.open(login, HOME, "browser").session();
    }

    private String hold(long source, long destination, String user) {
        return assertInstanceOf(Answer.Hold.class, checks.ask(source, destination, user)).id();
    }

    private Answer again(String id) throws Exception {
        return checks.await(id, laptop, server, "root", NO_WAIT);
    }

    private void confirm(String id) throws Exception {
        Session session = signIn(ANA);
        assertTrue(checks.confirm(actor(ANA), id, session, "", HOME).isEmpty());
    }

    private String refusal(Answer answer) {
        return assertInstanceOf(Answer.Refuse.class, answer).message();
    }

    @Test
    void holdsWithTheAddressOfAPageUntilItsOwnerConfirms() throws Exception {
        var first = assertInstanceOf(Answer.Hold.class, checks.ask(laptop, server, "root"));
        assertTrue(first.message().contains("https://hearth.test/ssh/" + first.id()));
        assertTrue(first.message().contains(ANA), first.message());
        var still = assertInstanceOf(Answer.Hold.class, again(first.id()));
        assertEquals(new Answer.Hold(first.id(), ""), still, "said once");
        SshCheck check = checks.find(first.id()).orElseThrow();
        assertEquals(SshCheck.State.WAITING, check.state());
        assertEquals(Duration.ofHours(12), check.period());
        try (var tasks = Executors.newVirtualThreadPerTaskExecutor()) {
            var waiting =
                    tasks.submit(
                            () ->
                                    checks.await(
                                            first.id(),
                                            laptop,
                                            server,
                                            "root",
                                            Duration.ofSeconds(20)));
            confirm(first.id());
            assertInstanceOf(Answer.Let.class, waiting.get());
        }
        assertEquals(SshCheck.State.CONFIRMED, checks.find(first.id()).orElseThrow().state());
        var row = tailnet.audit(Long.MAX_VALUE, 1).getFirst();
        assertEquals("APPROVE", row.action());
        assertEquals("server", row.targetName());
        assertEquals(ANA, row.actorName());
        assertEquals("SSH session as root from laptop of " + ANA, row.details());
    }

    @Test
    void aProofHoldsForThePairAndThePeriodAlsoOverARestart() throws Exception {
        confirm(hold(laptop, server, "root"));
        clock.advance(Duration.ofHours(11));
        checks = fresh();
        assertEquals(new Answer.Let(""), checks.ask(laptop, server, "root"));
        assertEquals(new Answer.Let(""), checks.ask(laptop, server, "ops"));
        var _ = hold(laptop, other, "root");
        var _ = hold(desktop, server, "root");
        clock.advance(Duration.ofHours(1));
        var _ = hold(laptop, server, "root");
    }

    @Test
    void alwaysMeansEverySessionAndEverySignIn() throws Exception {
        policy("always");
        Session early = signIn(ANA);
        clock.advance(Duration.ofSeconds(1));
        String id = hold(laptop, server, "root");
        SshCheck check = checks.find(id).orElseThrow();
        assertTrue(checks.needsPassword(check, early));
        var wrong = checks.confirm(actor(ANA), id, early, "guess", HOME);
        assertInstanceOf(SignIn.Wrong.class, wrong.orElseThrow());
        assertInstanceOf(Answer.Hold.class, again(id));
        assertTrue(checks.confirm(actor(ANA), id, early, GOOD, HOME).isEmpty());
        String second = hold(laptop, server, "root");
        assertNotEquals(id, second);
        assertInstanceOf(Answer.Let.class, again(id));
        assertInstanceOf(Answer.Hold.class, again(id), "a confirmation lets one session in");
        assertInstanceOf(Answer.Hold.class, again(second));
    }

    @Test
    void aRecentSignInIsProofAnOldOneIsNot() throws Exception {
        Session session = signIn(ANA);
        clock.advance(SshChecks.FRESH);
        SshCheck check = checks.find(hold(laptop, server, "root")).orElseThrow();
        assertFalse(checks.needsPassword(check, session));
        clock.advance(Duration.ofSeconds(1));
        check = checks.find(hold(laptop, server, "root")).orElseThrow();
        assertTrue(checks.needsPassword(check, session));
    }

    @Test
    void oneConfirmationServesAllThatWaitForThePair() throws Exception {
        String one = hold(laptop, server, "root");
        String two = hold(laptop, server, "root");
        String elsewhere = hold(laptop, other, "root");
        confirm(one);
        assertInstanceOf(Answer.Let.class, again(two));
        assertInstanceOf(
                Answer.Hold.class, checks.await(elsewhere, laptop, other, "root", NO_WAIT));
    }

    @Test
    void onlyTheOwnerConfirmsAndAnAdminMayRefuse() throws Exception {
        String id = hold(laptop, server, "root");
        Session leo = signIn(LEO);
        assertThrows(Refused.class, () -> checks.confirm(actor(LEO), id, leo, GOOD, HOME));
        assertThrows(Refused.class, () -> checks.confirm(actor(ANA), id, leo, GOOD, HOME));
        assertThrows(Refused.class, () -> checks.refuse(actor(LEO), id));
        assertThrows(Refused.class, () -> checks.confirm(owner, id, leo, GOOD, HOME));
        checks.refuse(owner, id);
        assertTrue(refusal(again(id)).contains("not confirmed"));
        assertThrows(Refused.class, () -> checks.refuse(owner, id));
        assertEquals("REFUSE", tailnet.audit(Long.MAX_VALUE, 1).getFirst().action());
        var _ = hold(laptop, server, "root");
    }

    @Test
    void runsOut() throws Exception {
        String id = hold(laptop, server, "root");
        clock.advance(SshChecks.QUIET);
        assertEquals(SshCheck.State.GONE, checks.find(id).orElseThrow().state());
        assertThrows(Refused.class, () -> confirm(id), "nobody waits");
        assertInstanceOf(Answer.Hold.class, again(id));
        assertEquals(SshCheck.State.WAITING, checks.find(id).orElseThrow().state());
        clock.advance(SshChecks.LIFE);
        assertThrows(Refused.class, () -> confirm(id));
        assertTrue(refusal(again(id)).contains("in time"));
        assertTrue(checks.find(id).isEmpty());
    }

    @Test
    void whatAnotherDeviceOrSessionKnowsIsNoKey() throws Exception {
        String id = hold(laptop, server, "root");
        confirm(id);
        for (Runnable misuse :
                new Runnable[] {
                    () -> misused(id, laptop, other, "root"),
                    () -> misused(id, desktop, server, "root"),
                    () -> misused(id, laptop, server, "ops")
                }) {
            misuse.run();
        }
    }

    private void misused(String id, long source, long destination, String user) {
        assertThrows(Refused.class, () -> checks.await(id, source, destination, user, NO_WAIT));
    }

    @Test
    void aRestartBeginsAnewAndSaysSo() throws Exception {
        String id = hold(laptop, server, "root");
        checks = fresh();
        var anew = assertInstanceOf(Answer.Hold.class, again(id));
        assertNotEquals(id, anew.id());
        assertTrue(anew.message().contains(anew.id()), anew.message());
    }

    @Test
    void thePolicyDecidesAtEveryStep() throws Exception {
        assertTrue(refusal(checks.ask(laptop, server, "ana")).contains("access policy"));
        assertTrue(refusal(checks.ask(laptop, desktop, "root")).contains("access policy"));
        assertTrue(refusal(checks.ask(other, server, "root")).contains("nobody"));
        assertTrue(refusal(checks.ask(99, server, "root")).contains("not in this network"));
        assertTrue(refusal(checks.ask(laptop, server, "ro\not")).contains("account"));
        assertTrue(refusal(checks.ask(laptop, server, "x".repeat(65))).contains("account"));
        String id = hold(laptop, server, "root");
        confirm(id);
        policy("", "accept");
        assertTrue(refusal(again(id)).contains("access policy"));
        policy("12h");
        Node now = tailnet.expireNode(owner, laptop);
        assertTrue(now.expired());
        assertTrue(refusal(checks.ask(laptop, server, "root")).contains("not in this network"));
    }

    @Test
    void aDeviceOfSomebodyElseInheritsNoProof() throws Exception {
        confirm(hold(laptop, server, "root"));
        String waiting = hold(laptop, other, "root");
        var _ = tailnet.moveToUser(owner, laptop, LEO);
        var _ = hold(laptop, server, "root");
        assertThrows(Refused.class, () -> confirm(waiting));
        tailnet.setSuspended(owner, LEO, true);
        assertTrue(refusal(checks.ask(laptop, server, "root")).contains("suspended"));
    }

    @Test
    void aFloodIsBounded() {
        for (int i = 0; i < SshChecks.MAX_A_PAIR; i++) {
            var _ = hold(laptop, server, "root");
        }
        assertTrue(refusal(checks.ask(laptop, server, "root")).contains("too many"));
        var _ = hold(laptop, other, "root");
    }
}
