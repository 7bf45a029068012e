package hearth.disco;

import hearth.crypto.DiscoKey;
import hearth.crypto.NaclBox;
import hearth.crypto.NodeKey;
import hearth.crypto.SecretKey;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a {@link PathFinder} knows of one peer. Confined to one thread. */
final class Target {
    private static final int MAX_CANDIDATES = 100;

    final NodeKey key;
    final Map<InetSocketAddress, Candidate> candidates = new LinkedHashMap<>();
    @Nullable DiscoKey disco;
    private @Nullable NaclBox box;

    @Nullable InetSocketAddress best;
    long bestLatencyNanos;
    long trustUntilNanos; // meaningful with a best

    boolean active; // data was sent within SESSION_ACTIVE_NANOS
    long sentNanos;
    long heartbeatNanos; // when the next one is due, meaningful while active
    boolean everDiscovered;
    long discoveredNanos;

    Target(NodeKey key) {
        this.key = key;
    }

    /** The box with the peer's disco key, computed at its first use; null without a usable key. */
    @Nullable NaclBox box(SecretKey own) {
        DiscoKey d = disco;
        if (box == null && d != null) {
            box = NaclBox.between(own, d);
        }
        return box;
    }

    boolean isTrusted(long nowNanos) {
        return best != null && nowNanos - trustUntilNanos < 0;
    }

    /** Takes over what the map says; true when the peer's disco key has been replaced. */
    boolean update(PathPeer from, long nowNanos) {
        DiscoKey before = disco;
        boolean replaced = before != null && !before.equals(from.disco());
        if (before == null || replaced) {
            disco = from.disco();
            if (box != null) {
                box.close();
                box = null;
            }
        }
        if (replaced) {
            candidates.clear();
            best = null;
            everDiscovered = false;
        }
        setListed(from.endpoints(), nowNanos, true);
        return replaced;
    }

    /** Makes {@code listed} the addresses of the map, or of the last CallMeMaybe. */
    void setListed(Collection<InetSocketAddress> listed, long nowNanos, boolean byMap) {
        for (Candidate c : candidates.values()) {
            mark(c, byMap, false);
        }
        for (InetSocketAddress a : listed) {
            mark(candidate(a), byMap, true);
        }
        prune(nowNanos);
    }

    private static void mark(Candidate c, boolean byMap, boolean on) {
        if (byMap) {
            c.inMap = on;
        } else {
            c.inCallMeMaybe = on;
        }
    }

    Candidate candidate(InetSocketAddress address) {
        return candidates.computeIfAbsent(address, Candidate::new);
    }

    /** Forgets candidates that nothing speaks for; true when the best one was among them. */
    boolean prune(long nowNanos) {
        candidates.values().removeIf(c -> !c.isWanted(nowNanos));
        if (candidates.size() > MAX_CANDIDATES) {
            List<InetSocketAddress> all = List.copyOf(candidates.keySet());
            all.subList(0, all.size() - MAX_CANDIDATES).stream()
                    .filter(a -> !a.equals(best))
                    .forEach(candidates::remove);
        }
        if (best != null && !candidates.containsKey(best)) {
            best = null;
            return true;
        }
        return false;
    }
}
