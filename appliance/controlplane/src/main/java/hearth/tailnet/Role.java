package hearth.tailnet;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a person may do, named as in the REST API v2 ({@code it-admin}). */
public enum Role {
    OWNER,
    ADMIN,
    NETWORK_ADMIN,
    IT_ADMIN,
    BILLING_ADMIN,
    AUDITOR,
    MEMBER;

    /** For messages. */
    public static final String NAMES =
            "member, admin, network-admin, it-admin, billing-admin, auditor or owner";

    /** A field of work in the tailnet. */
    public enum Right {
        READ,
        KEYS,
        DEVICES,
        ROUTES,
        USERS,
        DNS,
        POLICY,
        SETTINGS
    }

    public boolean may(Right right) {
        return switch (this) {
            case OWNER, ADMIN -> true;
            case NETWORK_ADMIN ->
                    switch (right) {
                        case READ, KEYS, ROUTES, DNS, POLICY -> true;
                        case DEVICES, USERS, SETTINGS -> false;
                    };
            case IT_ADMIN ->
                    switch (right) {
                        case READ, KEYS, DEVICES, USERS -> true;
                        case ROUTES, DNS, POLICY, SETTINGS -> false;
                    };
            case BILLING_ADMIN, AUDITOR -> right == Right.READ;
            case MEMBER -> false;
        };
    }

    /** OWNER and ADMIN: may use any tag and hand out roles. */
    public boolean isAdmin() {
        return this == OWNER || this == ADMIN;
    }

    /** Whether it may do nothing that {@code other} may not. */
    boolean within(Role other) {
        for (Right r : Right.values()) {
            if (may(r) && !other.may(r)) {
                return false;
            }
        }
        return (this != OWNER || other == OWNER) && (!isAdmin() || other.isAdmin());
    }

    /** The name of the API and the command line, e.g. {@code network-admin}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The role of an API name, or null. */
    public static @Nullable Role parse(String text) {
        for (Role r : values()) {
            if (r.text().equals(text)) {
                return r;
            }
        }
        return null;
    }
}
