package hearth.ts2021;

import hearth.base.IpAddress;
import hearth.crypto.MachineKey;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * One client's Noise connection as the handlers see it: who it is, and when one of its requests or
 * the whole of it has ended.
 */
public final class MachineConnection {
    private static final int BODIES = 64; // on their way at once

    private final String id;
    private final MachineKey machine;
    private final int version;
    private final IpAddress remote;
    private final NoisePipe pipe;
    private final ControlCounters counters;
    private final Semaphore bodyPlaces = new Semaphore(BODIES);
    private final ConcurrentHashMap<Integer, Long> bodies = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Integer, Runnable> resets = new ConcurrentHashMap<>();
    private final Set<Runnable> endings = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    MachineConnection(
            String id,
            MachineKey machine,
            int version,
            IpAddress remote,
            NoisePipe pipe,
            ControlCounters counters) {
        this.counters = counters;
        this.id = id;
        this.machine = machine;
        this.version = version;
        this.remote = remote;
        this.pipe = pipe;
    }

    String id() {
        return id;
    }

    /** The machine, proved by the handshake. */
    public MachineKey machine() {
        return machine;
    }

    /** The capability version of the handshake. */
    public int version() {
        return version;
    }

    public IpAddress remote() {
        return remote;
    }

    NoisePipe pipe() {
        return pipe;
    }

    void count(ControlCounter c) {
        counters.count(c);
    }

    /** The body of request {@code stream} is on its way; false: too many are already. */
    boolean bodyBegins(int stream) {
        if (!bodyPlaces.tryAcquire()) {
            return false;
        }
        bodies.put(stream, System.nanoTime());
        return true;
    }

    /** To be called once after each {@link #bodyBegins} that was true. */
    void bodyEnds(int stream) {
        bodies.remove(stream);
        bodyPlaces.release();
    }

    /** Whether a body has been on its way since before {@code nanos}, by System.nanoTime. */
    boolean waitsForBodySince(long nanos) {
        return bodies.values().stream().anyMatch(begun -> begun - nanos < 0);
    }

    /** Asks the client for a sign of life; without one the connection ends. */
    public void probe() {
        pipe.probe();
    }

    /**
     * Runs {@code ended} once, should the client give up request {@code stream} or the connection
     * end before {@link Watch#close}; at once when it is over already.
     */
    public Watch watch(int stream, Runnable ended) {
        var watch = new Watch(stream, ended);
        endings.add(watch);
        resets.put(stream, watch);
        if (closed) {
            watch.run();
        }
        return watch;
    }

    void reset(int stream) {
        Runnable watch = resets.get(stream);
        if (watch != null) {
            watch.run();
        }
    }

    void close() {
        closed = true;
        endings.forEach(Runnable::run);
    }

    /** A request that wants to know when nobody waits for it any more. */
    public final class Watch implements Runnable, AutoCloseable {
        private final int stream;
        private final Runnable ended;

        private Watch(int stream, Runnable ended) {
            this.stream = stream;
            this.ended = ended;
        }

        @Override
        public void run() {
            if (endings.remove(this)) {
                resets.remove(stream, this);
                ended.run();
            }
        }

        @Override
        public void close() {
            endings.remove(this);
            resets.remove(stream, this);
        }
    }
}
