package hearth.store;

import hearth.control.ControlJson;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;

/**
 * A stored row that makes no sense: it moves to a table of its own, so that nothing is lost and
 * nothing stands in the way of new rows.
 *
 * @param key its first column
 * @param content all columns as a JSON object of texts
 */
record Unreadable(String table, String keyColumn, String key, String content, String reason) {
    static Unreadable of(String table, ResultSet row, RuntimeException reason) throws SQLException {
        ResultSetMetaData about = row.getMetaData();
        var json = ControlJson.MAPPER.createObjectNode();
        for (int i = 1; i <= about.getColumnCount(); i++) {
            json.put(about.getColumnName(i), row.getString(i));
        }
        return new Unreadable(
                table,
                about.getColumnName(1),
                row.getString(1),
                json.toString(),
                String.valueOf(reason.getMessage()));
    }

    void putAside(Sql sql) throws IOException {
        sql.transaction(
                () -> {
                    sql.update(
                            "INSERT INTO unreadable (table_name, key, content, reason)"
                                    + " VALUES (?, ?, ?, ?)",
                            table,
                            key,
                            content,
                            reason);
                    sql.update("DELETE FROM " + table + " WHERE " + keyColumn + " = ?", key);
                });
    }

    String where() {
        return "table " + table + ", " + keyColumn + " " + key + " (" + reason + ")";
    }
}
