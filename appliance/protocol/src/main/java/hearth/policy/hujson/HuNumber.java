package hearth.policy.hujson;

/**
 * A number.
 *
 * @param raw as written
 */
public record HuNumber(String before, int offset, String raw, String after) implements HuValue {
    @Override
    public int end() {
        return offset + raw.length();
    }
}
