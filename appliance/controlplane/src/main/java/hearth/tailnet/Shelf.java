package hearth.tailnet;

import hearth.base.Refused;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Durable texts by key, for rooms that keep things of their own beside the tailnet (accounts,
 * sessions, the set-up token). Reads come from memory; a write is a command like any other: it is
 * stored when the method returns, with its audit row in the same transaction.
 *
 * <p>Values are the room's business; what is secret it hashes before it puts it here.
 */
public interface Shelf {
    @Nullable String get(String key);

    /** All entries; a copy. */
    Map<String, String> all();

    /** Puts {@code value}, or removes the entry when it is null; no audit row. */
    void put(String key, @Nullable String value) throws Refused;

    /**
     * Replaces the entry by what {@code change} makes of it, alone of all writers: null in means
     * absent, null out means remove. For single-use tokens and counters.
     *
     * @param note the audit row, or null for none
     * @return what was put
     */
    @Nullable String update(String key, @Nullable Note note, Change change) throws Refused;

    /** May refuse; runs on the writer's thread, so it must be quick. */
    interface Change {
        @Nullable String apply(@Nullable String was) throws Refused;
    }

    /**
     * What the audit log says about it.
     *
     * @param action e.g. {@code LOGIN}, {@code UPDATE}
     * @param targetType e.g. {@code USER}, {@code ADMIN_CONSOLE}
     */
    record Note(Actor actor, String action, String targetType, String targetName, String details) {}
}
