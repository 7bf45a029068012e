package hearth.crypto;

/** A machine's public key, known only from its Noise handshake; also the server's own Noise key. */
public final class MachineKey extends PublicKey {
    private static final String PREFIX = "mkey:";

    public MachineKey(byte[] bytes) {
        super(bytes);
    }

    /** Parses {@code mkey:} and 64 hex digits. */
    public static MachineKey parse(String text) {
        return new MachineKey(parseHex(PREFIX, text));
    }

    @Override
    String prefix() {
        return PREFIX;
    }
}
