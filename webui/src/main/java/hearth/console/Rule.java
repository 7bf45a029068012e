package hearth.console;

import hearth.tailnet.Role;
import hearth.tailnet.Role.Right;
import org.jspecify.annotations.Nullable;

/**
 * Who may use a route. Every route has one.
 *
 * @param right the right that is needed, null when being signed in is enough or not even that
 */
record Rule(Kind kind, @Nullable Right right) {
    enum Kind {
        /** Anybody from anywhere: static files, the page where a device waits. */
        PUBLIC,
        /** Anybody at home: sign-in and set-up. */
        AT_HOME,
        /** Any person who is signed in. */
        SIGNED_IN,
        /** A signed-in person whose role has the right. */
        RIGHT
    }

    static final Rule PUBLIC = new Rule(Kind.PUBLIC, null);
    static final Rule AT_HOME = new Rule(Kind.AT_HOME, null);
    static final Rule SIGNED_IN = new Rule(Kind.SIGNED_IN, null);

    static Rule may(Right right) {
        return new Rule(Kind.RIGHT, right);
    }

    boolean needsPerson() {
        return kind == Kind.SIGNED_IN || kind == Kind.RIGHT;
    }

    boolean allows(Role role) {
        return right == null || role.may(right);
    }
}
