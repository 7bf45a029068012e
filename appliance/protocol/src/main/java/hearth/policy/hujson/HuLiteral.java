package hearth.policy.hujson;

/**
 * {@code true}, {@code false} or {@code null}.
 *
 * @param raw the word
 */
public record HuLiteral(String before, int offset, String raw, String after) implements HuValue {
    @Override
    public int end() {
        return offset + raw.length();
    }

    public boolean isNull() {
        return raw.equals("null");
    }

    public boolean isTrue() {
        return raw.equals("true");
    }
}
