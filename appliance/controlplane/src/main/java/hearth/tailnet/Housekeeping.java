package hearth.tailnet;

import hearth.base.Refused;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What time alone brings about: absence is told, keys expire, ephemeral nodes go, logins run out,
 * dead auth keys are forgotten. A tick without anything due costs a walk over the nodes.
 */
final class Housekeeping {
    private static final Duration SEEN_EVERY = Duration.ofMinutes(5);
    private static final int MAX_HOMES = 1000;
    private static final Duration TIDY_EVERY = Duration.ofHours(1);

    /** Between ticks; they come every second. */
    private static final Duration LONGEST_GAP = Duration.ofMinutes(5);

    private final Tailnet tailnet;
    private final Liveness liveness;
    private final Logins logins;
    private final TailnetOptions options;
    private volatile Instant watched; // since when absences are seen; the writer reads it
    private Instant ticked; // guarded by this, like the next two
    private Instant seenWritten;
    private Instant tidied;

    Housekeeping(
            Tailnet tailnet,
            Liveness liveness,
            Logins logins,
            TailnetOptions options,
            Instant now) {
        this.tailnet = tailnet;
        this.liveness = liveness;
        this.logins = logins;
        this.options = options;
        this.watched = now;
        this.ticked = now;
        this.seenWritten = now;
        this.tidied = now;
    }

    synchronized void tick() {
        Instant now = options.clock().instant();
        noticeJump(now);
        Snapshot s = tailnet.snapshot();
        List<Liveness.Seen> gone = liveness.goneBy(now);
        boolean seen = due(seenWritten, SEEN_EVERY, now);
        boolean tidy = due(tidied, TIDY_EVERY, now);
        boolean nodes =
                s.nodes().stream()
                        .anyMatch(n -> n.expired() != n.expiredAt(now) || over(s, n, now));
        if (gone.isEmpty() && !seen && !tidy && !nodes && !Logins.due(s, now)) {
            return;
        }
        try {
            tailnet.call(
                    d -> {
                        gone.forEach(g -> absent(d, g));
                        for (Node n : d.view().nodes()) {
                            time(d, n);
                        }
                        if (seen) {
                            d.view().nodes().forEach(n -> seen(d, n));
                        }
                        if (tidy) {
                            AuthKeys.tidy(d);
                            forget(d);
                        }
                        logins.tidy(d);
                        return true;
                    });
        } catch (Refused _) {
            return; // stopping, or the store is full: the next tick tries again
        }
        seenWritten = seen ? now : seenWritten;
        tidied = tidy ? now : tidied;
    }

    /**
     * When the clock was set, or the machine slept, absences are counted anew: nobody has had the
     * time that went by. A machine without a clock of its own starts with an old one.
     */
    private void noticeJump(Instant now) {
        if (now.isAfter(ticked.plus(LONGEST_GAP))) {
            watched = now;
        } else if (now.isBefore(ticked)) {
            watched = now;
            seenWritten = now;
            tidied = now;
        }
        ticked = now;
    }

    private static boolean due(Instant last, Duration every, Instant now) {
        return !last.plus(every).isAfter(now);
    }

    private void absent(Draft d, Liveness.Seen gone) {
        boolean there = liveness.connected(gone.node());
        if (!there && d.view().presence(gone.node()).online()) {
            d.presence(gone.node(), new Presence(false, gone.at()));
        }
    }

    private void time(Draft d, Node n) {
        Node timed = Devices.expired(n, d.now);
        if (!timed.equals(n)) {
            d.put(timed);
        }
        if (over(d.view(), n, d.now)) {
            d.remove(n);
            d.audit(Audit.node(d, Actor.SYSTEM, "DELETE", n).details("ephemeral, gone"));
        }
    }

    /** Whether an ephemeral node has been away for too long. */
    private boolean over(Snapshot s, Node n, Instant now) {
        if (!n.ephemeral() || s.presence(n.id()).online() || liveness.connected(n.id())) {
            return false;
        }
        Instant since = later(later(watched, n.created()), s.presence(n.id()).lastSeen());
        return !since.plus(options.ephemeralTimeout()).isAfter(now);
    }

    private static Instant later(Instant a, @Nullable Instant b) {
        return b == null || a.isAfter(b) ? a : b;
    }

    /** Addresses that have rested, and homes of machines that are long gone (fleets of CI jobs). */
    private static void forget(Draft d) {
        Snapshot s = d.view();
        s.parts
                .freed()
                .forEach(
                        (address, since) -> {
                            if (!since.plus(Addresses.REST).isAfter(d.now)) {
                                d.freed(address, null);
                            }
                        });
        if (s.parts.homes().size() > MAX_HOMES + 2 * s.nodeCount()) {
            s.parts
                    .homes()
                    .forEach(
                            (machine, _) -> {
                                if (s.nodesOf(machine).isEmpty()) {
                                    d.home(machine, 0);
                                }
                            });
        }
    }

    private static void seen(Draft d, Node n) {
        if (d.view().presence(n.id()).online()) {
            d.seen(n.id());
        }
    }
}
