package hearth.tailnet;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Keeps audit rows and policies until the test ends. */
public final class MemoryJournal implements Journal {
    private final List<AuditEntry> audit = new ArrayList<>();
    private final List<PolicyVersion> policies = new ArrayList<>();

    /** A tailnet that is forgotten after the test. */
    public static Tailnet tailnet(TailnetOptions options) {
        try {
            return Tailnet.open(options, new MemoryJournal());
        } catch (IOException e) {
            throw new IllegalStateException("memory has no I/O errors", e);
        }
    }

    @Override
    public Stored load() {
        return Stored.EMPTY;
    }

    @Override
    public synchronized void commit(Batch batch) {
        audit.addAll(batch.audit());
        policies.addAll(batch.policies());
    }

    @Override
    public synchronized List<AuditEntry> audit(long beforeId, int limit) {
        return audit.reversed().stream().filter(e -> e.id() < beforeId).limit(limit).toList();
    }

    @Override
    public synchronized List<PolicyVersion> policies(int limit) {
        return policies.reversed().stream().limit(limit).toList();
    }

    @Override
    public synchronized @Nullable PolicyVersion policy(long version) {
        for (PolicyVersion p : policies) {
            if (p.version() == version) {
                return p;
            }
        }
        return null;
    }

    @Override
    public void close() {}
}
