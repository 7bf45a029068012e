package hearth.ts2021;

import hearth.base.IpAddress;
import hearth.crypto.MachineKey;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How often one machine, and all machines at one address, may be refused at registration, or have
 * something written into the audit log, before they have to wait. Success costs nothing, so a
 * thousand devices behind one router come in; the number of remembered callers is bounded, the one
 * unseen longest is forgotten. Safe for all threads.
 */
final class RegisterLimit {
    private static final int MACHINE_BURST = 20;
    private static final long MACHINE_EACH_NANOS = 3_000_000_000L;
    private static final int ADDRESS_BURST = 500;
    private static final long ADDRESS_EACH_NANOS = 200_000_000L;
    private static final int MAX_CALLERS = 10_000;

    /** Caller to the time, by nanoTime, at which his bucket would be full again. */
    private final Map<Object, Long> fullAt = new LinkedHashMap<>(16, 0.75f, true);

    /** Seconds that the caller must wait; 0 when it may go on. */
    synchronized int waitSeconds(MachineKey machine, IpAddress remote, long nowNanos) {
        long nanos =
                Math.max(
                        wait(machine, MACHINE_BURST * MACHINE_EACH_NANOS, nowNanos),
                        wait(remote, ADDRESS_BURST * ADDRESS_EACH_NANOS, nowNanos));
        return nanos <= 0 ? 0 : (int) Math.ceilDiv(nanos, 1_000_000_000L);
    }

    private long wait(Object caller, long burstNanos, long nowNanos) {
        Long full = fullAt.get(caller);
        return full == null ? 0 : full - nowNanos - burstNanos;
    }

    /** Counts a refusal, or what else is limited. */
    synchronized void count(MachineKey machine, IpAddress remote, long nowNanos) {
        take(machine, MACHINE_EACH_NANOS, nowNanos);
        take(remote, ADDRESS_EACH_NANOS, nowNanos);
    }

    private void take(Object caller, long eachNanos, long nowNanos) {
        Long full = fullAt.get(caller);
        long from = full == null || full - nowNanos < 0 ? nowNanos : full;
        fullAt.put(caller, from + eachNanos);
        if (fullAt.size() > MAX_CALLERS) {
            Iterator<Object> eldest = fullAt.keySet().iterator();
            eldest.next();
            eldest.remove();
        }
    }
}
