package hearth.tailnet;

import hearth.base.Refused;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Users: create, rename, role, suspend, delete. There is always an owner. */
final class People {
    private People() {}

    /** {@code ana} is {@code ana@DOMAIN}; lower case. */
    static String login(String text, String domain) {
        String t = text.strip().toLowerCase(Locale.ROOT);
        return t.indexOf('@') < 0 && !t.isEmpty() ? t + "@" + domain : t;
    }

    static User create(Draft d, Actor actor, String text, @Nullable String displayName, Role role)
            throws Refused {
        Access.need(actor, Role.Right.USERS);
        checkHandsOut(actor, role);
        String login = checked(text, d.base.domain());
        if (d.view().userByLogin(login) != null) {
            throw Refused.conflict("user \"" + login + "\" exists");
        }
        User u = new User(d.nextUserId(), login, shown(displayName, login), role, d.now, false);
        d.put(u);
        d.audit(Audit.user(d, actor, "CREATE", u).details(role.text()));
        return u;
    }

    /** At the first start: the owner-to-be, to whom root's keys belong before set-up is done. */
    static void ensureOwner(Draft d) {
        if (d.view().users().stream().noneMatch(u -> u.role() == Role.OWNER)) {
            String login = "owner@" + d.base.domain();
            User u = new User(d.nextUserId(), login, "Owner", Role.OWNER, d.now, false);
            d.put(u);
            d.audit(Audit.user(d, Actor.SYSTEM, "CREATE", u).details("owner-to-be"));
        }
    }

    /** Set-up: the owner-to-be gets the name of the person who holds the token. */
    static User nameOwner(Draft d, Actor actor, String text, @Nullable String displayName)
            throws Refused {
        if (actor.role() != Role.OWNER) {
            throw Refused.forbidden("only the owner names the owner");
        }
        User owner = d.view().owner();
        String login = checked(text, d.base.domain());
        User taken = d.view().userByLogin(login);
        if (taken != null && taken.id() != owner.id()) {
            throw Refused.conflict("user \"" + login + "\" exists");
        }
        User u = owner.withNames(login, shown(displayName, login));
        d.put(u);
        d.audit(
                Audit.user(d, actor, "UPDATE", u)
                        .change("ACCOUNT_EMAIL", owner.login(), u.login()));
        return u;
    }

    static User setRole(Draft d, Actor actor, String login, Role role) throws Refused {
        Access.need(actor, Role.Right.USERS);
        User u = Access.user(d, login);
        checkHandsOut(actor, role);
        checkHandsOut(actor, u.role());
        if (u.role() == role) {
            return u;
        }
        checkKeepsOwner(d, u);
        User next = u.withRole(role);
        d.put(next);
        d.audit(
                Audit.user(d, actor, "UPDATE", u)
                        .change("USER_ROLE", u.role().text(), role.text()));
        return next;
    }

    static void setSuspended(Draft d, Actor actor, String login, boolean on) throws Refused {
        Access.need(actor, Role.Right.USERS);
        User u = Access.user(d, login);
        checkHandsOut(actor, u.role());
        if (u.suspended() != on) {
            if (on) {
                checkKeepsOwner(d, u);
            }
            d.put(u.withSuspended(on));
            d.audit(Audit.user(d, actor, on ? "SUSPEND" : "RESTORE", u));
        }
    }

    /** Removes a user who has no devices left; his keys go with him. */
    static void remove(Draft d, Actor actor, String login) throws Refused {
        Access.need(actor, Role.Right.USERS);
        User u = Access.user(d, login);
        checkHandsOut(actor, u.role());
        checkKeepsOwner(d, u);
        long devices = d.view().nodes().stream().filter(n -> n.userId() == u.id()).count();
        if (devices > 0) {
            throw Refused.conflict(
                    "user \"" + u.login() + "\" has " + devices + " devices: remove them first");
        }
        for (AuthKey k : d.view().keys()) {
            if (k.userId() == u.id()) {
                d.removeKey(k.id());
            }
        }
        d.remove(u);
        d.audit(Audit.user(d, actor, "DELETE", u));
    }

    private static void checkHandsOut(Actor actor, Role role) throws Refused {
        boolean high = role == Role.OWNER || role == Role.ADMIN;
        if ((role == Role.OWNER && actor.role() != Role.OWNER)
                || (high && !actor.role().isAdmin())) {
            throw Refused.forbidden(
                    "the role " + actor.role().text() + " does not rule over " + role.text());
        }
    }

    private static void checkKeepsOwner(Draft d, User u) throws Refused {
        boolean last =
                u.role() == Role.OWNER
                        && d.view().users().stream()
                                .noneMatch(
                                        o ->
                                                o.id() != u.id()
                                                        && o.role() == Role.OWNER
                                                        && !o.suspended());
        if (last) {
            throw Refused.conflict("\"" + u.login() + "\" is the only owner");
        }
    }

    private static String checked(String text, String domain) throws Refused {
        String login = login(text, domain);
        boolean good = login.length() <= 254 && login.matches("[a-z0-9._%+-]{1,64}@[a-z0-9.-]+");
        if (!good) {
            throw Refused.invalid(
                    "login \""
                            + text
                            + "\": expected a name or a mail address,"
                            + " at most 64 of a-z 0-9 . _ % + - before the @");
        }
        return login;
    }

    private static String shown(@Nullable String displayName, String login) {
        String n = displayName == null ? "" : displayName.strip().replaceAll("\\p{Cntrl}", "");
        return n.isEmpty() ? login.substring(0, login.indexOf('@')) : n;
    }
}
