package hearth.tailnet;

import hearth.base.IpAddress;
import hearth.base.IpPrefix;
import hearth.base.Refused;
import hearth.policy.Device;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Hands out the tailnet addresses. A node's IPv6 address is its IPv4 address in the last 32 bits of
 * fd7a:115c:a1e0::/96, so both are unique together.
 */
final class Addresses {
    static final IpPrefix V4 = IpPrefix.parse("100.64.0.0/10");
    static final IpPrefix V6 = IpPrefix.parse("fd7a:115c:a1e0::/48");

    /** How long a removed node's addresses rest. */
    static final Duration REST = Duration.ofDays(30);

    /** MagicDNS and other services of the client; ChromeOS uses the last one for its own VMs. */
    private static final List<IpPrefix> RESERVED =
            List.of(
                    IpPrefix.parse("100.64.0.0/32"),
                    IpPrefix.parse("100.100.0.0/24"),
                    IpPrefix.parse("100.100.100.0/24"),
                    IpPrefix.parse("100.115.92.0/23"),
                    IpPrefix.parse("100.127.255.255/32"));

    private Addresses() {}

    /** The next free IPv4 address after the one that was handed out last; it wraps. */
    static IpAddress next(Draft d) throws Refused {
        Snapshot.Parts p = d.view().parts;
        IpAddress first = V4.first();
        IpAddress at = p.counters().v4() == 0 ? first : IpAddress.v4((int) p.counters().v4());
        for (long tries = 0; tries < 1L << 22; tries++) {
            at = at.equals(V4.last()) ? first : at.next();
            if (free(d, p, at)) {
                d.lastV4(at.low());
                return at;
            }
        }
        throw new Refused(Refused.Code.UNAVAILABLE, "no free address in " + V4);
    }

    /**
     * An address for a device to come: of the pools that the policy gives it, else the next one.
     * The device's own addresses do not matter.
     */
    static IpAddress forDevice(Draft d, Device device) throws Refused {
        List<IpPrefix> pools = d.view().compiled().ipPools(device);
        if (pools.isEmpty()) {
            return next(d);
        }
        Snapshot.Parts p = d.view().parts;
        for (IpPrefix pool : pools) {
            for (IpAddress at = pool.first(); ; at = at.next()) {
                if (free(d, p, at)) {
                    return at;
                }
                if (at.equals(pool.last())) {
                    break;
                }
            }
        }
        throw new Refused(
                Refused.Code.UNAVAILABLE, "no free address in the policy's ipPool " + pools);
    }

    private static boolean free(Draft d, Snapshot.Parts p, IpAddress a) {
        if (p.byAddress().get(a) != null) {
            return false;
        }
        for (IpPrefix r : RESERVED) {
            if (r.contains(a)) {
                return false;
            }
        }
        Instant since = p.freed().get(a);
        if (since == null) {
            return true;
        }
        if (since.plus(REST).isAfter(d.now)) {
            return false;
        }
        d.freed(a, null);
        return true;
    }

    /** The IPv6 address that goes with {@code v4}. */
    static IpAddress v6(IpAddress v4) {
        return new IpAddress(false, V6.first().high(), v4.low());
    }
}
