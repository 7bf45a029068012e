package hearth.tailnet;

import hearth.base.IpAddress;
import hearth.base.IpPrefix;
import hearth.base.Refused;
import hearth.crypto.NodeKey;
import hearth.policy.CompiledPolicy;
import hearth.policy.DeviceBindings;
import hearth.policy.InvalidPolicy;
import hearth.policy.Policy;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The tailnet: the present {@link #snapshot} and every command that changes it. A command is
 * checked and run by the single writer, stored with its audit row, swapped in, announced; when it
 * returns, all of that is done. A command that may not or cannot be done throws {@link Refused} and
 * changes nothing. Safe for all threads.
 */
public final class Tailnet implements AutoCloseable {
    private static final int FIRST_SEAMLESS = 126; // 1.88: older clients stop until they are in
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);

    private final TailnetOptions options;
    private final Journal journal;
    private final Logins logins;
    private final Registration registration;
    private final AuthKeys authKeys;
    private final Policies policies = new Policies();
    private final Liveness liveness = new Liveness();
    private final Housekeeping housekeeping;
    private final Writer writer;

    private Tailnet(TailnetOptions options, Journal journal, Stored stored) {
        this.options = options;
        this.journal = journal;
        this.logins = new Logins(options.random(), options.pageBase());
        this.registration = new Registration(options.random(), logins);
        this.authKeys = new AuthKeys(options.random());
        Instant now = options.clock().instant();
        PolicyState policy = policies.restore(stored.policies(), stored.policyInForce(), now);
        Snapshot first = Loading.snapshot(options.domain(), stored, policy, now);
        this.writer = new Writer(first, journal, options.clock(), policies::settle);
        this.housekeeping = new Housekeeping(this, liveness, logins, options, now);
    }

    /** Reads {@code journal} and starts the writer; closing the tailnet closes the journal too. */
    public static Tailnet open(TailnetOptions options, Journal journal) throws IOException {
        var t = new Tailnet(options, journal, journal.load());
        t.writer.start();
        try {
            t.writer.call(
                    d -> {
                        People.ensureOwner(d);
                        return true;
                    });
        } catch (Refused r) {
            t.close();
            throw new IOException(r.text());
        }
        return t;
    }

    /** Where people's pages are at the moment, without a slash at the end. */
    String pageBase() {
        return options.pageBase().get();
    }

    public Snapshot snapshot() {
        return writer.snapshot();
    }

    /**
     * Has {@code subscriber} told every change as (before, after), in order, on the writer's
     * thread: it must only take note and return.
     */
    public void subscribe(BiConsumer<Snapshot, Snapshot> subscriber) {
        writer.subscribe(subscriber);
    }

    public void unsubscribe(BiConsumer<Snapshot, Snapshot> subscriber) {
        writer.unsubscribe(subscriber);
    }

    <T extends @Nullable Object> T call(Writer.Command<T> command) throws Refused {
        return writer.call(command);
    }

    // ---- devices that speak for themselves

    /** Answers a register request; a follow-up waits for its decision up to ten minutes. */
    public RegisterOutcome register(RegisterFacts facts) {
        return register(facts, LONGEST_WAIT);
    }

    /** Answers a register request; a follow-up waits for its decision at most {@code longest}. */
    public RegisterOutcome register(RegisterFacts facts, Duration longest) {
        try {
            var step = call(d -> registration.decide(d, facts));
            RegisterOutcome outcome = step.outcome();
            return outcome != null ? outcome : await(facts, step, longest);
        } catch (Refused r) {
            return new RegisterOutcome.Failed(r.text());
        }
    }

    private RegisterOutcome await(RegisterFacts facts, Registration.Step step, Duration longest)
            throws Refused {
        String url = String.valueOf(step.url());
        var decision = step.decision();
        if (decision == null) {
            throw new IllegalStateException("neither an outcome nor a decision");
        }
        try (Connection _ = stays(facts)) {
            return switch (decision.get(longest.toMillis(), TimeUnit.MILLISECONDS)) {
                case Logins.Decision.Approved(long id) -> {
                    Node n = snapshot().node(id);
                    yield n == null
                            ? new RegisterOutcome.Failed("the device was removed meanwhile")
                            : new RegisterOutcome.Accepted(n, snapshot().userOf(n));
                }
                case Logins.Decision.Denied(String text) -> new RegisterOutcome.Failed(text);
                case Logins.Decision.Gone _ ->
                        new RegisterOutcome.NeedsLogin(call(d -> logins.open(d, facts)).url());
            };
        } catch (TimeoutException _) {
            return new RegisterOutcome.NeedsLogin(url);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return new RegisterOutcome.NeedsLogin(url);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    /**
     * A client that logs in anew ends its stream before a person decides, and goes on with its old
     * key meanwhile: it is still there.
     */
    private Connection stays(RegisterFacts f) {
        NodeKey old = f.oldNodeKey();
        Node n = old == null ? null : snapshot().nodeByKey(old);
        if (n != null
                && f.capver() >= FIRST_SEAMLESS
                && n.machine().equals(f.machine())
                && !n.expired()
                && online(n.id())) {
            return connected(n.id());
        }
        return new Connection(() -> {});
    }

    /** Takes over what a node says in a map request. */
    public Node updateNode(NodeUpdate update) throws Refused {
        return call(d -> Devices.update(d, update));
    }

    /**
     * Keeps what a device tells for the audit log, in its own words.
     *
     * @param action the client's name of it, e.g. {@code DISCONNECT_NODE}
     * @throws Refused when it is no such name, or the device is gone
     */
    public void toldByNode(NodeKey key, String action, String details, IpAddress remote)
            throws Refused {
        call(
                d -> {
                    Node n = d.view().nodeByKey(key);
                    if (n == null) {
                        throw Refused.notFound("no such node");
                    }
                    Actor self = Actor.node(d.view().userOf(n), remote.toString());
                    d.audit(Audit.told(d, self, n, action, details));
                    return true;
                });
    }

    /** Says that a map stream of {@code node} is open until the answer is closed. */
    public Connection connected(long node) {
        liveness.opened(node);
        try {
            call(
                    d -> {
                        if (d.view().node(node) != null && !d.view().presence(node).online()) {
                            d.presence(node, new Presence(true, d.now));
                        }
                        return true;
                    });
        } catch (Refused _) {
            // stopping: nobody is told any more
        }
        return new Connection(() -> liveness.closed(node, options.clock().instant()));
    }

    /** An open map stream; closing it twice is harmless. */
    public static final class Connection implements AutoCloseable {
        private @Nullable Runnable end;

        private Connection(Runnable end) {
            this.end = end;
        }

        @Override
        public synchronized void close() {
            Runnable e = end;
            end = null;
            if (e != null) {
                e.run();
            }
        }
    }

    public boolean online(long node) {
        return snapshot().presence(node).online();
    }

    /** When the node was there last; null when it never was. Now, if it is there. */
    public @Nullable Instant lastSeen(long node) {
        Presence p = snapshot().presence(node);
        return p.online() ? options.clock().instant() : p.lastSeen();
    }

    /** The appliance's own node, made at the first start and brought up to date at each. */
    public Node ensureApplianceNode(ApplianceNode facts) throws Refused {
        return call(d -> Appliance.ensure(d, options.random(), facts));
    }

    // ---- auth keys and waiting logins

    public CreatedKey createKey(Actor actor, KeyOptions options) throws Refused {
        return as(actor, (d, who) -> authKeys.create(d, who, options));
    }

    public void revokeKey(Actor actor, String id) throws Refused {
        runAs(actor, (d, who) -> authKeys.revoke(d, who, id));
    }

    /** Lets a waiting device in as one of {@code user}'s; the actor's own when null. */
    public Node approveLogin(Actor actor, String idOrCode, @Nullable String user) throws Refused {
        return as(actor, (d, who) -> registration.approve(d, who, idOrCode, user, List.of()));
    }

    /** Lets a waiting device in with these tags. */
    public Node approveLoginAs(Actor actor, String idOrCode, List<String> tags) throws Refused {
        return as(actor, (d, who) -> registration.approve(d, who, idOrCode, null, tags));
    }

    public void refuseLogin(Actor actor, String idOrCode) throws Refused {
        runAs(actor, (d, who) -> logins.refuse(d, who, idOrCode));
    }

    // ---- devices

    /** Gives a node a name; an empty one lets it follow its host name again. */
    public Node renameNode(Actor actor, long id, String name) throws Refused {
        return as(actor, (d, who) -> Devices.rename(d, who, id, name));
    }

    public Node expireNode(Actor actor, long id) throws Refused {
        return as(actor, (d, who) -> Devices.expire(d, who, id));
    }

    public void removeNode(Actor actor, long id) throws Refused {
        runAs(actor, (d, who) -> Devices.remove(d, who, id));
    }

    /** Switches key expiry of one node; off brings an expired node back without a login. */
    public Node setKeyExpiry(Actor actor, long id, boolean on) throws Refused {
        return as(actor, (d, who) -> Devices.setKeyExpiry(d, who, id, on));
    }

    /** Switches key expiry for the whole tailnet: present and future nodes. */
    public void setKeyExpiry(Actor actor, boolean on) throws Refused {
        runAs(actor, (d, who) -> Switches.keyExpiry(d, who, on));
    }

    public Node authorizeNode(Actor actor, long id, boolean on) throws Refused {
        return as(actor, (d, who) -> Devices.authorize(d, who, id, on));
    }

    public Node setTags(Actor actor, long id, Collection<String> tags) throws Refused {
        return as(actor, (d, who) -> Devices.setTags(d, who, id, tags));
    }

    public Node moveToUser(Actor actor, long id, String login) throws Refused {
        return as(actor, (d, who) -> Devices.moveToUser(d, who, id, login));
    }

    public Node approveRoutes(Actor actor, long id, Collection<IpPrefix> routes) throws Refused {
        return as(actor, (d, who) -> Routes.approve(d, who, id, routes));
    }

    public Node unapproveRoutes(Actor actor, long id, Collection<IpPrefix> routes) throws Refused {
        return as(actor, (d, who) -> Routes.unapprove(d, who, id, routes));
    }

    /** The approved routes are exactly {@code routes} from now on. */
    public Node setRoutes(Actor actor, long id, Collection<IpPrefix> routes) throws Refused {
        return as(actor, (d, who) -> Routes.replace(d, who, id, routes));
    }

    // ---- users

    public User createUser(Actor actor, String login, @Nullable String displayName, Role role)
            throws Refused {
        return as(actor, (d, who) -> People.create(d, who, login, displayName, role));
    }

    /** Set-up: gives the owner-to-be its login. */
    public User nameOwner(Actor actor, String login, @Nullable String displayName) throws Refused {
        return call(d -> People.nameOwner(d, actor, login, displayName)); // not a user yet
    }

    public User setRole(Actor actor, String login, Role role) throws Refused {
        return as(actor, (d, who) -> People.setRole(d, who, login, role));
    }

    public void setSuspended(Actor actor, String login, boolean on) throws Refused {
        runAs(actor, (d, who) -> People.setSuspended(d, who, login, on));
    }

    public void removeUser(Actor actor, String login) throws Refused {
        runAs(actor, (d, who) -> People.remove(d, who, login));
    }

    /** {@code ana} becomes {@code ana@DOMAIN}, as every command takes it. */
    public String login(String text) {
        return People.login(text, options.domain());
    }

    // ---- the tailnet as a whole

    public DnsSettings setDns(Actor actor, DnsSettings settings) throws Refused {
        return as(actor, (d, who) -> DnsRules.set(d, who, settings));
    }

    public Settings setSettings(Actor actor, Settings settings) throws Refused {
        return as(actor, (d, who) -> Switches.set(d, who, settings));
    }

    /**
     * Saves a policy and puts it in force.
     *
     * @param ifMatch etag of the text that the author saw, null to save in any case
     * @throws InvalidPolicy it cannot be read, or its own tests fail; nothing was saved
     */
    public PolicyState setPolicy(Actor actor, String text, @Nullable String ifMatch, String comment)
            throws Refused, InvalidPolicy {
        Policy parsed = Policies.parse(text); // slow, and nothing the writer must wait for
        var saved = as(actor, (d, who) -> policies.set(d, who, parsed, text, ifMatch, comment));
        InvalidPolicy invalid = saved.invalid();
        if (invalid != null) {
            throw invalid;
        }
        return Objects.requireNonNull(saved.state());
    }

    /** What {@code text} would mean for the present nodes, if it may be saved; it is not. */
    public CompiledPolicy tryPolicy(String text) throws InvalidPolicy {
        Policy policy = Policies.parse(text);
        return policy.check(DeviceBindings.afterSave(policy, snapshot().compiled()));
    }

    /** The text that is in force: not the saved one when that is no longer valid. */
    public String policyInForce() throws Refused {
        PolicyState now = snapshot().policy();
        if (now.inForce() == now.saved().version()) {
            return now.text();
        }
        PolicyVersion v = policyVersion(now.inForce());
        return v == null ? Policy.DEFAULT_TEXT : v.text();
    }

    /** Saves the text of an older version again, as the newest. */
    public PolicyState rollBackPolicy(Actor actor, long version) throws Refused, InvalidPolicy {
        PolicyVersion old = policyVersion(version);
        if (old == null && version != 0) {
            throw Refused.notFound("no policy version " + version);
        }
        String text = old == null ? Policy.DEFAULT_TEXT : old.text(); // 0: the built-in default
        return setPolicy(actor, text, null, "roll back to version " + version);
    }

    /** Points a device name that the policy uses to a node, e.g. after a device was replaced. */
    public void bindDeviceName(Actor actor, String name, long node) throws Refused {
        runAs(actor, (d, who) -> Policies.rebind(d, who, name, node));
    }

    /** Saved policies, the newest first. */
    public List<PolicyVersion> policyHistory(int limit) throws Refused {
        return read(() -> journal.policies(limit));
    }

    public @Nullable PolicyVersion policyVersion(long version) throws Refused {
        return read(() -> journal.policy(version));
    }

    /** Audit rows before {@code beforeId}, the newest first; Long.MAX_VALUE for the newest. */
    public List<AuditEntry> audit(long beforeId, int limit) throws Refused {
        return read(() -> journal.audit(beforeId, limit));
    }

    /** A shelf of its own for another room; {@code name} is lower case, e.g. {@code sessions}. */
    public Shelf shelf(String name) {
        return new ShelfOf(this, name);
    }

    /** Why changes cannot be stored at the moment, null when they can. */
    public @Nullable String storeTrouble() {
        return writer.trouble();
    }

    /** How often changes could not be stored. */
    public long notStored() {
        return writer.notStored();
    }

    /** Does what time demands; called about once a second. */
    public void tick() {
        housekeeping.tick();
    }

    int waitersOf(String loginId) {
        return logins.waitersOf(loginId);
    }

    Map<String, String> shelfEntries(String name) {
        HashTrie<String, String> s = snapshot().parts.shelves().get(name);
        Map<String, String> out = new TreeMap<>();
        if (s != null) {
            s.forEach(out::put);
        }
        return out;
    }

    private interface Action {
        void run(Draft d, Actor who) throws Refused;
    }

    private interface Doing<T> {
        T run(Draft d, Actor who) throws Refused;
    }

    private interface Reading<T extends @Nullable Object> {
        T read() throws IOException;
    }

    /** Runs a command for {@code actor} with the role that it has by then. */
    private <T> T as(Actor actor, Doing<T> doing) throws Refused {
        return call(d -> doing.run(d, Access.current(d, actor)));
    }

    private void runAs(Actor actor, Action action) throws Refused {
        as(
                actor,
                (d, who) -> {
                    action.run(d, who);
                    return true;
                });
    }

    private static <T extends @Nullable Object> T read(Reading<T> reading) throws Refused {
        try {
            return reading.read();
        } catch (IOException e) {
            throw new Refused(
                    Refused.Code.UNAVAILABLE, "the store cannot be read: " + e.getMessage());
        }
    }

    /** Finishes what is at work and closes the journal. */
    @Override
    public void close() throws IOException {
        writer.close();
        journal.close();
    }
}
