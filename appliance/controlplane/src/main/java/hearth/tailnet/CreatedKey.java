package hearth.tailnet;

/**
 * A fresh auth key and, this once, its text.
 *
 * @param secret what a device presents; stored nowhere
 */
public record CreatedKey(AuthKey key, String secret) {
    @Override
    public String toString() {
        return "CreatedKey[" + key.id() + "]";
    }
}
