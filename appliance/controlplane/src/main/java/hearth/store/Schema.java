package hearth.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The tables and how they came about: step n brings a file of version n to n + 1, in one
 * transaction, after the file was copied. Times are milliseconds since 1970, lists are separated by
 * spaces, booleans are 0 and 1; no SQLite dialect but PRAGMA and VACUUM INTO.
 */
final class Schema {
    /** hearth.db: what must survive a power cut. */
    static final Schema MAIN =
            new Schema(
                    List.of(
                            """
                            CREATE TABLE node (
                              id INTEGER PRIMARY KEY, stable_id TEXT NOT NULL UNIQUE,
                              machine TEXT NOT NULL, node_key TEXT NOT NULL UNIQUE,
                              user_id INTEGER NOT NULL, tags TEXT NOT NULL,
                              hostname TEXT NOT NULL, name TEXT NOT NULL UNIQUE, given_name TEXT,
                              v4 TEXT NOT NULL UNIQUE, v6 TEXT NOT NULL UNIQUE,
                              advertised TEXT NOT NULL, approved TEXT NOT NULL,
                              created INTEGER NOT NULL, expiry INTEGER,
                              expiry_disabled INTEGER NOT NULL, logged_out INTEGER NOT NULL,
                              ephemeral INTEGER NOT NULL, authorized INTEGER NOT NULL,
                              auth_key TEXT, enrolled_by_admin INTEGER NOT NULL,
                              local INTEGER NOT NULL, key_created INTEGER NOT NULL);
                            CREATE TABLE person (
                              id INTEGER PRIMARY KEY, login TEXT NOT NULL UNIQUE,
                              display_name TEXT NOT NULL, role TEXT NOT NULL,
                              created INTEGER NOT NULL, suspended INTEGER NOT NULL);
                            CREATE TABLE auth_key (
                              id TEXT PRIMARY KEY, user_id INTEGER NOT NULL, tags TEXT NOT NULL,
                              reusable INTEGER NOT NULL, ephemeral INTEGER NOT NULL,
                              preauthorized INTEGER NOT NULL, created INTEGER NOT NULL,
                              expires INTEGER NOT NULL, revoked INTEGER, uses INTEGER NOT NULL,
                              description TEXT NOT NULL, secret_hash TEXT NOT NULL);
                            CREATE TABLE freed (
                              address TEXT PRIMARY KEY, time INTEGER NOT NULL);
                            CREATE TABLE shelf (
                              shelf TEXT NOT NULL, entry TEXT NOT NULL, value TEXT NOT NULL,
                              PRIMARY KEY (shelf, entry));
                            CREATE TABLE binding (
                              name TEXT PRIMARY KEY, node INTEGER NOT NULL);
                            CREATE TABLE policy (
                              version INTEGER PRIMARY KEY, text TEXT NOT NULL,
                              author TEXT NOT NULL, time INTEGER NOT NULL,
                              comment TEXT NOT NULL);
                            CREATE TABLE unreadable (
                              table_name TEXT NOT NULL, key TEXT NOT NULL,
                              content TEXT NOT NULL, reason TEXT NOT NULL);
                            CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
                            CREATE TABLE audit (
                              id INTEGER PRIMARY KEY, time INTEGER NOT NULL,
                              origin TEXT NOT NULL, actor_type TEXT NOT NULL,
                              actor_id TEXT NOT NULL, actor_name TEXT NOT NULL,
                              account TEXT NOT NULL, address TEXT NOT NULL,
                              target_type TEXT NOT NULL, target_id TEXT NOT NULL,
                              target_name TEXT NOT NULL, property TEXT NOT NULL,
                              action TEXT NOT NULL, old_value TEXT, new_value TEXT,
                              details TEXT NOT NULL, prev_hash TEXT NOT NULL,
                              hash TEXT NOT NULL);
                            """));

    /** live.db: what devices tell again by themselves. */
    static final Schema LIVE =
            new Schema(
                    List.of(
                            """
                            CREATE TABLE live (
                              node INTEGER PRIMARY KEY, disco TEXT, endpoints TEXT NOT NULL,
                              home INTEGER NOT NULL, capver INTEGER NOT NULL,
                              hostinfo TEXT NOT NULL);
                            CREATE TABLE seen (node INTEGER PRIMARY KEY, time INTEGER NOT NULL);
                            CREATE TABLE home (machine TEXT PRIMARY KEY, derp INTEGER NOT NULL);
                            """));

    private static final Pattern STATEMENT_END = Pattern.compile(";\\s*\\n");

    private final List<String> steps;

    Schema(List<String> steps) {
        this.steps = List.copyOf(steps);
    }

    int version() {
        return steps.size();
    }

    /** Brings {@code file}, open as {@code sql}, to the present version. */
    void migrate(Sql sql, Path file) throws IOException {
        try {
            int found = Math.toIntExact(sql.number("PRAGMA user_version"));
            if (found > version()) {
                throw new IOException(
                        file.getFileName()
                                + " is of version "
                                + found
                                + ", this program knows up to "
                                + version()
                                + ": start the newer program, or restore a backup of this one");
            }
            for (int v = found; v < version(); v++) {
                if (v > 0) {
                    copy(sql, file.resolveSibling(file.getFileName() + ".before-" + (v + 1)));
                }
                step(sql, v);
            }
        } catch (SQLException e) {
            throw Sql.failed(e);
        }
    }

    private void step(Sql sql, int from) throws IOException {
        sql.transaction(
                () -> {
                    for (String statement : STATEMENT_END.splitAsStream(steps.get(from)).toList()) {
                        if (!statement.isBlank()) {
                            sql.run(statement);
                        }
                    }
                    sql.run("PRAGMA user_version = " + (from + 1));
                });
    }

    /** A whole and consistent copy in one file of mode 0600; replaces an older one. */
    static void copy(Sql sql, Path to) throws IOException {
        Files.deleteIfExists(to);
        PrivateFiles.create(to);
        try {
            // VACUUM INTO takes an existing file only when it is empty
            sql.update("VACUUM INTO ?", to.toAbsolutePath().toString());
        } catch (SQLException e) {
            throw Sql.failed(e);
        }
        PrivateFiles.force(to);
    }
}
