package hearth.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Rows under a header, columns as wide as their widest cell. */
public final class Table {
    private static final int CUT = 60;

    private final List<List<String>> rows = new ArrayList<>();

    public Table(String... header) {
        rows.add(List.of(header));
    }

    public void add(String... cells) {
        rows.add(List.of(cells));
    }

    /** Texts of any length in one line, cut: a table is for eyes, {@code --json} has them whole. */
    static String cut(String text) {
        String line = text.replaceAll("\\s+", " ");
        return line.length() > CUT ? line.substring(0, CUT - 1) + "…" : line;
    }

    public void print(PrintWriter out) {
        List<Integer> widths = new ArrayList<>(Collections.nCopies(rows.getFirst().size(), 0));
        for (List<String> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                widths.set(i, Math.max(widths.get(i), row.get(i).length()));
            }
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.size(); i++) {
                line.append(row.get(i));
                if (i < row.size() - 1) {
                    line.append(" ".repeat(widths.get(i) - row.get(i).length() + 2));
                }
            }
            out.println(line);
        }
    }
}
