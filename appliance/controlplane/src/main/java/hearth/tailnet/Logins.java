package hearth.tailnet;

import hearth.base.Refused;
import hearth.crypto.MachineKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Devices that wait for a person. There is one entry for each machine key, whatever node keys it
 * tries meanwhile: the link that was printed first stays good.
 */
final class Logins {
    static final Duration LIFE = Duration.ofMinutes(15);

    /** Unauthenticated devices make entries: the oldest gives way. */
    static final int MAX = 1000;

    private static final int ID_LENGTH = 26; // base 32: 130 bits
    private static final int CODE_LENGTH = 8;

    private final RandomGenerator random;
    private final Supplier<String> pageBase;

    /** Those that wait for the decision on an entry; completed by the writer. */
    private final Map<String, CompletableFuture<Decision>> waiting = new ConcurrentHashMap<>();

    /** The newest request of each entry. */
    private final Map<String, RegisterFacts> facts = new ConcurrentHashMap<>();

    /** How entries ended of late: a client may ask once more. */
    private final Map<String, Ended> ended = new ConcurrentHashMap<>();

    private record Ended(MachineKey machine, Decision decision, Instant time) {}

    /** How it ended. */
    sealed interface Decision {
        record Approved(long node) implements Decision {}

        record Denied(String text) implements Decision {}

        record Gone() implements Decision {}
    }

    Logins(RandomGenerator random, Supplier<String> pageBase) {
        this.random = random;
        this.pageBase = pageBase;
    }

    /** The machine's entry with the newest node key, made if there is none. */
    PendingLogin open(Draft d, RegisterFacts f) {
        PendingLogin was = ofMachine(d.view(), f);
        PendingLogin p = was == null ? fresh(d, f) : was;
        PendingLogin next =
                new PendingLogin(
                        p.id(),
                        p.code(),
                        shown(f.hostinfo().hostname()),
                        shown(f.hostinfo().os()),
                        f.remote(),
                        f.nodeKey(),
                        f.machine(),
                        p.created(),
                        p.url(),
                        Tags.normal(f.hostinfo().requestTags()));
        facts.put(next.id(), f);
        if (!next.equals(was)) {
            d.put(next);
        }
        return next;
    }

    private static @Nullable PendingLogin ofMachine(Snapshot s, RegisterFacts f) {
        for (PendingLogin p : s.logins()) {
            if (p.machine().equals(f.machine())) {
                return p;
            }
        }
        return null;
    }

    private PendingLogin fresh(Draft d, RegisterFacts f) {
        List<PendingLogin> all = d.view().logins();
        if (all.size() >= MAX) {
            end(d, all.getFirst(), new Decision.Gone());
        }
        String id = Secrets.base32(random, ID_LENGTH);
        String code = Secrets.base32(random, CODE_LENGTH);
        return new PendingLogin(
                id,
                code.substring(0, 4) + "-" + code.substring(4),
                "",
                "",
                f.remote(),
                f.nodeKey(),
                f.machine(),
                d.now,
                pageBase.get() + "/join/" + id,
                List.of());
    }

    /** What comes out of the entry that {@code url} names; null when there is none (any more). */
    @Nullable CompletableFuture<Decision> decision(Draft d, RegisterFacts f, String url) {
        String id = url.substring(url.lastIndexOf('/') + 1);
        PendingLogin p = d.view().login(id);
        if (p == null) {
            Ended e = ended.get(id);
            return e != null && e.machine.equals(f.machine())
                    ? CompletableFuture.completedFuture(e.decision)
                    : null;
        }
        if (!p.machine().equals(f.machine())) {
            return null;
        }
        open(d, f);
        return waiting.computeIfAbsent(p.id(), _ -> new CompletableFuture<>());
    }

    /** Ends an entry: those that wait for it are answered once the draft is stored. */
    void end(Draft d, PendingLogin p, Decision decision) {
        d.removeLogin(p.id());
        d.afterwards(() -> facts.remove(p.id()));
        d.afterwards(
                () -> {
                    if (!(decision instanceof Decision.Gone) && ended.size() < MAX) {
                        ended.put(p.id(), new Ended(p.machine(), decision, d.now));
                    }
                    CompletableFuture<Decision> f = waiting.remove(p.id());
                    if (f != null) {
                        f.complete(decision);
                    }
                });
    }

    /** The newest request of {@code p}. */
    RegisterFacts facts(PendingLogin p) {
        RegisterFacts f = facts.get(p.id());
        if (f == null) {
            throw new IllegalStateException("login " + p.id() + " without a request");
        }
        return f;
    }

    /** The machine came in by another way: who still waits for a person is in as well. */
    void superseded(Draft d, MachineKey machine, Node n) {
        for (PendingLogin p : d.view().logins()) {
            if (p.machine().equals(machine)) {
                end(d, p, new Decision.Approved(n.id()));
            }
        }
    }

    void refuse(Draft d, Actor actor, String idOrCode) throws Refused {
        Access.need(actor, Role.Right.DEVICES);
        PendingLogin p = find(d, idOrCode);
        end(d, p, new Decision.Denied("the login was refused by an administrator"));
        d.audit(
                Audit.row(d, actor, "CANCEL", "NODE", p.nodeKey().toString(), p.hostname())
                        .details("login refused, code " + p.code()));
    }

    static PendingLogin find(Draft d, String idOrCode) throws Refused {
        PendingLogin p = d.view().login(idOrCode);
        if (p == null) {
            throw Refused.notFound("no login \"" + idOrCode + "\" waits: it may have run out");
        }
        return p;
    }

    /** Drops what has waited too long. */
    void tidy(Draft d) {
        ended.values().removeIf(e -> !e.time.plus(LIFE).isAfter(d.now));
        for (PendingLogin p : d.view().logins()) {
            if (!p.created().plus(LIFE).isAfter(d.now)) {
                end(d, p, new Decision.Gone());
            }
        }
    }

    /** Whether an entry has waited too long. */
    static boolean due(Snapshot s, Instant now) {
        return s.parts.logins().size() > 0
                && s.logins().stream()
                        .min(Comparator.comparing(PendingLogin::created))
                        .map(p -> !p.created().plus(LIFE).isAfter(now))
                        .orElse(false);
    }

    /** How many requests wait for the decision on an entry. */
    int waitersOf(String id) {
        CompletableFuture<Decision> f = waiting.get(id);
        return f == null ? 0 : f.getNumberOfDependents();
    }

    private static String shown(String told) {
        String t = told.replaceAll("[\\p{Cntrl}\\p{Cf}]", "");
        return t.length() > 100 ? t.substring(0, 100) : t;
    }
}
