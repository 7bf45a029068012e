package hearth.policy.hujson;

/** Lengths in UTF-8 of parts of a Java string. */
final class Utf8 {
    private Utf8() {}

    static int length(CharSequence s) {
        return length(s, 0, s.length());
    }

    static int length(CharSequence s, int from, int to) {
        int bytes = 0;
        for (int i = from; i < to; i++) {
            char c = s.charAt(i);
            if (c < 0x80) {
                bytes++;
            } else if (c < 0x800 || Character.isSurrogate(c)) {
                bytes += 2; // each half of a pair: 4 bytes together
            } else {
                bytes += 3;
            }
        }
        return bytes;
    }
}
