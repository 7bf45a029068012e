package hearth.base;

/**
 * One thing that is wrong in a person's input.
 *
 * @param path where in the document, e.g. {@code acls[0].src[1]}; empty when the whole is meant
 * @param line 1-based, 0 when unknown
 * @param column 1-based, 0 when unknown
 * @param code a stable short word for programs, e.g. {@code unknown-key}
 * @param text lower case, no full stop, with the offending value and what was expected
 */
public record Problem(String path, int line, int column, String code, String text) {
    @Override
    public String toString() {
        return line + ":" + column + ": " + text;
    }
}
