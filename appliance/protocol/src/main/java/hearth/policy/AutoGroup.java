package hearth.policy;

import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The groups that need no definition, and where each may stand. */
enum AutoGroup {
    MEMBER("member"),
    TAGGED("tagged"),
    SELF("self"),
    INTERNET("internet"),
    DANGER_ALL("danger-all"),
    SHARED("shared"),
    NONROOT("nonroot"),
    OWNER("owner"),
    ADMIN("admin"),
    NETWORK_ADMIN("network-admin"),
    IT_ADMIN("it-admin"),
    BILLING_ADMIN("billing-admin"),
    AUDITOR("auditor");

    private static final Set<AutoGroup> ROLES =
            EnumSet.of(OWNER, ADMIN, NETWORK_ADMIN, IT_ADMIN, BILLING_ADMIN, AUDITOR);
    static final Set<AutoGroup> IDENTITIES = with(MEMBER, TAGGED);
    static final Set<AutoGroup> SOURCES = with(MEMBER, TAGGED, SHARED, DANGER_ALL);
    static final Set<AutoGroup> DESTINATIONS = with(MEMBER, TAGGED, SELF, INTERNET);
    static final Set<AutoGroup> SSH_SOURCES = with(MEMBER, TAGGED, SHARED);
    static final Set<AutoGroup> SSH_DESTINATIONS = EnumSet.of(MEMBER, TAGGED, SELF);
    static final Set<AutoGroup> SSH_TESTED = with(MEMBER, TAGGED, SELF);

    /** Whose devices belong to one user, so that {@code autogroup:self} makes sense. */
    static final Set<AutoGroup> SELF_SOURCES = with(MEMBER);

    private final String word;

    AutoGroup(String word) {
        this.word = word;
    }

    private static Set<AutoGroup> with(AutoGroup... more) {
        Set<AutoGroup> out = EnumSet.copyOf(ROLES);
        out.addAll(Set.of(more));
        return out;
    }

    static @Nullable AutoGroup parse(String token) {
        for (AutoGroup g : values()) {
            if (token.equals(g.toString())) {
                return g;
            }
        }
        return token.equals("autogroup:members") ? MEMBER : null;
    }

    boolean isRole() {
        return ROLES.contains(this);
    }

    /** The role that members of this group have; only for {@link #isRole}. */
    Member.Role role() {
        return Member.Role.valueOf(name());
    }

    @Override
    public String toString() {
        return "autogroup:" + word;
    }
}
