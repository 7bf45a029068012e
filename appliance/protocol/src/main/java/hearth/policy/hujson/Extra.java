package hearth.policy.hujson;

/** The lexis between values: white space, line comments, block comments. */
final class Extra {
    /** A comment that the text ends in. */
    static final int UNFINISHED = -1;

    private Extra() {}

    static boolean isSpace(char c) {
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
    }

    /** The offset after the white space at {@code at}. */
    static int skipSpace(CharSequence s, int at) {
        int i = at;
        while (i < s.length() && isSpace(s.charAt(i))) {
            i++;
        }
        return i;
    }

    /**
     * The offset after the comment at {@code at}, a line comment's line feed included; {@code at}
     * itself when there is none, {@link #UNFINISHED} when it has no end.
     */
    static int skipComment(String s, int at) {
        String end;
        if (s.startsWith("//", at)) {
            end = "\n";
        } else if (s.startsWith("/*", at)) {
            end = "*/";
        } else {
            return at;
        }
        int found = s.indexOf(end, at + 2);
        return found < 0 ? UNFINISHED : found + end.length();
    }

    /** Where the first line of {@code extra} ends: a line feed outside block comments, or -1. */
    static int lineEnd(String extra, int from) {
        int at = from;
        while (at < extra.length()) {
            if (extra.charAt(at) == '\n') {
                return at;
            }
            if (extra.startsWith("//", at)) {
                return extra.indexOf('\n', at);
            }
            int end = skipComment(extra, at);
            at = end > at ? end : at + 1;
        }
        return -1;
    }

    static boolean hasComment(String extra) {
        return skipSpace(extra, 0) < extra.length();
    }

    static boolean hasLineFeed(String extra) {
        return extra.indexOf('\n') >= 0;
    }

    /** Without the white space of Unicode at its end. */
    static String trimEnd(String s) {
        int end = s.length();
        while (end > 0 && isUnicodeSpace(s.charAt(end - 1))) {
            end--;
        }
        return s.substring(0, end);
    }

    private static boolean isUnicodeSpace(char c) {
        return (c >= '\t' && c <= '\r') || c == '\u0085' || Character.isSpaceChar(c);
    }
}
