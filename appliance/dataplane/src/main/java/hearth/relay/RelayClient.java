package hearth.relay;

import hearth.base.WireException;
import hearth.crypto.NodeKey;
import hearth.crypto.SecretKey;
import hearth.derp.ClientLine;
import hearth.derp.PacketSink;
import hearth.derp.RelayLink;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A local node at a relay of somebody else: connects when there is something to send, gives the
 * connection up when nothing was sent for a minute, tries again with growing pauses while it is
 * needed and cannot be had. A connecting and reading virtual thread, and a writing one per
 * connection, around {@link ClientLine}. Thread-safe.
 */
public final class RelayClient implements RelayLink {
    private static final System.Logger LOG = System.getLogger(RelayClient.class.getName());
    private static final long TICK_NANOS = Duration.ofSeconds(1).toNanos();
    private static final int BUFFER_BYTES = 16 << 10;

    // the longest frame with its header
    private static final int WRITE_BYTES = 68 << 10;

    /** Makes the way to a relay. */
    @FunctionalInterface
    public interface Dialer {
        /** A stream on which the relay's first frame comes next; blocks until then. */
        ByteStream dial() throws IOException;
    }

    private final String name;
    private final Dialer dialer;
    private final ClientLine line;
    private final Thread thread;
    private volatile @Nullable Thread writer;
    private volatile @Nullable ByteStream stream;
    private volatile boolean closed;
    private boolean failing; // the thread's own

    /**
     * A node at a relay that is not connected yet.
     *
     * @param name of the relay, for logs
     * @param node the node's key; the caller closes it, after this
     * @param sink is called on a thread of this client
     * @param random a SecureRandom outside tests
     */
    public RelayClient(
            String name, Dialer dialer, SecretKey node, PacketSink sink, RandomGenerator random) {
        this.name = name;
        this.dialer = dialer;
        this.line = new ClientLine(node, sink, this::wake, random);
        this.thread = Thread.ofVirtual().name("relay-client-" + name).start(this::run);
    }

    @Override
    public boolean send(NodeKey to, ByteBuffer packet) {
        byte[] in = new byte[packet.remaining()];
        packet.get(packet.position(), in);
        return !closed && line.send(to, in, 0, in.length, System.nanoTime());
    }

    @Override
    public boolean reaches(NodeKey peer) {
        return line.reaches(peer);
    }

    private void wake() {
        Thread w = writer;
        LockSupport.unpark(w == null ? thread : w);
    }

    private void run() {
        while (!closed) {
            if (!line.wantsConnection(System.nanoTime())) {
                LockSupport.park(this);
                continue;
            }
            String cause = connection();
            long pauseNanos = line.ended();
            if (cause != null && !closed && !failing) {
                failing = true;
                LOG.log(Level.WARNING, "relay {0} is not reached: {1}", name, cause);
            }
            pause(pauseNanos);
        }
    }

    private void pause(long nanos) {
        long until = System.nanoTime() + nanos;
        for (long left = nanos; left > 0 && !closed; left = until - System.nanoTime()) {
            LockSupport.parkNanos(this, left);
        }
    }

    /** One connection from its beginning to its end; gives what went wrong, null for nothing. */
    private @Nullable String connection() {
        ByteStream s;
        try {
            s = dialer.dial();
        } catch (IOException e) {
            return e.getMessage();
        }
        line.connected(System.nanoTime());
        stream = s;
        Thread w = Thread.ofVirtual().name("relay-client-writer").start(() -> write(s));
        writer = w;
        try {
            if (closed) {
                return null;
            }
            read(s);
            return null;
        } catch (IOException | WireException e) {
            if (line.isUp()) {
                LOG.log(Level.DEBUG, "relay {0} hung up: {1}", name, e.getMessage());
                return null;
            }
            return e.getMessage();
        } finally {
            writer = null;
            stream = null;
            s.close();
            end(w);
        }
    }

    /** Two connections must not share the line's frames. */
    private static void end(Thread writer) {
        writer.interrupt();
        boolean ended = false;
        while (!ended) {
            try {
                writer.join();
                ended = true;
            } catch (InterruptedException e) {
                LOG.log(Level.DEBUG, "interrupted, the writer ends first");
            }
        }
    }

    private void read(ByteStream s) throws IOException, WireException {
        byte[] in = new byte[BUFFER_BYTES];
        boolean up = false;
        for (int n = s.read(in); n >= 0; n = s.read(in)) {
            line.receive(in, 0, n, System.nanoTime());
            if (!up && line.isUp()) {
                up = true;
                failing = false;
                LOG.log(Level.DEBUG, "relay {0} connected", name);
            }
        }
        if (!up) {
            throw new IOException("it let us not in");
        }
    }

    private void write(ByteStream s) {
        byte[] buffer = new byte[WRITE_BYTES];
        try {
            while (!Thread.currentThread().isInterrupted()) {
                int n = line.drain(buffer);
                if (n > 0) {
                    s.write(buffer, n);
                } else {
                    LockSupport.parkNanos(this, TICK_NANOS);
                }
                if (!line.poll(System.nanoTime())) {
                    break;
                }
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "relay {0}: {1}", name, e.getMessage());
        }
        s.close(); // ends the reader
    }

    /** Leaves, for good. */
    @Override
    public void close() {
        closed = true;
        ByteStream s = stream;
        if (s != null) {
            s.close();
        }
        LockSupport.unpark(thread);
    }
}
