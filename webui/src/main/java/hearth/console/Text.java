package hearth.console;

/** Texts that devices and strangers chose, made fit for eyes. Escaping is the templates' work. */
final class Text {
    private static final int MAX_CHARS = 64;

    private Text() {}

    /**
     * A name from outside: without controls and without characters that turn the direction of
     * writing, at most 64 characters.
     */
    static String name(String raw) {
        return cut(raw, MAX_CHARS);
    }

    /** Like {@link #name}, for longer texts. */
    static String cut(String raw, int maxChars) {
        var out = new StringBuilder();
        int[] points = raw.codePoints().filter(Text::harmless).limit(maxChars + 1L).toArray();
        for (int i = 0; i < Math.min(points.length, maxChars); i++) {
            out.appendCodePoint(points[i]);
        }
        return points.length > maxChars ? out.append('…').toString() : out.toString();
    }

    private static boolean harmless(int c) {
        boolean turnsDirection =
                between(c, 0x202a, 0x202e)
                        || between(c, 0x2066, 0x2069)
                        || between(c, 0x200e, 0x200f)
                        || c == 0x061c;
        int type = Character.getType(c);
        return !turnsDirection
                && type != Character.CONTROL
                && type != Character.SURROGATE
                && type != Character.UNASSIGNED
                && !between(c, 0x2028, 0x2029);
    }

    private static boolean between(int c, int low, int high) {
        return c >= low && c <= high;
    }

    /** {@code 1 machine}, {@code 2 machines}. */
    static String count(long n, String one, String many) {
        return n + " " + (n == 1 ? one : many);
    }
}
