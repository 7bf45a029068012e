package hearth.login;

import hearth.base.Refused;
import hearth.tailnet.Shelf;
import hearth.tailnet.Shelf.Note;
import hearth.tailnet.Tailnet;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Where passwords, sessions and the setup token survive a restart: three shelves of the tailnet. A
 * call returns when its change is durable, together with its audit row.
 *
 * <p>{@code passwords}: login to PHC string. {@code sessions}: hex SHA-256 of the cookie's value to
 * login, creation, last use, address and browser, a line each. {@code setup}: {@code token} in
 * clear (it must be printable again) and {@code done}.
 */
final class LoginStore {
    /**
     * A session as stored; the cookie's value itself is never kept.
     *
     * @param idHash lower-case hex SHA-256 of the cookie's value
     * @param agent the browser at sign-in, at most 200 characters, untrusted text
     */
    record StoredSession(
            String idHash,
            String login,
            Instant created,
            Instant lastUsed,
            String address,
            String agent) {
        private String text() {
            return String.join(
                    "\n",
                    login,
                    created.toString(),
                    lastUsed.toString(),
                    address,
                    agent.replaceAll("\\p{Cntrl}", " "));
        }

        private static Optional<StoredSession> parse(String idHash, String text) {
            String[] f = text.split("\n", -1);
            if (f.length != 5) {
                return Optional.empty();
            }
            try {
                return Optional.of(
                        new StoredSession(
                                idHash,
                                f[0],
                                Instant.parse(f[1]),
                                Instant.parse(f[2]),
                                f[3],
                                f[4]));
            } catch (DateTimeException e) {
                return Optional.empty();
            }
        }
    }

    private static final Logger LOG = System.getLogger(LoginStore.class.getName());
    private static final String TOKEN = "token";
    private static final String DONE = "done";

    private final Shelf passwords;
    private final Shelf sessions;
    private final Shelf setup;

    LoginStore(Tailnet tailnet) {
        this.passwords = tailnet.shelf("passwords");
        this.sessions = tailnet.shelf("sessions");
        this.setup = tailnet.shelf("setup");
    }

    /** The password of {@code login} as a PHC string, empty when this login has none. */
    Optional<String> passwordHash(String login) {
        return Optional.ofNullable(passwords.get(login));
    }

    void putPasswordHash(String login, String phc, @Nullable Note note) throws Refused {
        passwords.update(login, note, _ -> phc);
    }

    void removePasswordHash(String login) throws Refused {
        passwords.put(login, null);
    }

    List<StoredSession> sessions() {
        List<StoredSession> out = new ArrayList<>();
        for (Map.Entry<String, String> e : sessions.all().entrySet()) {
            StoredSession.parse(e.getKey(), e.getValue()).ifPresent(out::add);
        }
        return out;
    }

    void putSession(StoredSession session, @Nullable Note note) throws Refused {
        sessions.update(session.idHash(), note, _ -> session.text());
    }

    /** Forgets a session; one that cannot be forgotten now runs out by itself. */
    void removeSession(String idHash) {
        try {
            sessions.put(idHash, null);
        } catch (Refused e) {
            LOG.log(Level.WARNING, "session not removed from the store: " + e.text());
        }
    }

    /** An audit row by itself. */
    void note(Note note) throws Refused {
        setup.update(DONE, note, was -> was);
    }

    /** The token, made now if there is none; empty when set-up is done. */
    Optional<String> setupToken(RandomGenerator random) throws Refused {
        if (done()) {
            return Optional.empty();
        }
        String present = setup.get(TOKEN);
        if (present != null) {
            return Optional.of(present);
        }
        return Optional.ofNullable(
                setup.update(TOKEN, null, was -> was != null ? was : SetupToken.create(random)));
    }

    /** True once the first admin account was made; never becomes false again. */
    boolean done() {
        return setup.get(DONE) != null;
    }

    /**
     * Marks set-up as done; the token is void from here on.
     *
     * @return false when it was done before: somebody else was faster
     */
    boolean finish() throws Refused {
        boolean[] first = {false};
        setup.update(
                DONE,
                null,
                was -> {
                    first[0] = was == null;
                    return "yes";
                });
        setup.put(TOKEN, null);
        return first[0];
    }
}
