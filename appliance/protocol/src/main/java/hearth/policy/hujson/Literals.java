package hearth.policy.hujson;

import org.jspecify.annotations.Nullable;

/** Strings and numbers of RFC 8259: checking, reading and writing them. */
final class Literals {
    private static final char REPLACEMENT = '\ufffd';

    private Literals() {}

    /** The meaning of a quoted string, or null when it is not one. */
    static @Nullable String unquote(String raw) {
        int last = raw.length() - 1;
        boolean plain = true;
        for (int i = 1; i < last; i++) {
            char c = raw.charAt(i);
            if (c < ' ' || c == '"') {
                return null;
            }
            if (c == '\\') {
                plain = false;
                break;
            }
        }
        return plain ? raw.substring(1, last) : unescape(raw, last);
    }

    private static @Nullable String unescape(String raw, int last) {
        StringBuilder out = new StringBuilder(raw.length());
        int i = 1;
        while (i < last) {
            char c = raw.charAt(i++);
            if (c < ' ' || c == '"') {
                return null;
            }
            if (c != '\\') {
                out.append(c);
                continue;
            }
            char escape = raw.charAt(i++);
            if (escape == 'u') {
                int unit = hex4(raw, i, last);
                if (unit < 0) {
                    return null;
                }
                i += 4;
                i += appendUnit(out, (char) unit, raw, i, last);
                continue;
            }
            int at = "\"\\/bfnrt".indexOf(escape);
            if (at < 0 || i > last) {
                return null;
            }
            out.append("\"\\/\b\f\n\r\t".charAt(at));
        }
        return i == last ? out.toString() : null;
    }

    /** Appends an escaped unit, paired with the next one if it fits; how far that one reached. */
    private static int appendUnit(StringBuilder out, char unit, String raw, int i, int last) {
        if (!Character.isSurrogate(unit)) {
            out.append(unit);
            return 0;
        }
        boolean another = raw.startsWith("\\u", i);
        int low = another ? hex4(raw, i + 2, last) : -1;
        if (low >= 0 && Character.isHighSurrogate(unit) && Character.isLowSurrogate((char) low)) {
            out.append(unit).append((char) low);
            return 6;
        }
        out.append(REPLACEMENT);
        return 0;
    }

    private static int hex4(String raw, int at, int last) {
        if (at + 4 > last) {
            return -1;
        }
        int value = 0;
        for (int i = at; i < at + 4; i++) {
            char c = raw.charAt(i);
            int digit = c < 0x80 ? Character.digit(c, 16) : -1;
            if (digit < 0) {
                return -1;
            }
            value = value << 4 | digit;
        }
        return value;
    }

    /** The shortest spelling (RFC 8785, 3.2.2.2). */
    static String quote(String value) {
        StringBuilder out = new StringBuilder(value.length() + 2).append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            int at = "\"\\\b\f\n\r\t".indexOf(c);
            if (at >= 0) {
                out.append('\\').append("\"\\bfnrt".charAt(at));
            } else if (c < ' ') {
                out.append("\\u00").append(Character.forDigit(c >> 4, 16));
                out.append(Character.forDigit(c & 15, 16));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }

    static boolean isNumber(String raw) {
        int i = raw.startsWith("-") ? 1 : 0;
        int digits = digits(raw, i);
        if (digits == 0 || (digits > 1 && raw.charAt(i) == '0')) {
            return false;
        }
        i += digits;
        if (i < raw.length() && raw.charAt(i) == '.') {
            int fraction = digits(raw, i + 1);
            if (fraction == 0) {
                return false;
            }
            i += 1 + fraction;
        }
        if (i < raw.length() && (raw.charAt(i) == 'e' || raw.charAt(i) == 'E')) {
            i++;
            if (i < raw.length() && (raw.charAt(i) == '+' || raw.charAt(i) == '-')) {
                i++;
            }
            int exponent = digits(raw, i);
            if (exponent == 0) {
                return false;
            }
            i += exponent;
        }
        return i == raw.length();
    }

    private static int digits(String raw, int from) {
        int i = from;
        while (i < raw.length() && raw.charAt(i) >= '0' && raw.charAt(i) <= '9') {
            i++;
        }
        return i - from;
    }
}
