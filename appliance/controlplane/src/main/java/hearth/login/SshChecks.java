package hearth.login;

import hearth.base.IpAddress;
import hearth.base.Refused;
import hearth.login.SshCheck.State;
import hearth.tailnet.Actor;
import hearth.tailnet.Node;
import hearth.tailnet.Role.Right;
import hearth.tailnet.Shelf;
import hearth.tailnet.Shelf.Note;
import hearth.tailnet.Snapshot;
import hearth.tailnet.Tailnet;
import hearth.tailnet.User;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * SSH check mode: a session that a {@code check} rule concerns is let in once the owner of the
 * device it comes from has proved on a page to be there. The proof holds for this pair of devices
 * as long as the rule's {@code checkPeriod}, also over a restart. Whom a rule concerns is read from
 * the policy at every step, never from what a device says. Safe for many threads.
 *
 * <p>Shelf {@code ssh-checks}: {@code SOURCE DESTINATION} (stable ids) to login and time of the
 * last proof, a line each.
 */
public final class SshChecks {
    /** How long a session waits for its person; a login request lives as long. */
    static final Duration LIFE = Duration.ofMinutes(15);

    /** A device that waits asks again at once: after this it does not any more. */
    static final Duration QUIET = Duration.ofMinutes(1);

    /** A sign-in at most this long before the session is proof enough. */
    static final Duration FRESH = Duration.ofMinutes(10);

    static final int MAX_A_PAIR = 20;
    private static final int MAX = 1000;
    private static final Duration LONGEST_PERIOD = Duration.ofDays(7); // the policy's own limit
    private static final Logger LOG = System.getLogger(SshChecks.class.getName());

    /** What a destination is told. */
    public sealed interface Answer {
        /**
         * It goes on.
         *
         * @param message for the person, empty when there is nothing to say
         */
        record Let(String message) implements Answer {}

        /** It ends with {@code message}. */
        record Refuse(String message) implements Answer {}

        /**
         * It waits: ask again under {@code id}.
         *
         * @param message for the person, empty when it was said before
         */
        record Hold(String id, String message) implements Answer {}
    }

    /** What the policy makes of a pair at this moment. */
    private record Claim(Node source, Node destination, User owner, Duration period) {
        String key() {
            return source.stableId() + " " + destination.stableId();
        }
    }

    /** A waiting session; guarded by {@link #lock} but for the future. */
    private static final class Entry {
        final SshCheck check;
        final CompletableFuture<Boolean> decision = new CompletableFuture<>();
        int waiters;
        Instant asked;
        boolean used;

        Entry(SshCheck check) {
            this.check = check;
            this.asked = check.created();
        }

        boolean concerns(long source, long destination, String localUser) {
            return check.source() == source
                    && check.destination() == destination
                    && check.localUser().equals(localUser);
        }
    }

    private final Tailnet tailnet;
    private final Logins logins;
    private final Shelf proofs;
    private final Supplier<String> pageBase;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Entry> entries = new LinkedHashMap<>(); // oldest first

    /**
     * @param pageBase where people's pages are, without a slash at the end
     * @param random a cryptographic source
     */
    public SshChecks(
            Tailnet tailnet,
            Logins logins,
            Supplier<String> pageBase,
            InstantSource clock,
            RandomGenerator random) {
        this.tailnet = tailnet;
        this.logins = logins;
        this.proofs = tailnet.shelf("ssh-checks");
        this.pageBase = pageBase;
        this.clock = clock;
        this.random = random;
    }

    // ---- the destination asks

    /** A session from {@code source} wants in; the caller is the destination. */
    public Answer ask(long source, long destination, String localUser) {
        try {
            Claim claim = claim(source, destination, localUser);
            return proved(claim) ? new Answer.Let("") : open(claim, localUser);
        } catch (Refused e) {
            return new Answer.Refuse(line("SSH is refused: " + e.text()));
        }
    }

    /**
     * Waits at most {@code longest} for the decision on session {@code id}. One that is not known
     * (any more) begins anew.
     *
     * @throws Refused it is another device's, or about another session
     */
    public Answer await(
            String id, long source, long destination, String localUser, Duration longest)
            throws Refused, InterruptedException {
        Entry e = find(id, source, destination, localUser);
        if (e == null) {
            return ask(source, destination, localUser);
        }
        Boolean yes = decision(e, longest);
        try {
            Claim claim = claim(source, destination, localUser);
            if (yes == null) {
                boolean late = !e.check.created().plus(LIFE).isAfter(clock.instant());
                if (late) {
                    forget(id);
                    throw Refused.forbidden("nobody confirmed it in time");
                }
                return proved(claim) ? new Answer.Let("") : new Answer.Hold(id, "");
            }
            if (!yes || !claim.owner().login().equals(e.check.owner())) {
                throw Refused.forbidden("it was not confirmed");
            }
            return use(e)
                    ? new Answer.Let(line("Confirmed by " + e.check.owner() + "."))
                    : ask(source, destination, localUser);
        } catch (Refused r) {
            return new Answer.Refuse(line("SSH is refused: " + r.text()));
        }
    }

    private @Nullable Entry find(String id, long source, long destination, String localUser)
            throws Refused {
        lock.lock();
        try {
            Entry e = entries.get(id);
            if (e != null && !e.concerns(source, destination, localUser)) {
                throw Refused.forbidden("this is another session");
            }
            return e == null || e.used ? null : e;
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Boolean decision(Entry e, Duration longest) throws InterruptedException {
        waits(e, 1);
        try {
            return e.decision.get(longest.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException _) {
            return null;
        } catch (ExecutionException x) {
            throw new IllegalStateException(x.getCause());
        } finally {
            waits(e, -1);
        }
    }

    private void waits(Entry e, int change) {
        lock.lock();
        try {
            e.waiters += change;
            e.asked = clock.instant();
        } finally {
            lock.unlock();
        }
    }

    /** A confirmation lets one session in, whoever knows its id. */
    private boolean use(Entry e) {
        lock.lock();
        try {
            boolean first = !e.used;
            e.used = true;
            return first;
        } finally {
            lock.unlock();
        }
    }

    private Answer open(Claim claim, String localUser) throws Refused {
        var bytes = new byte[16];
        random.nextBytes(bytes);
        String id = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        var check =
                new SshCheck(
                        id,
                        claim.source().id(),
                        claim.destination().id(),
                        localUser,
                        claim.owner().login(),
                        claim.period(),
                        clock.instant(),
                        State.WAITING);
        lock.lock();
        try {
            Instant dead = clock.instant().minus(LIFE.multipliedBy(2));
            entries.values().removeIf(e -> !e.check.created().isAfter(dead));
            if (waiting(check).size() >= MAX_A_PAIR) {
                throw Refused.forbidden("too many sessions wait for a confirmation already");
            }
            if (entries.size() >= MAX) {
                entries.remove(entries.keySet().iterator().next());
            }
            entries.put(id, new Entry(check));
        } finally {
            lock.unlock();
        }
        return new Answer.Hold(
                id,
                line("This SSH session waits for a confirmation by " + check.owner() + ".")
                        + line("To confirm it, open " + pageBase.get() + "/ssh/" + id));
    }

    /** Undecided sessions of the same pair; the lock is held. */
    private List<Entry> waiting(SshCheck like) {
        List<Entry> out = new ArrayList<>();
        for (Entry e : entries.values()) {
            if (e.check.source() == like.source()
                    && e.check.destination() == like.destination()
                    && state(e) == State.WAITING) {
                out.add(e);
            }
        }
        return out;
    }

    private void forget(String id) {
        lock.lock();
        try {
            entries.remove(id);
        } finally {
            lock.unlock();
        }
    }

    private static String line(String text) {
        return "# " + text + "\n";
    }

    // ---- what the policy says

    private Claim claim(long source, long destination, String localUser) throws Refused {
        if (!localUser.matches("[^\\p{Cntrl}\\p{Cf}]{1,64}")) {
            throw Refused.invalid("this is not the name of an account");
        }
        Snapshot now = tailnet.snapshot();
        Node from = now.node(source);
        Node to = now.node(destination);
        if (from == null || to == null || from.expired() || !from.authorized()) {
            throw Refused.notFound("the device it comes from is not in this network");
        }
        if (now.compiled().sshUnrecorded(source, destination, localUser)) {
            throw Refused.forbidden("it must be recorded, and this network has no recorder for it");
        }
        if (from.isTagged()) {
            throw Refused.forbidden(from.name() + " belongs to nobody who could confirm it");
        }
        User owner = now.userOf(from);
        if (owner.suspended()) {
            throw Refused.forbidden(owner.login() + " is suspended");
        }
        Duration period = now.compiled().sshCheckPeriod(source, destination, localUser);
        if (period == null) {
            throw Refused.forbidden("the access policy does not allow it");
        }
        return new Claim(from, to, owner, period);
    }

    private boolean proved(Claim claim) {
        String stored = proofs.get(claim.key());
        if (stored == null || claim.period().isZero()) {
            return false;
        }
        String[] f = stored.split("\n", -1);
        return f.length == 2
                && f[0].equals(claim.owner().login())
                && proofTime(f[1]).plus(claim.period()).isAfter(clock.instant());
    }

    private static Instant proofTime(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeException _) {
            return Instant.EPOCH;
        }
    }

    // ---- its person decides

    /** The session that a page is about; empty when it is not known (any more). */
    public Optional<SshCheck> find(String id) {
        lock.lock();
        try {
            Entry e = entries.get(id);
            return e == null ? Optional.empty() : Optional.of(shown(e));
        } finally {
            lock.unlock();
        }
    }

    private SshCheck shown(Entry e) {
        SshCheck c = e.check;
        return new SshCheck(
                c.id(),
                c.source(),
                c.destination(),
                c.localUser(),
                c.owner(),
                c.period(),
                c.created(),
                state(e));
    }

    private State state(Entry e) {
        if (e.decision.isDone()) {
            return e.decision.join() ? State.CONFIRMED : State.REFUSED;
        }
        Instant now = clock.instant();
        boolean late = !e.check.created().plus(LIFE).isAfter(now);
        boolean left = e.waiters == 0 && !e.asked.plus(QUIET).isAfter(now);
        return late || left ? State.GONE : State.WAITING;
    }

    /**
     * Whether the sign-in behind {@code session} is too old to prove who is there now: the page
     * asks for the password again. Where every session is checked, so is every sign-in.
     */
    public boolean needsPassword(SshCheck check, Session session) {
        Duration fresh = check.period().compareTo(FRESH) < 0 ? check.period() : FRESH;
        return session.created().isBefore(check.created().minus(fresh));
    }

    /**
     * The owner of the source confirms.
     *
     * @param password looked at only where {@link #needsPassword}
     * @return empty when it is done; else why the password was not taken
     */
    public Optional<SignIn.Refusal> confirm(
            Actor actor, String id, Session session, String password, IpAddress from)
            throws Refused {
        Entry e = undecided(id);
        SshCheck check = e.check;
        Claim claim = claim(check.source(), check.destination(), check.localUser());
        String owner = claim.owner().login();
        if (!owner.equals(actor.login())
                || !owner.equals(session.login())
                || !owner.equals(check.owner())) {
            throw Refused.forbidden("only " + check.owner() + " can confirm this session");
        }
        if (needsPassword(check, session)) {
            Optional<SignIn.Refusal> refusal = logins.refusePassword(owner, password, from);
            if (refusal.isPresent()) {
                return refusal;
            }
        }
        Instant now = clock.instant();
        proofs.update(claim.key(), note(actor, "APPROVE", check), _ -> owner + "\n" + now);
        decide(e, true);
        sweep(now);
        return Optional.empty();
    }

    /** The owner of the source, or who looks after devices, says no. */
    public void refuse(Actor actor, String id) throws Refused {
        Entry e = undecided(id);
        if (!mayRefuse(actor, e.check)) {
            throw Refused.forbidden("only " + e.check.owner() + " can refuse this session");
        }
        proofs.update("refused", note(actor, "REFUSE", e.check), was -> was);
        decide(e, false);
    }

    /** Whether {@code actor} may see the session and say no to it. */
    public static boolean mayRefuse(Actor actor, SshCheck check) {
        return actor.login().equals(check.owner()) || actor.role().may(Right.DEVICES);
    }

    private Entry undecided(String id) throws Refused {
        lock.lock();
        try {
            Entry e = entries.get(id);
            if (e == null || state(e) != State.WAITING) {
                throw Refused.notFound("no SSH session waits here any more");
            }
            return e;
        } finally {
            lock.unlock();
        }
    }

    private void decide(Entry decided, boolean yes) {
        List<Entry> all = new ArrayList<>(List.of(decided));
        lock.lock();
        try {
            for (Entry e : waiting(decided.check)) {
                boolean covered = yes && !e.check.period().isZero();
                if (covered && e != decided && !decided.check.period().isZero()) {
                    all.add(e); // the same person, the same pair: it would be let in anyway
                }
            }
        } finally {
            lock.unlock();
        }
        all.forEach(e -> e.decision.complete(yes));
        LOG.log(
                Level.INFO,
                "ssh check decided source={0} destination={1} user={2} confirmed={3}",
                decided.check.source(),
                decided.check.destination(),
                decided.check.localUser(),
                yes);
    }

    private Note note(Actor actor, String action, SshCheck check) {
        Snapshot now = tailnet.snapshot();
        Node from = now.node(check.source());
        Node to = now.node(check.destination());
        return new Note(
                actor,
                action,
                "NODE",
                to == null ? Long.toString(check.destination()) : to.name(),
                "SSH session as "
                        + check.localUser()
                        + " from "
                        + (from == null ? Long.toString(check.source()) : from.name())
                        + " of "
                        + check.owner());
    }

    /** Drops proofs that no period can reach back to. */
    private void sweep(Instant now) throws Refused {
        for (Map.Entry<String, String> e : proofs.all().entrySet()) {
            String time = e.getValue().substring(e.getValue().indexOf('\n') + 1);
            if (!proofTime(time).plus(LONGEST_PERIOD).isAfter(now)) {
                proofs.put(e.getKey(), null);
            }
        }
    }
}
