package hearth.login;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where passwords, sessions and the setup token survive a restart. A call returns when its change
 * is durable. Calls come from many threads.
 */
public interface LoginStore {
    /**
     * A session as stored; the cookie's value itself is never kept.
     *
     * @param idHash lower-case hex SHA-256 of the cookie's value
     * @param address the client address at sign-in, for the person's own list of sessions
     * @param agent the browser at sign-in, at most 200 characters, untrusted text
     */
    record StoredSession(
            String idHash,
            String login,
            Instant created,
            Instant lastUsed,
            String address,
            String agent) {}

    /** The password of {@code login} as a PHC string, empty when this login has none. */
    Optional<String> passwordHash(String login);

    void putPasswordHash(String login, String phc);

    void removePasswordHash(String login);

    List<StoredSession> sessions();

    /** Inserts or replaces by {@link StoredSession#idHash()}. */
    void putSession(StoredSession session);

    void removeSession(String idHash);

    /** The setup token in clear (it must be printable again), empty before the first start. */
    Optional<String> setupToken();

    void putSetupToken(String token);

    /** True once the first admin account was made; never becomes false again. */
    boolean setUp();

    /** Marks set-up as done and forgets the token, in one step. */
    void finishSetup();

    /** A store that forgets everything when the process ends. */
    static LoginStore inMemory() {
        return new InMemory();
    }

    /** The store without a disk. */
    final class InMemory implements LoginStore {
        private final Map<String, String> passwords = new HashMap<>();
        private final Map<String, StoredSession> sessions = new HashMap<>();
        private Optional<String> token = Optional.empty();
        private boolean done;

        private InMemory() {}

        @Override
        public synchronized Optional<String> passwordHash(String login) {
            return Optional.ofNullable(passwords.get(login));
        }

        @Override
        public synchronized void putPasswordHash(String login, String phc) {
            passwords.put(login, phc);
        }

        @Override
        public synchronized void removePasswordHash(String login) {
            passwords.remove(login);
        }

        @Override
        public synchronized List<StoredSession> sessions() {
            return List.copyOf(sessions.values());
        }

        @Override
        public synchronized void putSession(StoredSession session) {
            sessions.put(session.idHash(), session);
        }

        @Override
        public synchronized void removeSession(String idHash) {
            sessions.remove(idHash);
        }

        @Override
        public synchronized Optional<String> setupToken() {
            return token;
        }

        @Override
        public synchronized void putSetupToken(String value) {
            token = Optional.of(value);
        }

        @Override
        public synchronized boolean setUp() {
            return done;
        }

        @Override
        public synchronized void finishSetup() {
            done = true;
            token = Optional.empty();
        }
    }
}
