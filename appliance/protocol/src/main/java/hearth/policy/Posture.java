package hearth.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One assertion about a device: {@code node:os == 'linux'}, {@code node:tsVersion >= '1.80'},
 * {@code custom:tier IN ['gold', 'silver']}, {@code ip:country IS SET}; words in any case. An
 * attribute that is not known fails every comparison, the negative ones as well.
 */
record Posture(String attribute, Operator operator, List<String> values) {
    enum Operator {
        EQUAL("=="),
        NOT_EQUAL("!="),
        AT_LEAST(">="),
        AT_MOST("<="),
        LESS("<"),
        GREATER(">"),
        NOT_IN("NOT IN"),
        IN("IN"),
        IS_SET("IS SET"),
        NOT_SET("NOT SET");

        private final String word;

        Operator(String word) {
            this.word = word;
        }
    }

    private static final Pattern KEY = Pattern.compile("[A-Za-z]\\w*:[\\w.-]+");
    private static final Pattern ITEM =
            Pattern.compile("'([^']*)'|(true|false)|(-?\\d+(?:\\.\\d+)*)");

    /** The assertion, or null when {@code text} is none. */
    static @Nullable Posture parse(String text) {
        String[] parts = text.strip().split("\\s+", 2);
        if (parts.length != 2 || !KEY.matcher(parts[0]).matches()) {
            return null;
        }
        for (Operator op : Operator.values()) {
            if (parts[1].regionMatches(true, 0, op.word, 0, op.word.length())) {
                List<String> values = values(op, parts[1].substring(op.word.length()).strip());
                return values == null ? null : new Posture(parts[0], op, values);
            }
        }
        return null;
    }

    private static @Nullable List<String> values(Operator op, String text) {
        return switch (op) {
            case IS_SET, NOT_SET -> text.isEmpty() ? List.of() : null;
            case IN, NOT_IN ->
                    text.startsWith("[") && text.endsWith("]")
                            ? items(text.substring(1, text.length() - 1).strip())
                            : null;
            case EQUAL, NOT_EQUAL, AT_LEAST, AT_MOST, LESS, GREATER -> {
                List<String> one = items(text);
                yield one == null || one.size() != 1 ? null : one;
            }
        };
    }

    private static @Nullable List<String> items(String text) {
        List<String> out = new ArrayList<>();
        Matcher m = ITEM.matcher(text);
        int at = 0;
        while (m.find(at) && m.start() == at) {
            String quoted = m.group(1);
            out.add(quoted != null ? quoted : m.group());
            at = m.end();
            while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == ',')) {
                at++;
            }
            if (at == text.length()) {
                return List.copyOf(out);
            }
        }
        return null;
    }

    /** As a policy writes it. */
    @Override
    public String toString() {
        String text = values.stream().map(v -> "'" + v + "'").collect(Collectors.joining(", "));
        return switch (operator) {
            case IS_SET, NOT_SET -> attribute + " " + operator.word;
            case IN, NOT_IN -> attribute + " " + operator.word + " [" + text + "]";
            case EQUAL, NOT_EQUAL, AT_LEAST, AT_MOST, LESS, GREATER ->
                    attribute + " " + operator.word + " " + text;
        };
    }

    boolean holds(Map<String, String> attributes) {
        String have = attributes.get(attribute);
        if (operator == Operator.IS_SET || operator == Operator.NOT_SET) {
            return (have != null) == (operator == Operator.IS_SET);
        }
        if (have == null) {
            return false;
        }
        return switch (operator) {
            case EQUAL, IN -> values.contains(have);
            case NOT_EQUAL, NOT_IN -> !values.contains(have);
            case AT_LEAST -> compare(have) >= 0;
            case AT_MOST -> compare(have) <= 0;
            case LESS -> compare(have) < 0;
            case GREATER -> compare(have) > 0;
            case IS_SET, NOT_SET -> throw new IllegalStateException(operator.name());
        };
    }

    /** Numbers between dots one by one, as versions are compared; what follows a dash is lower. */
    private int compare(String have) {
        String[] a = have.split("-", 2)[0].split("\\.", -1);
        String[] b = values.getFirst().split("-", 2)[0].split("\\.", -1);
        for (int i = 0; i < Math.max(a.length, b.length); i++) {
            int c = Long.compare(number(a, i), number(b, i));
            if (c != 0) {
                return c;
            }
        }
        return Boolean.compare(values.getFirst().contains("-"), have.contains("-"));
    }

    private static long number(String[] parts, int i) {
        if (i >= parts.length) {
            return 0;
        }
        long value = 0;
        for (char c : parts[i].toCharArray()) {
            if (c < '0' || c > '9' || value > Integer.MAX_VALUE) {
                break;
            }
            value = value * 10 + (c - '0');
        }
        return value;
    }
}
