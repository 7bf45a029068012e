package hearth.policy.hujson;

import java.util.ArrayList;
import java.util.List;

/** One pass over a text, one method a production. */
final class Parser {
    private final String text;
    private int at;
    private int depth;

    Parser(String text) {
        this.text = text;
    }

    HuValue parse() throws HuJsonException {
        int broken = unpairedSurrogate();
        if (broken >= 0) {
            throw error(broken, "invalid UTF-8");
        }
        String before = extra();
        HuValue root = withAfter(value(before), extra());
        if (at < text.length()) {
            throw unexpected("after top-level value");
        }
        return root;
    }

    private HuValue value(String before) throws HuJsonException {
        if (at == text.length()) {
            throw error(at, "parsing value: unexpected EOF");
        }
        return switch (text.charAt(at)) {
            case '{' -> object(before);
            case '[' -> array(before);
            case '"' -> string(before);
            default -> word(before);
        };
    }

    private HuObject object(String before) throws HuJsonException {
        int start = at++;
        deeper();
        List<HuObject.Member> members = new ArrayList<>();
        boolean comma = false;
        while (true) {
            String extra = extra();
            if (at < text.length() && text.charAt(at) == '}') {
                depth--;
                return new HuObject(before, start, members, comma, extra, ++at, "");
            }
            int nameAt = at;
            HuValue name = value(extra);
            String afterName = extra();
            if (!(name instanceof HuString key)) {
                at = nameAt;
                throw unexpected("at start of object name");
            }
            if (at == text.length()) {
                throw error(at, "parsing object after name: unexpected EOF");
            }
            if (text.charAt(at) != ':') {
                throw unexpected("after object name");
            }
            at++;
            HuValue value = value(extra());
            String afterValue = extra();
            if (at == text.length()) {
                throw error(at, "parsing object after value: unexpected EOF");
            }
            char next = text.charAt(at);
            comma = next == ',';
            if (!comma && next != '}') {
                throw unexpected("after object value (expecting ',' or '}')");
            }
            at++;
            members.add(
                    new HuObject.Member(
                            withAfter(key, afterName),
                            comma ? withAfter(value, afterValue) : value));
            if (!comma) {
                depth--;
                return new HuObject(before, start, members, false, afterValue, at, "");
            }
        }
    }

    private HuArray array(String before) throws HuJsonException {
        int start = at++;
        deeper();
        List<HuValue> elements = new ArrayList<>();
        boolean comma = false;
        while (true) {
            String extra = extra();
            if (at < text.length() && text.charAt(at) == ']') {
                depth--;
                return new HuArray(before, start, elements, comma, extra, ++at, "");
            }
            HuValue value = value(extra);
            String afterValue = extra();
            if (at == text.length()) {
                throw error(at, "parsing array after value: unexpected EOF");
            }
            char next = text.charAt(at);
            comma = next == ',';
            if (!comma && next != ']') {
                throw unexpected("after array value (expecting ',' or ']')");
            }
            at++;
            elements.add(comma ? withAfter(value, afterValue) : value);
            if (!comma) {
                depth--;
                return new HuArray(before, start, elements, false, afterValue, at, "");
            }
        }
    }

    private HuString string(String before) throws HuJsonException {
        int start = at++;
        while (at < text.length() && text.charAt(at) != '"') {
            at += text.charAt(at) == '\\' ? 2 : 1;
        }
        if (at >= text.length()) {
            throw error(text.length(), "parsing string: unexpected EOF");
        }
        at++;
        String raw = text.substring(start, at);
        String value = Literals.unquote(raw);
        if (value == null) {
            throw error(start, "invalid literal: " + raw);
        }
        return new HuString(before, start, raw, value, "");
    }

    private HuValue word(String before) throws HuJsonException {
        int start = at;
        while (at < text.length() && isWordPart(text.charAt(at))) {
            at++;
        }
        String raw = text.substring(start, at);
        if (raw.isEmpty()) {
            throw unexpected("at start of value");
        }
        return switch (raw) {
            case "true", "false", "null" -> new HuLiteral(before, start, raw, "");
            default -> {
                if (!Literals.isNumber(raw)) {
                    throw error(start, "invalid literal: " + raw);
                }
                yield new HuNumber(before, start, raw, "");
            }
        };
    }

    private static boolean isWordPart(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '-'
                || c == '+'
                || c == '.';
    }

    private String extra() throws HuJsonException {
        int start = at;
        while (at < text.length()) {
            int next =
                    text.charAt(at) == '/'
                            ? Extra.skipComment(text, at)
                            : Extra.skipSpace(text, at);
            if (next == Extra.UNFINISHED) {
                throw error(at, "parsing comment: unexpected EOF");
            }
            if (next == at) {
                break;
            }
            at = next;
        }
        return text.substring(start, at);
    }

    private void deeper() throws HuJsonException {
        if (++depth > HuJson.MAX_DEPTH) {
            throw error(at - 1, "nesting deeper than " + HuJson.MAX_DEPTH);
        }
    }

    private int unpairedSurrogate() {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                boolean paired =
                        Character.isHighSurrogate(c)
                                && i + 1 < text.length()
                                && Character.isLowSurrogate(text.charAt(i + 1));
                if (!paired) {
                    return i;
                }
                i++;
            }
        }
        return -1;
    }

    private HuJsonException unexpected(String where) {
        int c = text.codePointAt(at);
        String what;
        if (c == '\'' || c == '\\') {
            what = "'\\" + (char) c + "'";
        } else if (isPrintable(c)) {
            what = "'" + Character.toString(c) + "'";
        } else {
            what = String.format(c <= 0xffff ? "'\\u%04x'" : "'\\U%08x'", c);
        }
        return error(at, "invalid character " + what + " " + where);
    }

    private static boolean isPrintable(int c) {
        return c == ' '
                || switch (Character.getType(c)) {
                    case Character.CONTROL,
                            Character.FORMAT,
                            Character.SURROGATE,
                            Character.PRIVATE_USE,
                            Character.UNASSIGNED,
                            Character.LINE_SEPARATOR,
                            Character.PARAGRAPH_SEPARATOR,
                            Character.SPACE_SEPARATOR ->
                            false;
                    default -> true;
                };
    }

    private HuJsonException error(int offset, String what) {
        return new HuJsonException(new Positions(text), offset, what);
    }

    private static HuString withAfter(HuString v, String after) {
        return after.isEmpty()
                ? v
                : new HuString(v.before(), v.offset(), v.raw(), v.value(), after);
    }

    private static HuValue withAfter(HuValue v, String after) {
        if (after.isEmpty()) {
            return v;
        }
        return switch (v) {
            case HuObject o ->
                    new HuObject(
                            o.before(),
                            o.offset(),
                            o.members(),
                            o.trailingComma(),
                            o.tail(),
                            o.end(),
                            after);
            case HuArray a ->
                    new HuArray(
                            a.before(),
                            a.offset(),
                            a.elements(),
                            a.trailingComma(),
                            a.tail(),
                            a.end(),
                            after);
            case HuString s -> withAfter(s, after);
            case HuNumber n -> new HuNumber(n.before(), n.offset(), n.raw(), after);
            case HuLiteral l -> new HuLiteral(l.before(), l.offset(), l.raw(), after);
        };
    }
}
