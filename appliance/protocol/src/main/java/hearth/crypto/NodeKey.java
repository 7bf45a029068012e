package hearth.crypto;

import java.nio.ByteBuffer;

/** A node's WireGuard public key. */
public final class NodeKey extends PublicKey {
    private static final String PREFIX = "nodekey:";

    public NodeKey(byte[] bytes) {
        super(bytes);
    }

    /** Parses {@code nodekey:} and 64 hex digits. */
    public static NodeKey parse(String text) {
        return new NodeKey(parseHex(PREFIX, text));
    }

    public static NodeKey readFrom(ByteBuffer in) {
        return new NodeKey(read(in));
    }

    @Override
    String prefix() {
        return PREFIX;
    }
}
