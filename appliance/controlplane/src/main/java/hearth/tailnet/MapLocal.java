package hearth.tailnet;

import hearth.control.NetMap;
import java.lang.System.Logger.Level;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * A node of this process: told its map at every change that concerns it, on a thread of its own.
 */
final class MapLocal implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(MapLocal.class.getName());

    private final MapSessions sessions;
    private final long node;
    private final Consumer<NetMap> consumer;
    private final Thread thread;
    private volatile boolean nudged = true;
    private volatile boolean closed;

    MapLocal(MapSessions sessions, long node, Consumer<NetMap> consumer) {
        this.sessions = sessions;
        this.node = node;
        this.consumer = consumer;
        this.thread = Thread.ofVirtual().name("local-map-" + node).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    void nudge() {
        nudged = true;
        LockSupport.unpark(thread);
    }

    private void run() {
        NetMap last = null;
        Tailnet.Connection presence = sessions.tailnet().connected(node);
        try {
            while (!closed) {
                if (!nudged) {
                    LockSupport.park(this);
                    continue;
                }
                nudged = false;
                NetMap now = sessions.builder().local(sessions.tailnet().snapshot(), node);
                if (now != null && !now.equals(last)) {
                    last = now;
                    tell(now);
                }
            }
        } finally {
            presence.close();
        }
    }

    private void tell(NetMap map) {
        try {
            consumer.accept(map);
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "node " + node + " did not take its map", e);
        }
    }

    @Override
    public void close() {
        closed = true;
        sessions.closed(this);
        LockSupport.unpark(thread);
    }
}
