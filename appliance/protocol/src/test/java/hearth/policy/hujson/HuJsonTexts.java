package hearth.policy.hujson;

import java.util.random.RandomGenerator;

/** Random HuJSON texts with comments and white space in every place; some of them broken. */
public final class HuJsonTexts {
    private static final String[] SPACES = {
        "",
        "",
        "",
        " ",
        "  ",
        "\t",
        "\n",
        "\n\n",
        "\n\n\n\n",
        "\r\n",
        "\n\r",
        "\r",
        " \n ",
        "\n\t\t"
    };
    private static final String[] COMMENT_WORDS = {
        "",
        " ",
        "word",
        "über",
        "日本",
        "*",
        "**",
        "/",
        "//",
        "/*",
        "\t",
        " x ",
        "\u00a0",
        "\u2003",
        "a long remark on what this entry is good for",
        "\r",
        "😀",
        "]",
        "\"",
        "\u0085"
    };
    private static final String[] STRINGS = {
        "\"\"",
        "\"a\"",
        "\"src\"",
        "\"group:dev\"",
        "\"\\u0061\"",
        "\"\\/\"",
        "\"\\n\\t\\b\\f\\r\\\\\"",
        "\"\\ud83d\\ude00\"",
        "\"\\ud83d\"",
        "\"\\ud83d\\u0041\"",
        "\"\\ude00\\ud83d\"",
        "\"\\u0000\\u001f\"",
        "\"ü\"",
        "\"日本語\"",
        "\"😀\\\"\"",
        "\"\\u2028\"",
        "\"\u007f\"",
        "\"tag:a-name-that-is-a-little-longer\"",
        "\"a text so long that it nearly fills a line alone\""
    };
    private static final String[] WORDS = {
        "true", "false", "null", "0", "-0", "1", "12345678901234567890", "-1.5e+10", "0.1", "1E5"
    };
    private static final String JUNK = "{}[],:\"/*\\ \n\r\t'x01-+.e\u0000\u0007üé日\ud83d\ude00#tfn";

    private final RandomGenerator random;
    private final int commentPercent;
    private final int feedPercent;

    public HuJsonTexts(RandomGenerator random) {
        this.random = random;
        this.commentPercent = random.nextInt(4) == 0 ? 0 : random.nextInt(40);
        this.feedPercent = random.nextInt(100);
    }

    public String valid() {
        StringBuilder out = new StringBuilder();
        extra(out);
        value(out, 0);
        extra(out);
        return out.toString();
    }

    /** A valid text with a few characters changed, dropped or added, or its end cut off. */
    public String broken() {
        StringBuilder out = new StringBuilder(valid());
        for (int i = random.nextInt(4); i >= 0 && !out.isEmpty(); i--) {
            int at = random.nextInt(out.length());
            switch (random.nextInt(4)) {
                case 0 -> out.deleteCharAt(at);
                case 1 -> out.insert(at, junk());
                case 2 -> out.setCharAt(at, junk());
                default -> out.setLength(random.nextInt(5) == 0 ? at : out.length());
            }
        }
        return new String(
                out.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8),
                java.nio.charset.StandardCharsets.UTF_8);
    }

    private char junk() {
        return JUNK.charAt(random.nextInt(JUNK.length()));
    }

    private void value(StringBuilder out, int depth) {
        int kind = random.nextInt(depth == 0 ? 8 : 10 + depth);
        if (kind < 4) {
            members(out, depth);
        } else if (kind < 7) {
            elements(out, depth);
        } else {
            out.append(random.nextInt(3) == 0 ? pick(WORDS) : pick(STRINGS));
        }
    }

    private void members(StringBuilder out, int depth) {
        out.append('{');
        int size = size(depth);
        for (int i = 0; i < size; i++) {
            extra(out);
            out.append(pick(STRINGS));
            extra(out);
            out.append(':');
            extra(out);
            value(out, depth + 1);
            extra(out);
            comma(out, i, size);
        }
        extra(out);
        out.append('}');
    }

    private void elements(StringBuilder out, int depth) {
        out.append('[');
        int size = size(depth);
        for (int i = 0; i < size; i++) {
            extra(out);
            value(out, depth + 1);
            extra(out);
            comma(out, i, size);
        }
        extra(out);
        out.append(']');
    }

    private void comma(StringBuilder out, int i, int size) {
        if (i < size - 1 || random.nextInt(3) == 0) {
            out.append(',');
        }
    }

    private int size(int depth) {
        return depth > 5 ? 0 : random.nextInt(depth == 0 ? 7 : 5);
    }

    private void extra(StringBuilder out) {
        space(out);
        while (random.nextInt(100) < commentPercent) {
            comment(out);
            space(out);
        }
    }

    private void space(StringBuilder out) {
        if (random.nextInt(100) < feedPercent) {
            out.append(pick(SPACES));
        } else {
            out.repeat(' ', random.nextInt(2));
        }
    }

    private void comment(StringBuilder out) {
        if (random.nextInt(3) == 0) {
            out.append("//").append(words().replace('\n', ' ')).append('\n');
            return;
        }
        out.append("/*").append(words());
        boolean stars = random.nextBoolean();
        String indent = pick(SPACES).replace("\n", "").replace("\r", "");
        for (int i = random.nextInt(4); i > 0; i--) {
            out.append('\n').append(random.nextInt(5) == 0 ? pick(SPACES) : indent);
            out.append(stars ? "* " : "").append(words());
        }
        if (random.nextInt(3) == 0) {
            out.append('\n').append(indent);
        }
        out.append("*/");
    }

    private String words() {
        StringBuilder out = new StringBuilder();
        for (int i = random.nextInt(4); i > 0; i--) {
            out.append(pick(COMMENT_WORDS));
        }
        return out.toString().replace("*/", "* ");
    }

    private String pick(String[] from) {
        return from[random.nextInt(from.length)];
    }
}
