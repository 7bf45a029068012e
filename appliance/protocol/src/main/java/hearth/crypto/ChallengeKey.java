package hearth.crypto;

/** The key of the early payload's node key challenge. */
public final class ChallengeKey extends PublicKey {
    private static final String PREFIX = "chalpub:";

    public ChallengeKey(byte[] bytes) {
        super(bytes);
    }

    /** Parses {@code chalpub:} and 64 hex digits. */
    public static ChallengeKey parse(String text) {
        return new ChallengeKey(parseHex(PREFIX, text));
    }

    @Override
    String prefix() {
        return PREFIX;
    }
}
