package hearth.policy.hujson;

import hearth.base.Problem;
import java.util.Arrays;

/** Lines and columns of a text, both from 1. A column counts characters as a person sees them. */
public final class Positions {
    private final String text;
    private final int[] lineStarts;

    public Positions(String text) {
        this.text = text;
        int[] starts = new int[16];
        int lines = 1;
        for (int at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
            if (lines == starts.length) {
                starts = Arrays.copyOf(starts, lines * 2);
            }
            starts[lines++] = at + 1;
        }
        this.lineStarts = Arrays.copyOf(starts, lines);
    }

    /** The line of {@code offset}; a line feed belongs to the line it ends. */
    public int line(int offset) {
        int found = Arrays.binarySearch(lineStarts, offset);
        return found >= 0 ? found + 1 : -found - 1;
    }

    public int column(int offset) {
        return 1 + text.codePointCount(lineStarts[line(offset) - 1], offset);
    }

    /** The column counted in bytes of UTF-8, as the service's messages do. */
    public int byteColumn(int offset) {
        return 1 + Utf8.length(text, lineStarts[line(offset) - 1], offset);
    }

    public Problem problem(String path, int offset, String code, String problem) {
        return new Problem(path, line(offset), column(offset), code, problem);
    }
}
