package hearth.login;

import hearth.base.Refused;
import hearth.login.LoginStore.StoredSession;
import hearth.tailnet.Shelf.Note;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Who is signed in. A session's secret is 256 random bits in the cookie; kept is only its SHA-256.
 * It ends 12 hours after its last use, 7 days after it began, or by {@link #end}. The CSRF token is
 * HMAC-SHA256 of a label under the secret, so it needs no memory and dies with the session.
 */
final class Sessions {
    static final Duration IDLE = Duration.ofHours(12);
    static final Duration LONGEST = Duration.ofDays(7);
    // last use is written down at most this often
    private static final Duration TOUCH = Duration.ofMinutes(5);
    private static final int SECRET_BYTES = 32;
    private static final int MAX_PER_LOGIN = 50;

    /** A new session and the cookie value that opens it, which is not to be had again. */
    record Opened(Session session, String secret) {
        @Override
        public String toString() {
            return "Opened[redacted]";
        }
    }

    private final LoginStore store;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Map<String, StoredSession> byHash = new ConcurrentHashMap<>();

    Sessions(LoginStore store, InstantSource clock, RandomGenerator random) {
        this.store = store;
        this.clock = clock;
        this.random = random;
        for (StoredSession s : store.sessions()) {
            byHash.put(s.idHash(), s);
        }
    }

    Opened open(String login, String address, String agent, @Nullable Note note) throws Refused {
        byte[] bytes = new byte[SECRET_BYTES];
        random.nextBytes(bytes);
        String secret = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        Instant now = clock.instant();
        String shortAgent = agent.length() > 200 ? agent.substring(0, 200) : agent;
        var stored = new StoredSession(hash(secret), login, now, now, address, shortAgent);
        store.putSession(stored, note);
        byHash.put(stored.idHash(), stored);
        sweep(now);
        List<StoredSession> own = ofLogin(login);
        own.remove(stored); // never the new one, however alike the times
        for (StoredSession old : own.subList(0, Math.max(0, own.size() - MAX_PER_LOGIN + 1))) {
            end(old.idHash());
        }
        return new Opened(session(stored, secret), secret);
    }

    /** The live session behind a cookie value; counts as a use. */
    Optional<Session> find(String secret) {
        if (secret.length() != 43) { // 32 bytes in base64url
            return Optional.empty();
        }
        Instant now = clock.instant();
        StoredSession found = byHash.get(hash(secret));
        if (found == null) {
            return Optional.empty();
        }
        if (dead(found, now)) {
            end(found.idHash());
            return Optional.empty();
        }
        if (found.lastUsed().plus(TOUCH).isBefore(now)) {
            found = touch(found, now);
            if (found == null) {
                return Optional.empty();
            }
        }
        return Optional.of(session(found, secret));
    }

    /** Notes the use; null when the session was ended meanwhile. */
    private @Nullable StoredSession touch(StoredSession found, Instant now) {
        StoredSession touched = used(found, now);
        if (!byHash.replace(found.idHash(), found, touched)) {
            return byHash.get(found.idHash());
        }
        try {
            store.putSession(touched, null);
        } catch (Refused e) {
            return touched; // known in memory; the store learns of the next use
        }
        if (!byHash.containsKey(touched.idHash())) {
            store.removeSession(touched.idHash());
            return null;
        }
        return touched;
    }

    boolean alive(String id) {
        StoredSession s = byHash.get(id);
        return s != null && !dead(s, clock.instant());
    }

    void end(String id) {
        if (byHash.remove(id) != null) {
            store.removeSession(id);
        }
    }

    /** Ends all of {@code login} but the one named (or none kept: an empty text). */
    void endAll(String login, String exceptId) {
        for (StoredSession s : ofLogin(login)) {
            if (!s.idHash().equals(exceptId)) {
                end(s.idHash());
            }
        }
    }

    /** Oldest first. */
    List<StoredSession> ofLogin(String login) {
        List<StoredSession> own = new ArrayList<>();
        Instant now = clock.instant();
        for (StoredSession s : byHash.values()) {
            if (s.login().equals(login) && !dead(s, now)) {
                own.add(s);
            }
        }
        own.sort(Comparator.comparing(StoredSession::created));
        return own;
    }

    private void sweep(Instant now) {
        for (StoredSession s : byHash.values()) {
            if (dead(s, now)) {
                end(s.idHash());
            }
        }
    }

    private static boolean dead(StoredSession s, Instant now) {
        return s.lastUsed().plus(IDLE).isBefore(now) || s.created().plus(LONGEST).isBefore(now);
    }

    private static StoredSession used(StoredSession s, Instant now) {
        return new StoredSession(s.idHash(), s.login(), s.created(), now, s.address(), s.agent());
    }

    private static Session session(StoredSession s, String secret) {
        return new Session(
                s.idHash(),
                s.login(),
                csrf(secret),
                s.created(),
                s.lastUsed(),
                s.address(),
                s.agent());
    }

    private static String hash(String secret) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(secret.getBytes(StandardCharsets.US_ASCII));
            return HexFormat.of().formatHex(digest);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK lacks SHA-256", e);
        }
    }

    private static String csrf(String secret) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.US_ASCII), "HmacSHA256"));
            byte[] tag = mac.doFinal("hearth csrf".getBytes(StandardCharsets.US_ASCII));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(tag);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK lacks HmacSHA256", e);
        }
    }
}
