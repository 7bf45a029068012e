package hearth.policy.hujson;

import hearth.base.Problem;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * HuJSON texts. Accepts what github.com/tailscale/hujson accepts, with its error texts, but for
 * values nested deeper than {@link #MAX_DEPTH} and for what is not well-formed Unicode.
 */
public final class HuJson {
    /** How deep objects and arrays may stand in each other. */
    public static final int MAX_DEPTH = 500;

    private static final int MAX_INTEGER_DIGITS = 1000;
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private HuJson() {}

    public static HuValue parse(String text) throws HuJsonException {
        return new Parser(text).parse();
    }

    /** The text of a tree: what was parsed, byte for byte. */
    public static String pack(HuValue value) {
        StringBuilder out = new StringBuilder();
        pack(value, out);
        return out.toString();
    }

    private static void pack(HuValue value, StringBuilder out) {
        out.append(value.before());
        switch (value) {
            case HuObject o -> {
                out.append('{');
                for (int i = 0; i < o.members().size(); i++) {
                    if (i > 0) {
                        out.append(',');
                    }
                    pack(o.members().get(i).name(), out);
                    out.append(':');
                    pack(o.members().get(i).value(), out);
                }
                out.append(o.trailingComma() ? "," : "").append(o.tail()).append('}');
            }
            case HuArray a -> {
                out.append('[');
                for (int i = 0; i < a.elements().size(); i++) {
                    if (i > 0) {
                        out.append(',');
                    }
                    pack(a.elements().get(i), out);
                }
                out.append(a.trailingComma() ? "," : "").append(a.tail()).append(']');
            }
            case HuString s -> out.append(s.raw());
            case HuNumber n -> out.append(n.raw());
            case HuLiteral l -> out.append(l.raw());
        }
        out.append(value.after());
    }

    /**
     * The text in the service's layout, byte for byte that of {@code hujson.Format}; the ETag of a
     * policy is made of it. A formatted text stays as it is.
     */
    public static String format(String text) throws HuJsonException {
        return Formatter.format(parse(text));
    }

    /**
     * The text as standard JSON in which every value keeps its place: comments and trailing commas
     * become spaces, one for each byte of UTF-8.
     */
    public static String standardize(String text) throws HuJsonException {
        StringBuilder out = new StringBuilder(text.length());
        standardize(parse(text), out);
        return out.toString();
    }

    private static void standardize(HuValue value, StringBuilder out) {
        blank(value.before(), out);
        switch (value) {
            case HuObject o -> {
                out.append('{');
                for (int i = 0; i < o.members().size(); i++) {
                    if (i > 0) {
                        out.append(',');
                    }
                    standardize(o.members().get(i).name(), out);
                    out.append(':');
                    standardize(o.members().get(i).value(), out);
                }
                blank(o.trailingComma() ? "," : "", out);
                blank(o.tail(), out);
                out.append('}');
            }
            case HuArray a -> {
                out.append('[');
                for (int i = 0; i < a.elements().size(); i++) {
                    if (i > 0) {
                        out.append(',');
                    }
                    standardize(a.elements().get(i), out);
                }
                blank(a.trailingComma() ? "," : "", out);
                blank(a.tail(), out);
                out.append(']');
            }
            case HuString s -> out.append(s.raw());
            case HuNumber n -> out.append(n.raw());
            case HuLiteral l -> out.append(l.raw());
        }
        blank(value.after(), out);
    }

    private static void blank(String extra, StringBuilder out) {
        for (int i = 0; i < extra.length(); i++) {
            if (Extra.isSpace(extra.charAt(i))) {
                out.append(extra.charAt(i));
            } else {
                out.repeat(' ', Utf8.length(extra, i, i + 1));
            }
        }
    }

    /** The text as standard JSON without any white space. */
    public static String minimize(String text) throws HuJsonException {
        StringBuilder out = new StringBuilder(text.length());
        minimize(parse(text), out);
        return out.toString();
    }

    private static void minimize(HuValue value, StringBuilder out) {
        switch (value) {
            case HuObject o -> {
                char separator = '{';
                for (HuObject.Member m : o.members()) {
                    out.append(separator).append(m.name().raw()).append(':');
                    minimize(m.value(), out);
                    separator = ',';
                }
                out.append(o.members().isEmpty() ? "{}" : "}");
            }
            case HuArray a -> {
                char separator = '[';
                for (HuValue v : a.elements()) {
                    out.append(separator);
                    minimize(v, out);
                    separator = ',';
                }
                out.append(a.elements().isEmpty() ? "[]" : "]");
            }
            case HuString s -> out.append(s.raw());
            case HuNumber n -> out.append(n.raw());
            case HuLiteral l -> out.append(l.raw());
        }
    }

    /** The value for Jackson; of members with one name the last counts. */
    public static JsonNode toJson(HuValue value) {
        return switch (value) {
            case HuObject o -> {
                ObjectNode node = NODES.objectNode();
                for (HuObject.Member m : o.members()) {
                    node.set(m.name().value(), toJson(m.value()));
                }
                yield node;
            }
            case HuArray a -> {
                ArrayNode node = NODES.arrayNode();
                for (HuValue v : a.elements()) {
                    node.add(toJson(v));
                }
                yield node;
            }
            case HuString s -> NODES.stringNode(s.value());
            case HuNumber n -> number(n.raw());
            case HuLiteral l -> l.isNull() ? NODES.nullNode() : NODES.booleanNode(l.isTrue());
        };
    }

    private static JsonNode number(String raw) {
        boolean integer = raw.chars().allMatch(c -> c == '-' || (c >= '0' && c <= '9'));
        if (!integer || raw.length() > MAX_INTEGER_DIGITS) {
            return NODES.numberNode(Double.parseDouble(raw));
        }
        return raw.length() <= 18
                ? NODES.numberNode(Long.parseLong(raw))
                : NODES.numberNode(new BigInteger(raw));
    }

    /** Every name that an object holds more than once, at its later places. */
    public static List<Problem> duplicates(HuValue root, Positions positions) {
        List<Problem> out = new ArrayList<>();
        duplicates(root, "", positions, out);
        return out;
    }

    private static void duplicates(
            HuValue value, String path, Positions positions, List<Problem> out) {
        switch (value) {
            case HuObject o -> {
                Set<String> seen = new HashSet<>();
                for (HuObject.Member m : o.members()) {
                    String name = m.name().value();
                    String memberPath = path.isEmpty() ? name : path + "." + name;
                    if (!seen.add(name)) {
                        out.add(
                                positions.problem(
                                        memberPath,
                                        m.name().offset(),
                                        "duplicate-key",
                                        "\"" + name + "\" appears more than once"));
                    }
                    duplicates(m.value(), memberPath, positions, out);
                }
            }
            case HuArray a -> {
                for (int i = 0; i < a.elements().size(); i++) {
                    duplicates(a.elements().get(i), path + "[" + i + "]", positions, out);
                }
            }
            case HuString _, HuNumber _, HuLiteral _ -> {}
        }
    }
}
