package hearth.login;

import hearth.base.Refused;
import hearth.control.ControlJson;
import hearth.tailnet.Shelf;
import hearth.tailnet.Tailnet;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Keeps passwords, sessions and the setup token on shelves of the tailnet's store. */
public final class ShelfLoginStore implements LoginStore {
    private static final String TOKEN = "token";
    private static final String DONE = "done";

    private final Shelf passwords;
    private final Shelf sessions;
    private final Shelf setup;

    public ShelfLoginStore(Tailnet tailnet) {
        this.passwords = tailnet.shelf("passwords");
        this.sessions = tailnet.shelf("sessions");
        this.setup = tailnet.shelf("setup");
    }

    @Override
    public Optional<String> passwordHash(String login) {
        return Optional.ofNullable(passwords.get(login));
    }

    @Override
    public void putPasswordHash(String login, String phc) {
        put(passwords, login, phc);
    }

    @Override
    public void removePasswordHash(String login) {
        put(passwords, login, null);
    }

    @Override
    public List<StoredSession> sessions() {
        List<StoredSession> out = new ArrayList<>();
        sessions.all().forEach((id, text) -> read(id, text).ifPresent(out::add));
        return out;
    }

    private static Optional<StoredSession> read(String id, String text) {
        try {
            JsonNode o = ControlJson.MAPPER.readTree(text);
            return Optional.of(
                    new StoredSession(
                            id,
                            o.path("login").asString(),
                            Instant.ofEpochMilli(o.path("created").asLong()),
                            Instant.ofEpochMilli(o.path("lastUsed").asLong()),
                            o.path("address").asString(""),
                            o.path("agent").asString("")));
        } catch (JacksonException e) {
            return Optional.empty(); // who had it signs in again
        }
    }

    @Override
    public void putSession(StoredSession s) {
        String text =
                ControlJson.MAPPER
                        .createObjectNode()
                        .put("login", s.login())
                        .put("created", s.created().toEpochMilli())
                        .put("lastUsed", s.lastUsed().toEpochMilli())
                        .put("address", s.address())
                        .put("agent", s.agent())
                        .toString();
        put(sessions, s.idHash(), text);
    }

    @Override
    public void removeSession(String idHash) {
        put(sessions, idHash, null);
    }

    @Override
    public Optional<String> setupToken() {
        return Optional.ofNullable(setup.get(TOKEN));
    }

    @Override
    public void putSetupToken(String token) {
        put(setup, TOKEN, token);
    }

    @Override
    public boolean setUp() {
        return setup.get(DONE) != null;
    }

    @Override
    public void finishSetup() {
        put(setup, DONE, "true");
        put(setup, TOKEN, null);
    }

    private static void put(Shelf shelf, String key, @Nullable String value) {
        try {
            shelf.put(key, value);
        } catch (Refused r) {
            throw new IllegalStateException(r.text(), r);
        }
    }
}
