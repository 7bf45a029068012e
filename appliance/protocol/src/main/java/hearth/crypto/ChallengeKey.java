package hearth.crypto;

import java.nio.ByteBuffer;

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

    public static ChallengeKey readFrom(ByteBuffer in) {
        return new ChallengeKey(read(in));
    }

    @Override
    String prefix() {
        return PREFIX;
    }
}
