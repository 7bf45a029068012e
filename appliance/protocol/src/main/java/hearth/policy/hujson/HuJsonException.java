package hearth.policy.hujson;

import hearth.base.Problem;

/**
 * A text that is not HuJSON. {@link #getMessage} is the service's text: {@code hujson: line 1,
 * column 2: invalid character '}' at start of value}, its column counted in bytes. Carries no stack
 * trace.
 */
public final class HuJsonException extends Exception {
    private final int offset;
    private final int line;
    private final int column;
    private final String text;

    HuJsonException(Positions positions, int offset, String text) {
        super(
                "hujson: line "
                        + positions.line(offset)
                        + ", column "
                        + positions.byteColumn(offset)
                        + ": "
                        + text,
                null,
                false,
                false);
        this.offset = offset;
        this.line = positions.line(offset);
        this.column = positions.column(offset);
        this.text = text;
    }

    /** In UTF-16 units from the start of the text. */
    public int offset() {
        return offset;
    }

    /** From 1. */
    public int line() {
        return line;
    }

    /** From 1, in characters. */
    public int column() {
        return column;
    }

    /** What is wrong, without the position. */
    public String text() {
        return text;
    }

    public Problem problem() {
        return new Problem("", line, column, "syntax", text);
    }
}
