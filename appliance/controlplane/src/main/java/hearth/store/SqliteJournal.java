package hearth.store;

import hearth.base.IpAddress;
import hearth.crypto.MachineKey;
import hearth.tailnet.AuditEntry;
import hearth.tailnet.Batch;
import hearth.tailnet.Journal;
import hearth.tailnet.Node;
import hearth.tailnet.PolicyVersion;
import hearth.tailnet.Stored;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;

/**
 * The tailnet in {@code hearth.db} (each commit is on the disk before it returns) and {@code
 * live.db} (may lose its last seconds in a power cut, nothing when the process dies). One process
 * has a state directory at a time.
 */
public final class SqliteJournal implements Journal {
    static final String MAIN_FILE = "hearth.db";
    static final String LIVE_FILE = "live.db";
    static final String LOCK_FILE = "hearth.lock";
    private static final Logger LOG = System.getLogger(SqliteJournal.class.getName());

    private final Path folder;
    private final FileChannel lock;
    private final Sql main;
    private final Sql live;
    private boolean liveFails; // the writer's: told once, however many devices move

    private SqliteJournal(Path folder, FileChannel lock, Sql main, Sql live) {
        this.folder = folder;
        this.lock = lock;
        this.main = main;
        this.live = live;
    }

    /**
     * Opens the state directory, made if it is missing; older files are copied and brought up to
     * date, a restore that was prepared is carried out first.
     *
     * @throws IOException says what is wrong with which file: in use, newer, damaged
     */
    public static SqliteJournal open(Path folder) throws IOException {
        PrivateFiles.createFolders(folder);
        FileChannel lock = lock(folder);
        try {
            Backup.applyStaged(folder);
            expectMain(folder);
            Sql main = open(folder.resolve(MAIN_FILE), "FULL", Schema.MAIN);
            try {
                Sql live = openLive(folder.resolve(LIVE_FILE));
                return new SqliteJournal(folder, lock, main, live);
            } catch (IOException e) {
                close(main);
                throw e;
            }
        } catch (IOException e) {
            lock.close();
            throw e;
        }
    }

    /** Takes the state directory for this process. */
    static FileChannel lock(Path folder) throws IOException {
        Path file = folder.resolve(LOCK_FILE);
        PrivateFiles.ensure(file);
        FileChannel c = FileChannel.open(file, StandardOpenOption.WRITE);
        try {
            if (c.tryLock() != null) {
                return c;
            }
        } catch (OverlappingFileLockException _) {
            // held by this very process
        }
        c.close();
        throw new IOException(folder + " is in use by another hearth");
    }

    /**
     * An empty hearth.db is where a tailnet begins; beside what only a former one has left it is a
     * loss, and going on would hide it: SQLite throws the log of an empty file away, and the pages
     * would offer the set-up to whoever comes first.
     */
    private static void expectMain(Path folder) throws IOException {
        Path main = folder.resolve(MAIN_FILE);
        if (length(main) > 0) {
            return;
        }
        for (String left : List.of(MAIN_FILE + "-wal", LIVE_FILE)) {
            if (length(folder.resolve(left)) > 0) {
                throw new IOException(
                        main
                                + (Files.exists(main) ? " is empty" : " is missing")
                                + " beside a used "
                                + left
                                + ": restore a backup, or move both away to begin anew");
            }
        }
    }

    private static long length(Path file) throws IOException {
        return Files.exists(file) ? Files.size(file) : 0;
    }

    /** A damaged live.db is put aside and begun anew: devices tell again what it held. */
    private static Sql openLive(Path file) throws IOException {
        try {
            return open(file, "NORMAL", Schema.LIVE);
        } catch (Damaged e) {
            for (String tail : List.of("", "-wal", "-shm")) {
                Path part = file.resolveSibling(file.getFileName() + tail);
                Path aside = file.resolveSibling(file.getFileName() + ".damaged" + tail);
                Files.deleteIfExists(aside);
                if (Files.exists(part)) {
                    Files.move(part, aside, StandardCopyOption.ATOMIC_MOVE);
                }
            }
            LOG.log(
                    Level.ERROR,
                    e.getMessage() + ", or leave it: begun anew, devices tell its content again");
            return open(file, "NORMAL", Schema.LIVE);
        }
    }

    /** A file that SQLite cannot make sense of. */
    private static final class Damaged extends IOException {
        private static final long serialVersionUID = 1L;

        Damaged(Path file, String how) {
            super(file + " is damaged (" + how.replaceAll("\\s+", " ") + "): restore a backup");
        }
    }

    private static Sql open(Path file, String synchronous, Schema schema) throws IOException {
        PrivateFiles.ensure(file);
        try {
            Sql sql = Sql.open(file, synchronous);
            try {
                check(sql, file);
                schema.migrate(sql, file);
                return sql;
            } catch (IOException e) {
                close(sql);
                throw e;
            }
        } catch (SQLException e) {
            if (e.getErrorCode() == SQLiteErrorCode.SQLITE_CORRUPT.code
                    || e.getErrorCode() == SQLiteErrorCode.SQLITE_NOTADB.code) {
                throw new Damaged(file, String.valueOf(e.getMessage()));
            }
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    private static void check(Sql sql, Path file) throws IOException, SQLException {
        List<String> found = sql.query("PRAGMA quick_check(1)", r -> r.getString(1));
        if (!found.equals(List.of("ok"))) {
            throw new Damaged(file, found.getFirst());
        }
    }

    @Override
    public Stored load() throws IOException {
        try {
            Map<Long, Rows.Live> lives = new HashMap<>();
            for (LiveOf l : told("live", r -> new LiveOf(r.getLong("node"), Rows.live(r)))) {
                lives.put(l.node(), l.live());
            }
            Map<String, String> settings = new HashMap<>();
            main.query(
                    "SELECT * FROM setting",
                    r -> settings.put(r.getString("name"), r.getString("value")));
            return new Stored(
                    all("node", r -> node(r, lives)),
                    told(
                            "seen",
                            r ->
                                    new Batch.Seen(
                                            r.getLong("node"),
                                            Instant.ofEpochMilli(r.getLong("time")))),
                    told(
                            "home",
                            r ->
                                    new Batch.Home(
                                            MachineKey.parse(r.getString("machine")),
                                            r.getInt("derp"))),
                    all("person", Rows::user),
                    all("auth_key", Rows::authKey),
                    all(
                            "freed",
                            r ->
                                    new Batch.Freed(
                                            IpAddress.parse(r.getString("address")),
                                            Instant.ofEpochMilli(r.getLong("time")))),
                    all(
                            "shelf",
                            r ->
                                    new Batch.ShelfEntry(
                                            r.getString("shelf"),
                                            r.getString("entry"),
                                            r.getString("value"))),
                    all("binding", r -> new Batch.Binding(r.getString("name"), r.getLong("node"))),
                    policiesToStart(number(settings, "policy-in-force")),
                    number(settings, "policy-in-force"),
                    setting(settings, "dns", Rows::dns),
                    setting(settings, "settings", Rows::settings),
                    counters(settings),
                    lastHash());
        } catch (SQLException e) {
            throw Sql.failed(e);
        }
    }

    private static Node node(ResultSet r, Map<Long, Rows.Live> lives) throws SQLException {
        return Rows.node(r, lives.getOrDefault(r.getLong("id"), Rows.Live.NONE));
    }

    private Map<String, Long> counters(Map<String, String> settings) throws SQLException {
        // never less than what the rows say, whatever happened to the counter
        long node = Math.max(number(settings, "node"), max("node"));
        long user = Math.max(number(settings, "user"), max("person"));
        return Map.of(
                "node", node, "user", user, "v4", number(settings, "v4"), "audit", max("audit"));
    }

    private long max(String table) throws SQLException {
        return main.number("SELECT coalesce(max(id), 0) FROM " + table);
    }

    private static long number(Map<String, String> settings, String name) {
        return Long.parseLong(settings.getOrDefault(name, "0"));
    }

    private static <T> @Nullable T setting(
            Map<String, String> settings, String name, Function<String, T> of) {
        String text = settings.get(name);
        try {
            return text == null ? null : of.apply(text);
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "stored setting cannot be read: " + name + " (" + e + ")");
            return null;
        }
    }

    private List<PolicyVersion> policiesToStart(long inForce) throws SQLException {
        return main.query(
                "SELECT * FROM policy WHERE version = ?"
                        + " OR version = (SELECT max(version) FROM policy) ORDER BY version",
                Rows::policy,
                inForce);
    }

    private String lastHash() throws SQLException {
        List<String> last =
                main.query("SELECT hash FROM audit ORDER BY id DESC LIMIT 1", r -> r.getString(1));
        return last.isEmpty() ? "" : last.getFirst();
    }

    /** All readable rows of hearth.db; one that is not is put aside, and a person is told. */
    private <T> List<T> all(String table, Sql.Row<T> row) throws IOException, SQLException {
        List<T> out = new ArrayList<>();
        List<Unreadable> bad = new ArrayList<>();
        main.query(
                "SELECT * FROM " + table,
                r -> {
                    try {
                        return out.add(row.read(r));
                    } catch (RuntimeException e) {
                        return bad.add(Unreadable.of(table, r, e));
                    }
                });
        for (Unreadable u : bad) {
            u.putAside(main);
            LOG.log(
                    Level.ERROR,
                    "stored data cannot be read and is kept in table unreadable: " + u.where());
        }
        return out;
    }

    /** All readable rows of live.db; devices tell the others again. */
    private <T> List<T> told(String table, Sql.Row<T> row) throws SQLException {
        List<T> out = new ArrayList<>();
        live.query(
                "SELECT * FROM " + table,
                r -> {
                    try {
                        return out.add(row.read(r));
                    } catch (RuntimeException _) {
                        return false;
                    }
                });
        return out;
    }

    private record LiveOf(long node, Rows.Live live) {}

    @Override
    public void commit(Batch batch) throws IOException {
        if (batch.mustLast()) {
            main.transaction(() -> new Writing(main).lasting(batch));
        }
        if (batch.hasLive()) {
            try {
                live.transaction(() -> new Writing(live).live(batch));
                liveFails = false;
            } catch (IOException e) {
                // devices tell it again; what was promised is stored
                if (!liveFails) {
                    LOG.log(Level.WARNING, "live.db cannot be written: " + e.getMessage());
                }
                liveFails = true;
            }
        }
    }

    @Override
    public void tryAgain() throws IOException {
        main.transaction(
                () -> main.update("UPDATE setting SET value = value WHERE name = ?", "node"));
    }

    @Override
    public List<AuditEntry> audit(long beforeId, int limit) throws IOException {
        return read(
                "SELECT * FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?",
                Rows::audit,
                beforeId,
                limit);
    }

    @Override
    public List<PolicyVersion> policies(int limit) throws IOException {
        return read("SELECT * FROM policy ORDER BY version DESC LIMIT ?", Rows::policy, limit);
    }

    @Override
    public @Nullable PolicyVersion policy(long version) throws IOException {
        List<PolicyVersion> found =
                read("SELECT * FROM policy WHERE version = ?", Rows::policy, version);
        return found.isEmpty() ? null : found.getFirst();
    }

    private <T> List<T> read(String query, Sql.Row<T> row, Object... values) throws IOException {
        try (Sql sql = Sql.openToRead(folder.resolve(MAIN_FILE))) {
            return sql.query(query, row, values);
        } catch (SQLException e) {
            throw Sql.failed(e);
        }
    }

    /** The state directory as one file of mode 0600, while everything runs. */
    public void backup(Path file) throws IOException {
        Backup.write(folder, file);
    }

    @Override
    public void close() throws IOException {
        try {
            main.run("PRAGMA wal_checkpoint(TRUNCATE)");
            live.run("PRAGMA wal_checkpoint(TRUNCATE)");
        } catch (SQLException e) {
            LOG.log(Level.WARNING, "checkpoint at the end: " + e.getMessage());
        }
        close(main);
        close(live);
        lock.close();
    }

    private static void close(Sql sql) throws IOException {
        try {
            sql.close();
        } catch (SQLException e) {
            throw Sql.failed(e);
        }
    }

    /** Has hearth.db grow to no more than {@code pages}, as on a full disk. */
    void limitPages(int pages) throws SQLException {
        main.run("PRAGMA max_page_count = " + pages);
    }
}
