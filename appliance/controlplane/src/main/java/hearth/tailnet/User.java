package hearth.tailnet;

import java.time.Instant;

/**
 * A person, or the synthetic owner of all tagged devices.
 *
 * @param login looks like mail, lower case; unique
 */
public record User(
        long id, String login, String displayName, Role role, Instant created, boolean suspended) {
    /** The id that Tailscale's service uses for it; clients know it. */
    public static final long TAGGED_ID = 2147455555L;

    /** Owns every tagged device; never signs in. */
    public static final User TAGGED =
            new User(
                    TAGGED_ID,
                    "tagged-devices",
                    "Tagged Devices",
                    Role.MEMBER,
                    Instant.EPOCH,
                    false);

    public boolean isTaggedDevices() {
        return id == TAGGED_ID;
    }

    User withRole(Role r) {
        return new User(id, login, displayName, r, created, suspended);
    }

    User withSuspended(boolean s) {
        return new User(id, login, displayName, role, created, s);
    }

    User withNames(String newLogin, String newDisplayName) {
        return new User(id, newLogin, newDisplayName, role, created, suspended);
    }
}
