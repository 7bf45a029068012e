package hearth.policy.hujson;

/**
 * A string.
 *
 * @param raw as written, quotes and escapes included
 * @param value what it means; an unpaired surrogate escape means U+FFFD
 */
public record HuString(String before, int offset, String raw, String value, String after)
        implements HuValue {
    @Override
    public int end() {
        return offset + raw.length();
    }
}
