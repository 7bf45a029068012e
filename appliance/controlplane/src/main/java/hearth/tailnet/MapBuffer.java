package hearth.tailnet;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A growing buffer of JSON text, used again for frame after frame. Confined to one thread. */
final class MapBuffer {
    private static final int KEPT_BYTES = 4 << 20;

    private byte[] bytes = new byte[16 << 10];
    private int length;

    void clear() {
        if (bytes.length > KEPT_BYTES) {
            bytes = new byte[16 << 10];
        }
        length = 0;
    }

    int length() {
        return length;
    }

    /** The backing array; {@link #length} bytes count. */
    byte[] array() {
        return bytes;
    }

    MapBuffer put(byte[] b) {
        room(b.length);
        System.arraycopy(b, 0, bytes, length, b.length);
        length += b.length;
        return this;
    }

    /** Text of ASCII characters. */
    MapBuffer put(String ascii) {
        int n = ascii.length();
        room(n);
        for (int i = 0; i < n; i++) {
            bytes[length + i] = (byte) ascii.charAt(i);
        }
        length += n;
        return this;
    }

    MapBuffer put(char ascii) {
        room(1);
        bytes[length++] = (byte) ascii;
        return this;
    }

    /** Takes back everything after {@code mark}, an earlier {@link #length}. */
    void back(int mark) {
        length = mark;
    }

    private void room(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(length + more, bytes.length * 2));
        }
    }

    @Override
    public String toString() {
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }
}
