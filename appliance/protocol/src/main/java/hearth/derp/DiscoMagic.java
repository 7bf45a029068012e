package hearth.derp;

/** Tells disco messages from WireGuard packets: "TS" and the speech balloon emoji, 62 bytes up. */
final class DiscoMagic {
    private static final byte[] MAGIC = {
        'T', 'S', (byte) 0xf0, (byte) 0x9f, (byte) 0x92, (byte) 0xac
    };
    private static final int LEAST = 62; // magic 6, key 32, nonce 24

    private DiscoMagic() {}

    static boolean marks(byte[] in, int offset, int count) {
        if (count < LEAST) {
            return false;
        }
        for (int i = 0; i < MAGIC.length; i++) {
            if (in[offset + i] != MAGIC[i]) {
                return false;
            }
        }
        return true;
    }
}
