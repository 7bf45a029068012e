package hearth.tailnet;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where changes are kept. {@link #commit} is called by one thread; the rest by any. */
public interface Journal extends AutoCloseable {
    /** Everything, as the last commit left it. */
    Stored load() throws IOException;

    /**
     * Stores {@code batch} whole or, when it throws, not at all. On return it survives a power cut,
     * apart from what {@link Batch#live}, {@code seen} and {@code homes} hold.
     */
    void commit(Batch batch) throws IOException;

    /**
     * Writes what is there already, to see whether changes can be stored again after one could not;
     * by the thread that commits.
     */
    default void tryAgain() throws IOException {}

    /** Audit rows before {@code beforeId} (exclusive), the newest first, at most {@code limit}. */
    List<AuditEntry> audit(long beforeId, int limit) throws IOException;

    /** Saved policies, the newest first, at most {@code limit}. */
    List<PolicyVersion> policies(int limit) throws IOException;

    /** One saved policy, null when there is none of that number. */
    @Nullable PolicyVersion policy(long version) throws IOException;

    @Override
    void close() throws IOException;
}
