package hearth.tailnet;

import hearth.base.Refused;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that changes the tailnet. It takes all commands that wait, runs them one after the
 * other on a draft, stores the draft in one transaction, swaps it in, announces it, and only then
 * answers (docs/adr/0020).
 */
final class Writer implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Writer.class.getName());
    private static final int MAX_GROUP = 512;
    private static final int QUEUE = 8192;
    private static final long ANSWER_SECONDS = 60;
    private static final long TRY_AGAIN_SECONDS = 10;

    /** A change; whatever it throws, nothing of it remains. */
    interface Command<T extends @Nullable Object> {
        T run(Draft draft) throws Refused;
    }

    private record Job<T extends @Nullable Object>(
            Command<T> command, CompletableFuture<T> answer) {}

    private final Journal journal;
    private final InstantSource clock;
    private final Consumer<Draft> settle;
    private final AtomicReference<Snapshot> current;
    private final BlockingQueue<Job<?>> queue = new ArrayBlockingQueue<>(QUEUE);
    private final List<BiConsumer<Snapshot, Snapshot>> subscribers = new CopyOnWriteArrayList<>();
    private final Thread thread;
    private final AtomicLong notStored = new AtomicLong();
    private volatile boolean closed;
    private volatile @Nullable String trouble;

    /**
     * @param settle what follows from all changes of a group together, e.g. the compiled policy
     */
    Writer(Snapshot first, Journal journal, InstantSource clock, Consumer<Draft> settle) {
        this.current = new AtomicReference<>(first);
        this.journal = journal;
        this.clock = clock;
        this.settle = settle;
        this.thread = Thread.ofPlatform().name("hearth-writer").daemon(true).unstarted(this::loop);
    }

    void start() {
        thread.start();
    }

    Snapshot snapshot() {
        return current.get();
    }

    /** Why changes cannot be stored at the moment, null when they can. */
    @Nullable String trouble() {
        return trouble;
    }

    /** How many groups of changes could not be stored. */
    long notStored() {
        return notStored.get();
    }

    void subscribe(BiConsumer<Snapshot, Snapshot> subscriber) {
        subscribers.add(subscriber);
    }

    void unsubscribe(BiConsumer<Snapshot, Snapshot> subscriber) {
        subscribers.remove(subscriber);
    }

    /** Runs {@code command}; on return it is stored and every reader sees it. */
    <T extends @Nullable Object> T call(Command<T> command) throws Refused {
        if (Thread.currentThread().equals(thread)) {
            throw new IllegalStateException("a command given by a subscriber would wait for ever");
        }
        var job = new Job<T>(command, new CompletableFuture<>());
        try {
            if (closed || !queue.offer(job, ANSWER_SECONDS, TimeUnit.SECONDS)) {
                throw unavailable("the store takes no commands");
            }
            if (closed) {
                failWaiting(); // the thread may have gone between the two checks
            }
            return job.answer.get(ANSWER_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unavailable("interrupted while the change was being stored");
        } catch (TimeoutException _) {
            throw unavailable("the store did not answer in " + ANSWER_SECONDS + " s");
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case Refused r -> throw r;
                case RuntimeException r -> throw r;
                case Error r -> throw r;
                case null, default -> throw new IllegalStateException(e.getCause());
            }
        }
    }

    private void loop() {
        List<Job<?>> group = new ArrayList<>();
        while (!closed) {
            try {
                Job<?> job = next();
                if (job == null) {
                    tryAgain();
                    continue;
                }
                group.add(job);
            } catch (InterruptedException _) {
                break;
            }
            queue.drainTo(group, MAX_GROUP - 1);
            try {
                runGroup(group);
            } catch (RuntimeException | Error e) {
                LOG.log(Level.ERROR, "a group of changes failed", e);
                group.forEach(j -> j.answer.completeExceptionally(e));
            }
            group.clear();
        }
        failWaiting();
    }

    /** The next job; null when it is time to see whether storing works again. */
    private @Nullable Job<?> next() throws InterruptedException {
        return trouble == null ? queue.take() : queue.poll(TRY_AGAIN_SECONDS, TimeUnit.SECONDS);
    }

    private void tryAgain() {
        try {
            journal.tryAgain();
            stored();
        } catch (IOException e) {
            trouble = String.valueOf(e.getMessage());
        }
    }

    private void stored() {
        if (trouble != null) {
            LOG.log(Level.INFO, "changes are stored again");
            trouble = null;
        }
    }

    /** Told once, not for each device that asks again: the log may be on the same full disk. */
    private void failed(IOException e) {
        notStored.incrementAndGet();
        if (trouble == null) {
            LOG.log(Level.ERROR, "changes cannot be stored: " + e.getMessage());
        }
        trouble = String.valueOf(e.getMessage());
    }

    private void runGroup(List<Job<?>> group) {
        Snapshot before = current.get();
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS); // as stored
        var draft = new Draft(before, now);
        List<Runnable> answers = new ArrayList<>(group.size());
        for (Job<?> job : group) {
            answers.add(run(job, draft));
        }
        try {
            settle.accept(draft);
            if (!draft.unchanged()) {
                Batch batch = draft.batch();
                journal.commit(batch);
                if (batch.mustLast()) {
                    stored();
                }
                Snapshot after = draft.view();
                current.set(after);
                announce(before, after);
            }
        } catch (IOException e) {
            failed(e);
            Refused refused = unavailable("the change cannot be stored: " + e.getMessage());
            group.forEach(j -> j.answer.completeExceptionally(refused));
            return;
        }
        draft.afterwards().forEach(Runnable::run);
        answers.forEach(Runnable::run);
    }

    private static <T extends @Nullable Object> Runnable run(Job<T> job, Draft draft) {
        Draft.Mark mark = draft.mark();
        try {
            T result = job.command.run(draft);
            return () -> job.answer.complete(result);
        } catch (Refused | RuntimeException e) {
            draft.back(mark);
            return () -> job.answer.completeExceptionally(e);
        }
    }

    private void announce(Snapshot before, Snapshot after) {
        for (BiConsumer<Snapshot, Snapshot> s : subscribers) {
            try {
                s.accept(before, after);
            } catch (RuntimeException e) {
                LOG.log(Level.ERROR, "a subscriber of tailnet changes failed", e);
            }
        }
    }

    private static Refused unavailable(String text) {
        return new Refused(Refused.Code.UNAVAILABLE, text);
    }

    private void failWaiting() {
        for (Job<?> j = queue.poll(); j != null; j = queue.poll()) {
            j.answer.completeExceptionally(unavailable("hearth is stopping"));
        }
    }

    /** Finishes the group at work and refuses what waits. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        boolean interrupted = false;
        try {
            thread.join(TimeUnit.SECONDS.toMillis(10));
        } catch (InterruptedException _) {
            interrupted = true;
        }
        failWaiting();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
