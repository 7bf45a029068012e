package hearth.relay;

import hearth.base.WireException;
import hearth.crypto.NodeKey;
import hearth.crypto.SecretKey;
import hearth.derp.Admission;
import hearth.derp.DerpCounters;
import hearth.derp.DerpLimits;
import hearth.derp.DerpServer;
import hearth.derp.DerpSession;
import hearth.derp.EndReason;
import hearth.derp.Outlet;
import hearth.derp.PacketSink;
import hearth.derp.RelayLink;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.random.RandomGenerator;

/**
 * The DERP relay: a reading and a writing virtual thread per connection and one timer around {@link
 * DerpServer}. Thread-safe.
 */
public final class RelayService implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(RelayService.class.getName());
    private static final Duration TICK = Duration.ofMillis(500);

    // a TLS record's plaintext, so that a full buffer becomes one record
    private static final int WRITE_BYTES = 16 << 10;
    private static final int FIRST_READ_BYTES = 2 << 10;
    private static final int POOLED_BUFFERS = 64;

    private final DerpServer server;
    private final BlockingQueue<byte[]> buffers = new ArrayBlockingQueue<>(POOLED_BUFFERS);
    private final Thread timer;

    /**
     * A running relay without connections.
     *
     * @param key the relay's own, kept in the state directory; not closed here
     * @param random a SecureRandom outside tests
     */
    public RelayService(
            SecretKey key, Admission admission, DerpLimits limits, RandomGenerator random) {
        server = new DerpServer(key, admission, limits, random);
        timer = Thread.ofPlatform().daemon().name("relay-timer").start(this::tick);
    }

    /** The relay's public key: in the meta certificate and in the upgrade's answer. */
    public NodeKey publicKey() {
        return server.publicKey();
    }

    public DerpCounters counters() {
        return server.counters();
    }

    /** Connections now, logged in or not. */
    public int connections() {
        return server.connections();
    }

    /** Bytes that the queues hold now. */
    public long queuedBytes() {
        return server.queuedBytes();
    }

    /** All counters and gauges by metric name. */
    public SequencedMap<String, Long> metrics() {
        SequencedMap<String, Long> out = server.counters().all();
        out.put("connections", (long) server.connections());
        out.put("queued_bytes", server.queuedBytes());
        return out;
    }

    /** Who is connected, and what they sent to whom; times as of {@link System#nanoTime}. */
    public List<DerpServer.Client> clients() {
        return server.clients();
    }

    /** Ends the connections of a key that is no member any more, at once. */
    public int revoke(NodeKey node) {
        return server.revoke(node);
    }

    /** Connects a node of this process; {@code sink} is called on the sender's thread. */
    public RelayLink attach(NodeKey node, PacketSink sink) {
        return server.attach(node, sink, System::nanoTime);
    }

    /** Serves one connection on the calling thread until it ends. */
    public void serve(ByteStream stream) {
        var writer = new Writer(stream);
        DerpSession session = server.accept(writer, stream.remote(), System.nanoTime());
        if (session == null) {
            stream.close();
            return;
        }
        writer.start(session);
        try {
            read(stream, session);
        } catch (IOException e) {
            // the transport broke or was closed: the session ends either way
        } catch (WireException e) {
            LOG.log(
                    Level.DEBUG,
                    "relay connection ended remote={0} cause=\"{1}\"",
                    stream.remote(),
                    e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            session.end(EndReason.DISCONNECTED);
            stream.close();
        }
    }

    private static void read(ByteStream stream, DerpSession session)
            throws IOException, WireException, InterruptedException {
        byte[] in = new byte[FIRST_READ_BYTES];
        while (true) {
            int n = stream.read(in);
            if (n < 0) {
                return;
            }
            long waitNanos = session.receive(in, 0, n, System.nanoTime());
            if (waitNanos > 0) {
                Thread.sleep(Duration.ofNanos(waitNanos));
            }
            if (n == in.length && n < WRITE_BYTES) {
                in = new byte[2 * n];
            }
        }
    }

    /** Writes what a session has, on a thread of its own. */
    private final class Writer implements Outlet {
        private final ByteStream stream;
        private final Bell bell = new Bell();

        Writer(ByteStream stream) {
            this.stream = stream;
        }

        void start(DerpSession session) {
            Thread.ofVirtual().name("relay-writer").start(() -> run(session));
        }

        @Override
        public void wake() {
            bell.ring();
        }

        @Override
        public void close() {
            stream.close();
            bell.ring();
        }

        private void run(DerpSession session) {
            byte[] buffer = null;
            try {
                while (true) {
                    if (buffer == null) {
                        buffer = take();
                    }
                    bell.hush();
                    int n = session.drain(buffer, System.nanoTime());
                    if (n < 0) {
                        return;
                    }
                    if (n > 0) {
                        session.writeStarted(System.nanoTime());
                        stream.write(buffer, n);
                        session.writeDone(n);
                        continue;
                    }
                    int next = session.nextLength();
                    if (next > buffer.length) {
                        buffer = new byte[next];
                    } else if (next == 0) {
                        give(buffer);
                        buffer = null;
                        bell.await();
                    }
                }
            } catch (IOException e) {
                session.end(EndReason.DISCONNECTED);
            } finally {
                if (buffer != null) {
                    give(buffer);
                }
            }
        }
    }

    private byte[] take() {
        byte[] pooled = buffers.poll();
        return pooled == null ? new byte[WRITE_BYTES] : pooled;
    }

    private void give(byte[] buffer) {
        if (buffer.length == WRITE_BYTES) {
            buffers.offer(buffer); // a full pool lets it go
        }
    }

    private void tick() {
        try {
            while (true) {
                Thread.sleep(TICK);
                server.poll(System.nanoTime());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    /** Ends all connections. */
    @Override
    public void close() {
        timer.interrupt();
        server.shutdown();
    }
}
