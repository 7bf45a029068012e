package hearth.wireguard;

/**
 * The four messages. Integers are little endian; byte 0 is the type, bytes 1 to 3 are zero.
 *
 * <pre>
 * initiation  148: 4 sender u32, 8 ephemeral 32, 40 static 48, 88 timestamp 28, 116 MAC1 16, 132 MAC2 16
 * response     92: 4 sender u32, 8 receiver u32, 12 ephemeral 32, 44 empty 16, 60 MAC1 16, 76 MAC2 16
 * cookie       64: 4 receiver u32, 8 nonce 24, 32 cookie 32
 * transport  ≥ 32: 4 receiver u32, 8 counter u64, 16 ciphertext and tag
 * </pre>
 *
 * Types 1 to 3 have exactly these lengths. (WireGuard paper, 5.4)
 */
public final class Messages {
    public static final int INITIATION = 1;
    public static final int RESPONSE = 2;
    public static final int COOKIE = 3;
    public static final int TRANSPORT = 4;

    public static final int INITIATION_BYTES = 148;
    public static final int RESPONSE_BYTES = 92;
    public static final int COOKIE_BYTES = 64;

    /** Header of a transport message: type, receiver, counter. */
    public static final int TRANSPORT_HEADER_BYTES = 16;

    /** Header and tag: a transport message of this length is a keepalive. */
    public static final int TRANSPORT_OVERHEAD_BYTES = 32;

    public static final int TRANSPORT_RECEIVER = 4;
    public static final int TRANSPORT_COUNTER = 8;

    static final int MAC_BYTES = 16;
    static final int KEY_BYTES = 32;
    static final int SENDER = 4;
    static final int INITIATION_EPHEMERAL = 8;
    static final int INITIATION_STATIC = 40;
    static final int INITIATION_STATIC_BYTES = 48;
    static final int INITIATION_TIMESTAMP = 88;
    static final int INITIATION_TIMESTAMP_BYTES = 28;
    static final int RESPONSE_RECEIVER = 8;
    static final int RESPONSE_EPHEMERAL = 12;
    static final int RESPONSE_EMPTY = 44;
    static final int RESPONSE_EMPTY_BYTES = 16;
    static final int COOKIE_RECEIVER = 4;
    static final int COOKIE_NONCE = 8;
    static final int COOKIE_NONCE_BYTES = 24;
    static final int COOKIE_SEALED = 32;
    static final int COOKIE_SEALED_BYTES = 32;

    private Messages() {}

    /**
     * The type of a handshake or cookie message of exactly its length, else 0: such a datagram is
     * dropped in silence.
     */
    public static int handshakeType(byte[] datagram) {
        if (datagram.length < 4 || datagram[1] != 0 || datagram[2] != 0 || datagram[3] != 0) {
            return 0;
        }
        int wanted =
                switch (datagram[0]) {
                    case INITIATION -> INITIATION_BYTES;
                    case RESPONSE -> RESPONSE_BYTES;
                    case COOKIE -> COOKIE_BYTES;
                    default -> -1;
                };
        return datagram.length == wanted ? datagram[0] : 0;
    }

    /** The index of the receiver in a response or cookie message. */
    public static int receiverOf(byte[] datagram) {
        return u32(datagram, datagram[0] == RESPONSE ? RESPONSE_RECEIVER : COOKIE_RECEIVER);
    }

    static int u32(byte[] b, int i) {
        return (b[i] & 0xff)
                | (b[i + 1] & 0xff) << 8
                | (b[i + 2] & 0xff) << 16
                | (b[i + 3] & 0xff) << 24;
    }

    static void putU32(byte[] b, int i, int value) {
        b[i] = (byte) value;
        b[i + 1] = (byte) (value >>> 8);
        b[i + 2] = (byte) (value >>> 16);
        b[i + 3] = (byte) (value >>> 24);
    }

    /** Where the two MACs of an initiation or response start. */
    static int macsAt(byte[] message) {
        return message.length - 2 * MAC_BYTES;
    }
}
