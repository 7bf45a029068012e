package hearth.console;

import hearth.login.Logins;
import hearth.tailnet.Snapshot;
import hearth.tailnet.Tailnet;
import io.helidon.http.HeaderNames;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The stream that tells open pages what changed, never how: {@code changed TOPIC VERSION}. A page
 * fetches the parts that concern it with its own rights. First comes {@code hello} with all topics,
 * then changes, bundled over 200 ms, a comment every 20 s, and {@code bye} when the session ended.
 */
final class Events {
    private static final long BUNDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long BEAT_NANOS = TimeUnit.SECONDS.toNanos(20);
    // how soon a stream of an ended session closes
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);
    // paths are measured, not commanded: pages look again this often
    private static final long PATHS_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final int MAX_STREAMS = 200;

    private final Tailnet tailnet;
    private final Logins logins;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition moved = lock.newCondition();
    private final AtomicInteger open = new AtomicInteger();
    private volatile boolean closed;

    Events(Tailnet tailnet, Logins logins) {
        this.tailnet = tailnet;
        this.logins = logins;
    }

    /** Called for every change. */
    void changed() {
        lock.lock();
        try {
            moved.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void close() {
        closed = true;
        changed();
    }

    void stream(Call call) throws IOException, InterruptedException {
        if (open.incrementAndGet() > MAX_STREAMS) {
            open.decrementAndGet();
            call.res.status(429);
            call.res.send();
            return;
        }
        try {
            call.res.header(HeaderNames.CONTENT_TYPE, "text/event-stream");
            call.res.header(HeaderNames.create("X-Accel-Buffering"), "no");
            try (OutputStream out = call.res.outputStream()) {
                run(out, call.ownSession().id());
            }
        } finally {
            open.decrementAndGet();
        }
    }

    private void run(OutputStream out, String session) throws IOException, InterruptedException {
        Snapshot told = tailnet.snapshot();
        var hello = new StringBuilder("event: hello\n");
        for (Topic t : Topic.values()) {
            hello.append("data: ").append(t.word).append(' ').append(told.version()).append('\n');
        }
        send(out, hello.append('\n').toString());
        long beat = System.nanoTime();
        long looked = beat;
        while (!closed) {
            Snapshot now = await(told);
            if (closed) {
                return; // the pages come back to whoever serves next
            }
            if (!logins.alive(session)) {
                send(out, "event: bye\ndata: end\n\n");
                return;
            }
            var text = new StringBuilder();
            for (Topic t : topics(told, now)) {
                text.append(line(t, now.version()));
            }
            told = now;
            long nanos = System.nanoTime();
            if (nanos - looked >= PATHS_NANOS) {
                looked = nanos;
                text.append("event: changed\ndata: paths ").append(nanos).append("\n\n");
            }
            if (text.isEmpty() && nanos - beat >= BEAT_NANOS) {
                text.append(": still here\n\n");
            }
            if (!text.isEmpty()) {
                beat = nanos;
                send(out, text.toString());
            }
        }
    }

    private static String line(Topic t, long version) {
        return "event: changed\ndata: " + t.word + " " + version + "\n\n";
    }

    /** Waits for a newer snapshot, at most a second; then lets others gather for a moment. */
    private Snapshot await(Snapshot told) throws InterruptedException {
        lock.lock();
        try {
            long left = LOOK_NANOS;
            while (!closed && tailnet.snapshot() == told && left > 0) {
                left = moved.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
        if (tailnet.snapshot() != told) {
            Thread.sleep(Duration.ofNanos(BUNDLE_NANOS));
        }
        return tailnet.snapshot();
    }

    private static void send(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    /** What a page may listen for. */
    private enum Topic {
        MACHINES("machines"),
        PENDING("pending"),
        ROUTES("routes"),
        KEYS("keys"),
        LOGS("logs");

        private final String word;

        Topic(String word) {
            this.word = word;
        }
    }

    private static List<Topic> topics(Snapshot before, Snapshot after) {
        List<Topic> out = new ArrayList<>();
        if (before == after) {
            return out;
        }
        // nearly every change is one of machines; their parts answer "nothing new" cheaply
        out.add(Topic.MACHINES);
        out.add(Topic.ROUTES);
        out.add(Topic.LOGS);
        if (!before.logins().equals(after.logins())) {
            out.add(Topic.PENDING);
        }
        if (!before.keys().equals(after.keys())) {
            out.add(Topic.KEYS);
        }
        return out;
    }
}
