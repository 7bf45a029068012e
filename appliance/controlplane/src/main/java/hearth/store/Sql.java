package hearth.store;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One SQLite connection with its prepared statements. Confined to one thread at a time. */
final class Sql implements AutoCloseable {
    /** Reads the present row. */
    interface Row<T> {
        T read(ResultSet row) throws SQLException;
    }

    private final Connection connection;
    private final Map<String, PreparedStatement> prepared = new HashMap<>();

    private Sql(Connection connection) {
        this.connection = connection;
    }

    /**
     * Opens {@code file}, made if it is missing, in WAL mode.
     *
     * @param synchronous {@code FULL}: a commit survives a power cut; {@code NORMAL}: the death of
     *     the process
     */
    static Sql open(Path file, String synchronous) throws SQLException {
        var sql = new Sql(DriverManager.getConnection("jdbc:sqlite:" + file.toAbsolutePath()));
        try {
            sql.run("PRAGMA journal_mode = WAL");
            sql.run("PRAGMA synchronous = " + synchronous);
            sql.run("PRAGMA busy_timeout = 10000");
            sql.run("PRAGMA foreign_keys = ON");
            sql.run("PRAGMA trusted_schema = OFF");
        } catch (SQLException e) {
            sql.close();
            throw e;
        }
        return sql;
    }

    /** Opens {@code file} beside the one that writes, to read or copy it. */
    static Sql openToRead(Path file) throws SQLException {
        var sql = new Sql(DriverManager.getConnection("jdbc:sqlite:" + file.toAbsolutePath()));
        try {
            sql.run("PRAGMA busy_timeout = 10000");
        } catch (SQLException e) {
            sql.close();
            throw e;
        }
        return sql;
    }

    /** Runs one statement without parameters. */
    void run(String statement) throws SQLException {
        try (Statement s = connection.createStatement()) {
            s.execute(statement);
        }
    }

    /** Runs a change with parameters: strings, numbers, booleans or null. */
    int update(String statement, @Nullable Object... values) throws SQLException {
        PreparedStatement s = bind(statement, values);
        return s.executeUpdate();
    }

    <T> List<T> query(String statement, Row<T> row, @Nullable Object... values)
            throws SQLException {
        try (ResultSet rows = bind(statement, values).executeQuery()) {
            List<T> out = new ArrayList<>();
            while (rows.next()) {
                out.add(row.read(rows));
            }
            return out;
        }
    }

    /** The first column of the only row. */
    long number(String statement) throws SQLException {
        return query(statement, r -> r.getLong(1)).getFirst();
    }

    private PreparedStatement bind(String statement, @Nullable Object... values)
            throws SQLException {
        PreparedStatement s = prepared.get(statement);
        if (s == null) {
            s = connection.prepareStatement(statement);
            prepared.put(statement, s);
        }
        for (int i = 0; i < values.length; i++) {
            switch (values[i]) {
                case null -> s.setObject(i + 1, null);
                case Boolean b -> s.setInt(i + 1, b ? 1 : 0);
                case Integer n -> s.setInt(i + 1, n);
                case Long n -> s.setLong(i + 1, n);
                case String t -> s.setString(i + 1, t);
                default ->
                        throw new IllegalArgumentException("parameter of " + values[i].getClass());
            }
        }
        return s;
    }

    /** Changes that are stored together. */
    interface Changes {
        void run() throws SQLException;
    }

    /** Commits what {@code changes} does, or undoes it and throws. */
    void transaction(Changes changes) throws IOException {
        try {
            run("BEGIN IMMEDIATE");
            try {
                changes.run();
                run("COMMIT");
            } catch (SQLException | RuntimeException e) {
                rollBack(e);
                throw e;
            }
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private void rollBack(Exception cause) {
        try {
            run("ROLLBACK");
        } catch (SQLException e) {
            cause.addSuppressed(e); // after a full disk SQLite has rolled back already
        }
    }

    static IOException failed(SQLException e) {
        return new IOException("database: " + e.getMessage(), e);
    }

    @Override
    public void close() throws SQLException {
        for (PreparedStatement s : prepared.values()) {
            s.close();
        }
        prepared.clear();
        connection.close();
    }
}
