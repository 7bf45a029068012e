package hearth.listen;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** The table of docs/protocol/garbage.md. */
public final class GarbageTable {
    private static final int CELLS = 6;

    private GarbageTable() {}

    /**
     * A line of it.
     *
     * @param id names the kind, the port first
     * @param gets what the sender sees, in the words of the page
     * @param counter the metric that rises
     */
    public record Row(String id, String gets, String counter) {}

    /** The rows whose id satisfies {@code mine}. */
    public static List<Row> rows(Predicate<String> mine) throws IOException {
        Path doc = Path.of("docs/protocol/garbage.md");
        Path fromModule = Path.of("..", "..").resolve(doc);
        List<Row> rows = new ArrayList<>();
        for (String line : Files.readAllLines(Files.exists(doc) ? doc : fromModule)) {
            String[] cells = line.split("\\|", -1);
            if (cells.length == CELLS && cells[1].strip().startsWith("`")) {
                var row = new Row(code(cells[1]), code(cells[3]), code(cells[4]));
                if (mine.test(row.id())) {
                    rows.add(row);
                }
            }
        }
        return rows;
    }

    private static String code(String cell) {
        return cell.strip().replace("`", "");
    }

    /** Kinds that need the whole appliance: inside ts2021, and at the WireGuard port. */
    public static boolean needsAppliance(String id) {
        return id.startsWith("control-") || id.startsWith("wg-");
    }
}
