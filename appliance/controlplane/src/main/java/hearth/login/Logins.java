package hearth.login;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import hearth.base.IpAddress;
import hearth.base.Refused;
import hearth.login.LoginStore.StoredSession;
import hearth.tailnet.Actor;
import hearth.tailnet.Role;
import hearth.tailnet.Shelf.Note;
import hearth.tailnet.Tailnet;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Sign-in with a password, sessions, and the setup token of a fresh machine. Who a login is and
 * what it may do is the tailnet's to say; this class only answers "is it really this login". Safe
 * for many threads.
 *
 * <p>Logins are compared as given: callers pass the tailnet's spelling. A login that the tailnet
 * does not know is passed as typed, and costs the same time as a wrong password.
 */
public final class Logins {
    private static final Logger LOG = System.getLogger(Logins.class.getName());
    private static final String SETUP = "setup token";
    private static final Duration BUSY = Duration.ofSeconds(5);
    // never the hash of anything that can be typed: 16 and 32 zero bytes
    private static final String NOBODY =
            "$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s"
                    .formatted(
                            Passwords.MEMORY_KIB,
                            Passwords.PASSES,
                            Passwords.LANES,
                            "A".repeat(22),
                            "A".repeat(43));
    // a flood of wrong passwords must not become a flood of audit rows
    private static final int NOTES_A_MINUTE = 30;
    private static final int NOTED_CHARS = 100;

    private final LoginStore store;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Passwords passwords;
    private final Throttle throttle = new Throttle();
    private final Sessions sessions;
    private final Object noting = new Object();

    @GuardedBy("noting") private Instant noteMinute = Instant.MIN;

    @GuardedBy("noting") private int notes;

    /**
     * @param random a cryptographic source: session secrets, salts and the setup token come from it
     */
    public Logins(Tailnet tailnet, InstantSource clock, RandomGenerator random) {
        this.store = new LoginStore(tailnet);
        this.clock = clock;
        this.random = random;
        this.passwords = new Passwords(random);
        this.sessions = new Sessions(store, clock, random);
    }

    /** True once an admin account was made through the setup page or by {@link #finishSetup}. */
    public boolean setUp() {
        return store.done();
    }

    /** The token to print for who sets the machine up; empty when that is done. */
    public Optional<String> setupToken() throws Refused {
        return store.setupToken(random);
    }

    /**
     * Set-up is done: the token is void. Also when an owner got a password by other means than the
     * setup page.
     *
     * @return false when it was done before
     */
    public boolean finishSetup() throws Refused {
        return store.finish();
    }

    /**
     * Looks at the setup token, braked like a password.
     *
     * @return empty when it is right
     */
    public Optional<SignIn.Refusal> refuseToken(String typed, IpAddress from) throws Refused {
        Optional<String> token = setupToken();
        if (token.isEmpty()) {
            return Optional.of(new SignIn.Wrong());
        }
        Duration wait = throttle.begin(SETUP, from, clock.instant());
        if (!wait.isZero()) {
            return Optional.of(new SignIn.Wait(wait));
        }
        if (!SetupToken.matches(token.get(), typed)) {
            noteFailure("setup token", from);
            return Optional.of(new SignIn.Wrong());
        }
        throttle.succeeded(SETUP, from);
        return Optional.empty();
    }

    /** Why {@code password} is not taken for {@code login}, empty when it is fine. */
    public Optional<String> passwordObjection(String login, String password) {
        return Passwords.objection(login, password);
    }

    /** Gives {@code login} a password; every session it had ends. */
    public void setPassword(Actor actor, String login, String password) throws Refused {
        setPassword(actor, login, password, "");
    }

    /** Gives {@code login} a password; its sessions end but the one named. */
    public void setPassword(Actor actor, String login, String password, String keepSession)
            throws Refused {
        Optional<String> objection = Passwords.objection(login, password);
        if (objection.isPresent()) {
            throw Refused.invalid(objection.get());
        }
        try {
            var note = new Note(actor, "UPDATE", "USER", login, "password");
            store.putPasswordHash(login, passwords.hash(password), note);
        } catch (Passwords.Busy e) {
            throw new Refused(Refused.Code.UNAVAILABLE, "busy with other sign-ins, try again");
        }
        sessions.endAll(login, keepSession);
    }

    public boolean hasPassword(String login) {
        return store.passwordHash(login).isPresent();
    }

    /** Takes the password away and signs the login out everywhere. */
    public void remove(String login) throws Refused {
        store.removePasswordHash(login);
        sessions.endAll(login, "");
    }

    /** Signs in by password. */
    public SignIn signIn(String login, String password, IpAddress from, String agent)
            throws Refused {
        Optional<SignIn.Refusal> refusal = judge(login, password, from);
        return refusal.isPresent() ? refusal.get() : open(login, from, agent);
    }

    /** Whether {@code password} is the login's, braked like a sign-in; empty when it is. */
    public Optional<SignIn.Refusal> refusePassword(String login, String password, IpAddress from)
            throws Refused {
        return judge(login, password, from);
    }

    /** Opens a session for a person who was identified by other means than a password here. */
    public SignIn.Accepted open(String login, IpAddress from, String agent) throws Refused {
        String address = from.unmapped().toString();
        var actor = new Actor(login, Role.MEMBER, "console", "", address);
        var note = new Note(actor, "LOGIN", "ADMIN_CONSOLE", login, "");
        Sessions.Opened opened = sessions.open(login, address, agent, note);
        return new SignIn.Accepted(opened.session(), opened.secret());
    }

    /** The live session behind a cookie's value. */
    public Optional<Session> session(String secret) {
        return sessions.find(secret);
    }

    /** Whether the session {@link Session#id} is still open; does not count as a use. */
    public boolean alive(String sessionId) {
        return sessions.alive(sessionId);
    }

    public void signOut(String sessionId) {
        sessions.end(sessionId);
    }

    /** Ends every session of {@code login}, but the one named. */
    public void signOutOthers(String login, String keepSession) {
        sessions.endAll(login, keepSession);
    }

    /** The open sessions of {@code login}, oldest first. */
    public List<OpenSession> sessions(String login) {
        List<OpenSession> out = new ArrayList<>();
        for (StoredSession s : sessions.ofLogin(login)) {
            out.add(new OpenSession(s.idHash(), s.created(), s.lastUsed(), s.address(), s.agent()));
        }
        return out;
    }

    /** Empty when the password is right. */
    private Optional<SignIn.Refusal> judge(String login, String password, IpAddress from)
            throws Refused {
        Duration wait = throttle.begin(login, from, clock.instant());
        if (!wait.isZero()) {
            return Optional.of(new SignIn.Wait(wait));
        }
        try {
            Optional<String> phc = store.passwordHash(login);
            boolean right = passwords.verify(password, phc.orElse(NOBODY)) && phc.isPresent();
            if (!right) {
                noteFailure(login, from);
                return Optional.of(new SignIn.Wrong());
            }
            throttle.succeeded(login, from);
            if (Passwords.outdated(phc.get())) {
                store.putPasswordHash(login, passwords.hash(password), null);
            }
            return Optional.empty();
        } catch (Passwords.Busy e) {
            throttle.undecided(login, from);
            return Optional.of(new SignIn.Wait(BUSY));
        }
    }

    private void noteFailure(String login, IpAddress from) throws Refused {
        Instant now = clock.instant();
        synchronized (noting) {
            if (noteMinute.isBefore(now.minusSeconds(60))) {
                noteMinute = now;
                notes = 0;
            }
            if (++notes > NOTES_A_MINUTE) {
                if (notes == NOTES_A_MINUTE + 1) {
                    LOG.log(Level.WARNING, "many failed sign-ins, not all are noted from=" + from);
                }
                return;
            }
        }
        String shown = login.length() > NOTED_CHARS ? login.substring(0, NOTED_CHARS) : login;
        var actor = new Actor("", Role.MEMBER, "console", "", from.unmapped().toString());
        store.note(new Note(actor, "LOGIN", "ADMIN_CONSOLE", shown, "failed"));
    }
}
