package hearth.tailnet;

import hearth.base.Refused;

/** Checks that an actor may do what it asks for, and finds what it asks about. */
final class Access {
    private Access() {}

    /**
     * The actor with no more rights than its user has at this moment: a page or a token may be
     * older than a change of role.
     */
    static Actor current(Draft d, Actor actor) throws Refused {
        boolean person = actor.source().equals("console") || actor.source().equals("api");
        if (!person) {
            return actor;
        }
        User u = d.view().userByLogin(actor.login());
        if (u == null || u.suspended()) {
            throw Refused.forbidden("the user \"" + actor.login() + "\" is gone or suspended");
        }
        return actor.role().within(u.role())
                ? actor
                : new Actor(
                        actor.login(), u.role(), actor.source(), actor.account(), actor.address());
    }

    static void need(Actor actor, Role.Right right) throws Refused {
        if (!actor.role().may(right)) {
            throw Refused.forbidden("the role " + actor.role().text() + " may not change this");
        }
    }

    /** Devices belong to their owner, too. */
    static void needDevice(Draft d, Actor actor, Node n) throws Refused {
        if (!actor.role().may(Role.Right.DEVICES)
                && !(!n.isTagged() && d.view().userOf(n).login().equals(actor.login()))) {
            throw Refused.forbidden("this device is not yours");
        }
    }

    static Node node(Draft d, long id) throws Refused {
        Node n = d.view().node(id);
        if (n == null) {
            throw Refused.notFound("no device " + id);
        }
        return n;
    }

    static User user(Draft d, String login) throws Refused {
        User u = d.view().userByLogin(People.login(login, d.base.domain()));
        if (u == null) {
            throw Refused.notFound("no user \"" + login + "\"");
        }
        return u;
    }

    /** The user behind an actor; the owner for what nobody asked for. */
    static User self(Draft d, Actor actor) throws Refused {
        return actor.login().isEmpty() ? d.view().owner() : user(d, actor.login());
    }
}
