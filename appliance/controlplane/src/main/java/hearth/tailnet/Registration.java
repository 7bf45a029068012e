package hearth.tailnet;

import hearth.base.IpAddress;
import hearth.base.Refused;
import hearth.policy.Device;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a register request, decided in the order of control-protocol 5.3: log-out, restart,
 * expired key, follow-up, auth key, login by hand.
 */
final class Registration {
    private final RandomGenerator random;
    private final Logins logins;

    Registration(RandomGenerator random, Logins logins) {
        this.random = random;
        this.logins = logins;
    }

    /** Either an answer, or something to wait for outside the writer. */
    record Step(
            @Nullable RegisterOutcome outcome,
            @Nullable CompletableFuture<Logins.Decision> decision,
            @Nullable String url) {
        static Step of(RegisterOutcome outcome) {
            return new Step(outcome, null, null);
        }
    }

    Step decide(Draft d, RegisterFacts f) throws Refused {
        Node n = d.view().nodeByKey(f.nodeKey());
        if (n != null && !n.machine().equals(f.machine())) {
            return failed("this node key cannot be used by this machine");
        }
        if (f.nodeKey().isZero()) {
            return failed("a node key is needed");
        }
        Instant end = f.expiry();
        if (end != null && !end.isAfter(d.now)) {
            logOut(d, f, n);
            return Step.of(new RegisterOutcome.LoggedOut());
        }
        if (n != null && n.expiredAt(d.now)) {
            d.put(Devices.expired(n, d.now));
            return Step.of(new RegisterOutcome.KeyExpired());
        }
        if (n != null) {
            String refusal = refusedTags(d, f, n);
            if (refusal != null) {
                return failed(refusal);
            }
            return letsIn(d, f, n)
                    ? byKey(d, f, Objects.requireNonNull(f.authKey()))
                    : accepted(d, known(d, f, n));
        }
        String followup = f.followup();
        if (followup != null && !followup.isEmpty()) {
            var decision = logins.decision(d, f, followup);
            if (decision != null) {
                return new Step(null, decision, followup);
            }
        }
        String authKey = f.authKey();
        if (authKey != null && !authKey.isEmpty()) {
            return byKey(d, f, authKey);
        }
        return Step.of(new RegisterOutcome.NeedsLogin(logins.open(d, f).url()));
    }

    private static Step failed(String text) {
        return Step.of(new RegisterOutcome.Failed(text));
    }

    private static Step accepted(Draft d, Node n) {
        return Step.of(new RegisterOutcome.Accepted(n, d.view().userOf(n)));
    }

    private static void logOut(Draft d, RegisterFacts f, @Nullable Node n) {
        if (n == null || n.local()) {
            return;
        }
        Actor self = Actor.node(d.view().userOf(n), f.remote().toString());
        if (n.ephemeral()) {
            d.remove(n);
            d.audit(Audit.node(d, self, "DELETE", n).details("ephemeral, logged out"));
            return;
        }
        if (!n.loggedOut()) {
            Node.Edit e = n.edit();
            e.loggedOut = true;
            e.expired = true;
            e.expiry = d.now;
            d.put(e.done());
            d.audit(Audit.node(d, self, "LOGOUT", n));
        }
    }

    /** Whether a device that waits for approval comes again with a key that is approved already. */
    private static boolean letsIn(Draft d, RegisterFacts f, Node n) {
        String text = f.authKey();
        if (n.authorized() || text == null || text.isEmpty()) {
            return false;
        }
        AuthKey key = AuthKeys.find(d.view(), text);
        return key != null
                && key.preauthorized()
                && AuthKeys.refusal(key, d) == null
                && n.userId() == (key.tags().isEmpty() ? key.userId() : User.TAGGED_ID);
    }

    /** A known node may ask for other tags than before: its present owner must own them. */
    private static @Nullable String refusedTags(Draft d, RegisterFacts f, Node n) {
        List<String> asked = Tags.normal(f.hostinfo().requestTags());
        boolean anew = !asked.equals(Tags.normal(n.hostinfo().requestTags()));
        if (!anew || asked.isEmpty() || asked.equals(n.tags()) || n.local()) {
            return null;
        }
        return Tags.may(d.view(), Devices.owners(d.view(), n), asked) ? null : Tags.refusal(asked);
    }

    /** A restart, or a login with a key that is good already: an earlier end is taken over. */
    private static Node known(Draft d, RegisterFacts f, Node n) {
        Instant end = f.expiry();
        Instant current = n.keyExpiry();
        Node.Edit e = n.edit();
        Instant longest = current == null ? d.now.plus(d.view().settings().keyDuration()) : current;
        if (end != null && !n.local() && end.isBefore(longest)) {
            e.expiry = end.truncatedTo(ChronoUnit.MILLIS);
            e.expiryDisabled = false;
        }
        if (!f.hostinfo().json().isEmpty()) {
            Devices.hostinfo(d, n, e, f.hostinfo());
        }
        if (f.capver() > 0) {
            e.capver = f.capver();
        }
        Node next = e.done();
        if (!next.equals(n)) {
            d.put(next);
            Devices.auditTold(d, Actor.node(d.view().userOf(n), f.remote().toString()), n, next);
        }
        return next;
    }

    private Step byKey(Draft d, RegisterFacts f, String text) throws Refused {
        AuthKey key = AuthKeys.find(d.view(), text);
        String refusal = AuthKeys.refusal(key, d);
        if (refusal != null || key == null) {
            return failed(refusal == null ? "invalid key" : refusal);
        }
        User owner = Objects.requireNonNull(d.view().user(key.userId()));
        List<String> tags = key.tags();
        List<String> asked = Tags.normal(f.hostinfo().requestTags());
        if (!tags.containsAll(asked)) {
            List<String> owners = new ArrayList<>(tags);
            owners.add(owner.login());
            if (!Tags.may(d.view(), owners, asked)) {
                return failed(Tags.refusal(asked));
            }
            tags = asked;
        }
        var grant =
                new Grant(
                        owner,
                        tags,
                        key.ephemeral() || f.ephemeral(),
                        key.preauthorized(),
                        owner.role().isAdmin(),
                        key.id());
        Actor self = Actor.node(owner, f.remote().toString());
        Node n = enrol(d, self, f, grant);
        d.put(key.used());
        logins.superseded(d, f.machine(), n);
        d.audit(Audit.node(d, self, "LOGIN", n).details("by auth key " + key.id()));
        return accepted(d, n);
    }

    /** A person's yes: the newest node key of the waiting machine becomes a node. */
    Node approve(Draft d, Actor actor, String idOrCode, @Nullable String login, List<String> wanted)
            throws Refused {
        PendingLogin p = Logins.find(d, idOrCode);
        User self = Access.self(d, actor);
        User user = login == null ? self : Access.user(d, login);
        if (user.suspended() || self.suspended()) {
            throw Refused.forbidden("user \"" + user.login() + "\" is suspended");
        }
        if (!actor.role().may(Role.Right.DEVICES) && user.id() != self.id()) {
            throw Refused.forbidden("you can let in devices of your own");
        }
        List<String> tags = Tags.normal(wanted);
        if (!tags.isEmpty()) {
            Tags.checkActor(d.view(), actor, tags);
        } else if (!p.tags().isEmpty()) {
            Tags.checkForm(p.tags());
            boolean owned = Tags.may(d.view(), List.of(user.login(), self.login()), p.tags());
            if (!owned && !actor.role().isAdmin()) {
                throw Refused.invalid(Tags.refusal(p.tags()));
            }
            tags = p.tags();
        }
        RegisterFacts f = logins.facts(p);
        boolean byAdmin = actor.role().may(Role.Right.DEVICES);
        var grant = new Grant(user, tags, f.ephemeral(), byAdmin, actor.role().isAdmin(), null);
        if (d.view().nodeByKey(f.nodeKey()) != null) {
            throw Refused.conflict("the device is in already");
        }
        Node n = enrol(d, actor, f, grant);
        logins.end(d, p, new Logins.Decision.Approved(n.id()));
        d.audit(
                Audit.node(d, actor, "LOGIN", n)
                        .details("approved for " + d.view().userOf(n).login()));
        return n;
    }

    /** What a key or a person grants a device. */
    private record Grant(
            User user,
            List<String> tags,
            boolean ephemeral,
            boolean preauthorized,
            boolean byAdmin,
            @Nullable String keyId) {
        long owner() {
            return tags.isEmpty() ? user.id() : User.TAGGED_ID;
        }
    }

    private Node enrol(Draft d, Actor actor, RegisterFacts f, Grant g) throws Refused {
        Node was = sameIdentity(d.view(), f, g);
        if (was != null) {
            Node n = renew(d, f, g, was);
            Devices.auditTold(d, actor, was, n);
            return n;
        }
        Node n = create(d, f, g);
        if (g.byAdmin()) {
            d.vouch(n.id());
        }
        return n;
    }

    /**
     * The machine's node of the same owner. A machine has one node per owner (people switch
     * accounts). A person who tags his own device keeps its node, and a tagged device that a person
     * logs in anew becomes his, if he may give its tags.
     */
    private static @Nullable Node sameIdentity(Snapshot s, RegisterFacts f, Grant g) {
        Node turned = null;
        for (Node n : s.nodesOf(f.machine())) {
            if (n.local()) {
                continue;
            }
            if (n.userId() == g.owner()) {
                return n;
            }
            boolean replaced = n.key().equals(f.oldNodeKey());
            boolean left = turned == null && n.loggedOut();
            if ((replaced && tags(g, n)) || ((replaced || left) && untags(s, g, n))) {
                turned = n;
            }
        }
        return turned;
    }

    private static boolean tags(Grant g, Node n) {
        return !n.isTagged() && !g.tags().isEmpty() && n.userId() == g.user().id();
    }

    private static boolean untags(Snapshot s, Grant g, Node n) {
        return n.isTagged()
                && g.tags().isEmpty()
                && (g.byAdmin() || Tags.may(s, List.of(g.user().login()), n.tags()));
    }

    private static Node renew(Draft d, RegisterFacts f, Grant g, Node was) {
        boolean untagged = was.isTagged() && g.tags().isEmpty();
        Node.Edit e = (g.tags().isEmpty() ? was : Devices.tagged(was, g.tags())).edit();
        if (untagged) {
            e.tags = List.of();
            e.userId = g.user().id();
        }
        e.key = f.nodeKey();
        e.loggedOut = false;
        e.expired = false;
        e.expiry = d.now.plus(d.view().settings().keyDuration());
        e.keyCreated = d.now;
        e.ephemeral = g.ephemeral();
        e.authorized |= g.preauthorized();
        e.authKeyId = g.keyId();
        e.enrolledByAdmin |= g.byAdmin();
        if (f.capver() > 0) {
            e.capver = f.capver();
        }
        List<String> tags = e.tags;
        long owner = e.userId;
        Devices.hostinfo(d, was, e, f.hostinfo());
        e.tags = tags; // decided above, not by what the old owner may
        e.userId = owner;
        e.expired = false;
        e.expiry = d.now.plus(d.view().settings().keyDuration());
        e.expiryDisabled =
                !tags.isEmpty()
                        || (untagged ? !d.view().settings().keyExpiry() : was.expiryDisabled());
        Node n = e.done();
        d.put(n);
        return n;
    }

    /** The device as the policy sees it before it has a number and addresses. */
    private static Device toCome(Grant g) {
        IpAddress none = Addresses.V4.first();
        return new Device(
                0,
                "",
                g.tags().isEmpty() ? g.user().login() : null,
                g.tags(),
                none,
                Addresses.v6(none),
                List.of(),
                List.of());
    }

    private Node create(Draft d, RegisterFacts f, Grant g) throws Refused {
        IpAddress v4 = Addresses.forDevice(d, toCome(g));
        Settings s = d.view().settings();
        long id = d.nextNodeId();
        String hostname = f.hostinfo().hostname();
        Node n =
                new Node(
                        id,
                        Node.STABLE_ID_PREFIX + Secrets.base58(random, 11) + "CNTRL",
                        f.machine(),
                        f.nodeKey(),
                        null,
                        g.owner(),
                        g.tags(),
                        hostname,
                        Names.unique(d.view(), Names.label(hostname), id),
                        null,
                        v4,
                        Addresses.v6(v4),
                        List.of(),
                        d.homeOf(f.machine()),
                        f.hostinfo(),
                        f.hostinfo().routableIps(),
                        List.of(),
                        d.now,
                        d.now.plus(s.keyDuration()),
                        !g.tags().isEmpty() || !s.keyExpiry(),
                        false,
                        false,
                        g.ephemeral(),
                        !s.deviceApproval() || g.preauthorized(),
                        f.capver(),
                        g.keyId(),
                        g.byAdmin(),
                        false,
                        d.now);
        d.put(n);
        d.audit(
                Audit.node(d, Actor.node(g.user(), f.remote().toString()), "CREATE", n)
                        .details(v4 + ", " + n.v6()));
        return n;
    }
}
