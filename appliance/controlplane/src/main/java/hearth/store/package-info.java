/**
 * Keeps the tailnet in two SQLite files of the state directory, and packs that directory into a
 * backup: {@link hearth.store.SqliteJournal}, {@link hearth.store.Backup} (docs/protocol/state.md).
 */
@NullMarked
package hearth.store;

import org.jspecify.annotations.NullMarked;
