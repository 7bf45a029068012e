package hearth.disco;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** One address at which a peer might be reached, and why we think so. Confined to one thread. */
final class Candidate {
    static final long FORGET_PING_NANOS = PathFinder.SESSION_ACTIVE_NANOS;

    final InetSocketAddress address;
    boolean inMap;
    boolean inCallMeMaybe;

    /** When a ping last came from it; meaningful if {@link #lastPing} is not null. */
    long pingedUsNanos;

    @Nullable TxId lastPing;
    boolean hasBeenPinged;
    long pingedNanos;

    Candidate(InetSocketAddress address) {
        this.address = address;
    }

    boolean isWanted(long nowNanos) {
        return inMap
                || inCallMeMaybe
                || (lastPing != null && nowNanos - pingedUsNanos < FORGET_PING_NANOS);
    }

    boolean mayBePinged(long nowNanos) {
        return !hasBeenPinged || nowNanos - pingedNanos >= PathFinder.DISCO_PING_INTERVAL_NANOS;
    }

    /**
     * Whether {@code a} with its latency is so much better than {@code b} that it is worth a change
     * (tailscale/tailscale magicsock betterAddr): each gets the percentage by which it is faster
     * and a bonus for its kind; a gain of one point is noise.
     */
    static boolean better(InetSocketAddress a, long latencyA, InetSocketAddress b, long latencyB) {
        int pointsA = bonus(a);
        int pointsB = bonus(b);
        if (latencyA < latencyB && latencyB > 0) {
            pointsA += (int) (100 - latencyA * 100 / latencyB);
        } else if (latencyA > 0) {
            pointsB += (int) (100 - latencyB * 100 / latencyA);
        }
        return pointsA > pointsB && !(pointsA <= 1 && pointsB == 0);
    }

    private static int bonus(InetSocketAddress address) {
        InetAddress a = address.getAddress();
        int points = a.getAddress().length == 16 ? 10 : 0;
        if (a.isLoopbackAddress()) {
            return points + 50;
        }
        if (a.isLinkLocalAddress()) {
            return points + 30;
        }
        return isPrivate(a) ? points + 20 : points;
    }

    private static boolean isPrivate(InetAddress a) {
        byte[] b = a.getAddress();
        return (a.isSiteLocalAddress() && b.length == 4) // RFC 1918
                || (b.length == 16 && (b[0] & 0xfe) == 0xfc); // RFC 4193
    }
}
