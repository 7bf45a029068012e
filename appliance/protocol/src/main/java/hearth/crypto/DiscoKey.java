package hearth.crypto;

/** A node's disco public key, new at every start of its client. */
public final class DiscoKey extends PublicKey {
    private static final String PREFIX = "discokey:";

    public DiscoKey(byte[] bytes) {
        super(bytes);
    }

    /** Parses {@code discokey:} and 64 hex digits. */
    public static DiscoKey parse(String text) {
        return new DiscoKey(parseHex(PREFIX, text));
    }

    @Override
    String prefix() {
        return PREFIX;
    }
}
