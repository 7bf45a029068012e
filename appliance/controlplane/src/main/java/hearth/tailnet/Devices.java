package hearth.tailnet;

import hearth.base.IpPrefix;
import hearth.base.Refused;
import hearth.control.Hostinfo;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What people do to devices: rename, expire, remove, authorize, tag. */
final class Devices {
    private Devices() {}

    /** An empty name lets it follow the host name again. */
    static Node rename(Draft d, Actor actor, long id, String name) throws Refused {
        Node n = Access.node(d, id);
        Access.needDevice(d, actor, n);
        Node.Edit e = n.edit();
        if (name.isEmpty()) {
            e.givenName = null;
            e.name = Names.unique(d.view(), Names.label(n.hostname()), id);
        } else {
            String label = Names.given(name);
            if (Names.taken(d.view(), label, id)) {
                throw Refused.conflict("name \"" + label + "\" is taken");
            }
            e.givenName = label;
            e.name = label;
            if (actor.role().isAdmin()) {
                d.vouch(id);
            }
        }
        return put(d, actor, n, e.done(), "MACHINE_NAME", n.name(), e.name);
    }

    /** Ends the node's key now. */
    static Node expire(Draft d, Actor actor, long id) throws Refused {
        Node n = Access.node(d, id);
        Access.needDevice(d, actor, n);
        if (n.local()) {
            throw Refused.conflict("\"" + n.name() + "\" is this appliance: it does not expire");
        }
        Node.Edit e = n.edit();
        e.expiry = d.now;
        e.expiryDisabled = false;
        e.expired = true;
        return put(d, actor, n, e.done(), "KEY_EXPIRY_TIME", text(n.expiry()), text(d.now));
    }

    static void remove(Draft d, Actor actor, long id) throws Refused {
        Node n = Access.node(d, id);
        Access.needDevice(d, actor, n);
        if (n.local()) {
            throw Refused.conflict("\"" + n.name() + "\" is this appliance: it stays");
        }
        d.remove(n);
        d.audit(Audit.node(d, actor, "DELETE", n));
    }

    /** Key expiry of one node on or off. On again, an old login lasts its full time from now. */
    static Node setKeyExpiry(Draft d, Actor actor, long id, boolean on) throws Refused {
        Access.need(actor, Role.Right.DEVICES);
        Node n = Access.node(d, id);
        if (n.local() && on) {
            throw Refused.conflict("\"" + n.name() + "\" is this appliance: it does not expire");
        }
        if (n.expiryDisabled() != on) {
            return n;
        }
        Node.Edit e = n.edit();
        e.expiryDisabled = !on;
        e.expiry =
                on && (n.expiry() == null || !n.expiry().isAfter(d.now))
                        ? d.now.plus(d.view().settings().keyDuration())
                        : n.expiry();
        e.loggedOut = false;
        e.expired = false;
        return put(d, actor, n, e.done(), "KEY_EXPIRY", onOff(!on), onOff(on));
    }

    static Node authorize(Draft d, Actor actor, long id, boolean on) throws Refused {
        Access.need(actor, Role.Right.DEVICES);
        Node n = Access.node(d, id);
        if (n.authorized() == on) {
            return n;
        }
        if (n.local() && !on) {
            throw Refused.conflict("\"" + n.name() + "\" is this appliance");
        }
        Node.Edit e = n.edit();
        e.authorized = on;
        e.enrolledByAdmin |= on && actor.role().isAdmin();
        Node next = e.done();
        d.put(next);
        if (on && actor.role().isAdmin()) {
            d.vouch(id);
        }
        d.audit(Audit.node(d, actor, on ? "APPROVE" : "SUSPEND", n));
        return next;
    }

    static Node setTags(Draft d, Actor actor, long id, Collection<String> wanted) throws Refused {
        Node n = Access.node(d, id);
        Access.needDevice(d, actor, n);
        List<String> tags = Tags.normal(wanted);
        Tags.checkActor(d.view(), actor, tags.stream().filter(t -> !n.tags().contains(t)).toList());
        if (tags.isEmpty()) {
            throw Refused.invalid("a tagged device keeps at least one tag; move it to a user");
        }
        return put(
                d,
                actor,
                n,
                tagged(n, tags),
                "ACL_TAGS",
                String.join(" ", n.tags()),
                String.join(" ", tags));
    }

    /** The device belongs to a person from now on; its tags go. */
    static Node moveToUser(Draft d, Actor actor, long id, String login) throws Refused {
        Access.need(actor, Role.Right.DEVICES);
        Node n = Access.node(d, id);
        User u = Access.user(d, login);
        if (n.local()) {
            throw Refused.conflict("\"" + n.name() + "\" is this appliance");
        }
        Node.Edit e = n.edit();
        e.tags = List.of();
        e.userId = u.id();
        if (n.isTagged()) {
            e.expiryDisabled = !d.view().settings().keyExpiry();
            e.expiry = d.now.plus(d.view().settings().keyDuration());
        }
        Node next = expired(e.done(), d.now);
        return put(d, actor, n, next, "ACL_TAGS", identity(d, n), u.login());
    }

    /** With tags it belongs to nobody and its key does not expire. */
    static Node tagged(Node n, List<String> tags) {
        Node.Edit e = n.edit();
        e.tags = tags;
        e.userId = User.TAGGED_ID;
        if (!n.isTagged()) {
            e.expiryDisabled = true;
            e.expired = n.loggedOut();
        }
        return e.done();
    }

    static Node expired(Node n, Instant now) {
        if (n.expired() == n.expiredAt(now)) {
            return n;
        }
        Node.Edit e = n.edit();
        e.expired = !n.expired();
        return e.done();
    }

    /** What a node tells about itself; also without a map stream of its own. */
    static Node update(Draft d, NodeUpdate u) throws Refused {
        Node n = Access.node(d, u.node());
        Node.Edit e = n.edit();
        if (u.disco() != null) {
            e.disco = u.disco();
        }
        if (u.endpoints() != null) {
            e.endpoints = u.endpoints();
        }
        if (u.homeDerp() > 0 && u.homeDerp() != n.homeDerp()) {
            e.homeDerp = u.homeDerp();
            d.home(n.machine(), u.homeDerp());
        }
        if (u.capver() > 0) {
            e.capver = u.capver();
        }
        if (u.hostinfo() != null) {
            hostinfo(d, n, e, u.hostinfo());
        }
        Node next = e.done();
        if (!next.equals(n)) {
            d.put(next);
            auditTold(d, Actor.node(d.view().userOf(n), ""), n, next);
        }
        return next;
    }

    /** Rows for what a device's own words, or its login, made of it. */
    static void auditTold(Draft d, Actor actor, Node was, Node is) {
        Audit.Row row = Audit.node(d, actor, "UPDATE", was);
        if (!is.name().equals(was.name())) {
            d.audit(row.change("MACHINE_NAME", was.name(), is.name()));
        }
        if (is.userId() != was.userId() || !is.tags().equals(was.tags())) {
            d.audit(row.change("ACL_TAGS", identity(d, was), identity(d, is)));
        }
        if (is.expired() && !was.expired()) {
            d.audit(
                    row.change("KEY_EXPIRY_TIME", text(was.expiry()), text(is.expiry()))
                            .details("it asked for tags that it may not have"));
        }
    }

    private static String identity(Draft d, Node n) {
        return n.isTagged() ? String.join(" ", n.tags()) : d.view().userOf(n).login();
    }

    /** Host name, offered routes and tags follow the Hostinfo. */
    static void hostinfo(Draft d, Node n, Node.Edit e, Hostinfo told) {
        e.hostinfo = withNetInfo(n.hostinfo(), told);
        String hostname = told.hostname();
        if (!hostname.isEmpty() && !hostname.equals(n.hostname())) {
            e.hostname = hostname;
            if (n.givenName() == null) {
                e.name = Names.follow(d.view(), n, hostname);
            }
        }
        List<IpPrefix> routes = told.routableIps();
        if (!routes.equals(n.advertised())) {
            e.advertised = routes;
        }
        List<String> tags = Tags.normal(told.requestTags());
        boolean asksAnew = !tags.equals(Tags.normal(n.hostinfo().requestTags()));
        if (asksAnew && !tags.isEmpty() && !tags.equals(n.tags()) && !n.local()) {
            if (Tags.may(d.view(), owners(d.view(), n), tags)) {
                Node t = tagged(n, tags);
                e.tags = t.tags();
                e.userId = t.userId();
                e.expiryDisabled = t.expiryDisabled();
                e.expired = t.expired();
            } else { // as the service does: it has to log in again, and is told why then
                e.expiry = d.now;
                e.expiryDisabled = false;
                e.expired = true;
            }
        }
    }

    /** Who answers for the tags that a node asks for: its own tags, or its user. */
    static Collection<String> owners(Snapshot s, Node n) {
        return n.isTagged() ? n.tags() : List.of(s.userOf(n).login());
    }

    /** After a re-login clients leave NetInfo out until it changes: what was known stays. */
    private static Hostinfo withNetInfo(Hostinfo was, Hostinfo told) {
        var json = told.json();
        var net = json.has("NetInfo") ? null : was.json().get("NetInfo");
        if (net == null) {
            return told;
        }
        json.set("NetInfo", net);
        return Hostinfo.of(json);
    }

    private static Node put(
            Draft d, Actor actor, Node was, Node is, String property, String from, String to) {
        if (!is.equals(was)) {
            d.put(is);
            d.audit(Audit.node(d, actor, "UPDATE", was).change(property, from, to));
        }
        return is;
    }

    private static String onOff(boolean on) {
        return on ? "on" : "off";
    }

    private static String text(@Nullable Instant t) {
        return t == null ? "" : t.toString();
    }
}
