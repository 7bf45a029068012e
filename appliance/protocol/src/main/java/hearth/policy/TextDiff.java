package hearth.policy;

import hearth.policy.hujson.HuJson;
import hearth.policy.hujson.HuJsonException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What two policy texts say differently; layout and comments do not count. */
public final class TextDiff {
    /** What happened to a place. */
    public enum Kind {
        ADDED,
        REMOVED,
        CHANGED
    }

    /**
     * One difference.
     *
     * @param path e.g. {@code groups["group:dev"]}, {@code acls[2]}; of a removed entry in the
     *     first text
     * @param before the value as JSON, empty when added
     * @param after the value as JSON, empty when removed
     */
    public record Edit(Kind kind, String path, String before, String after) {}

    /** Longer arrays are compared as a whole from the first difference on. */
    private static final int MOST_CELLS = 4_000_000;

    private static final int MOST_TOLD = 100;
    private static final int MOST_CHARS = 120;

    private final List<Edit> out = new ArrayList<>();

    private TextDiff() {}

    public static List<Edit> between(String before, String after) throws HuJsonException {
        TextDiff diff = new TextDiff();
        diff.compare("", HuJson.toJson(HuJson.parse(before)), HuJson.toJson(HuJson.parse(after)));
        return List.copyOf(diff.out);
    }

    /**
     * The first hundred differences in words: {@code changed acls[0].dst[0]: "a:1" → "a:2"}; none
     * when a text cannot be read.
     */
    public static List<String> told(String before, String after) {
        try {
            return between(before, after).stream().limit(MOST_TOLD).map(TextDiff::told).toList();
        } catch (HuJsonException e) {
            return List.of();
        }
    }

    private static String told(Edit e) {
        String values =
                e.before.isEmpty()
                        ? cut(e.after)
                        : e.after.isEmpty() ? cut(e.before) : cut(e.before) + " → " + cut(e.after);
        return e.kind.name().toLowerCase(Locale.ROOT) + " " + e.path + ": " + values;
    }

    private static String cut(String value) {
        return value.length() > MOST_CHARS ? value.substring(0, MOST_CHARS) + "…" : value;
    }

    private void compare(String path, JsonNode before, JsonNode after) {
        if (before.equals(after)) {
            return;
        }
        if (before.isObject() && after.isObject()) {
            Set<String> names = new LinkedHashSet<>(before.propertyNames());
            names.addAll(after.propertyNames());
            for (String name : names) {
                String at = member(path, name);
                if (!after.has(name)) {
                    add(Kind.REMOVED, at, before.get(name), null);
                } else if (!before.has(name)) {
                    add(Kind.ADDED, at, null, after.get(name));
                } else {
                    compare(at, before.get(name), after.get(name));
                }
            }
        } else if (before.isArray() && after.isArray()) {
            elements(path, before, after);
        } else {
            add(Kind.CHANGED, path, before, after);
        }
    }

    /** The longest common subsequence stays, the rest came or went. */
    private void elements(String path, JsonNode before, JsonNode after) {
        int head = 0;
        while (head < before.size()
                && head < after.size()
                && before.get(head).equals(after.get(head))) {
            head++;
        }
        int tail = 0;
        while (tail < before.size() - head
                && tail < after.size() - head
                && before.get(before.size() - 1 - tail)
                        .equals(after.get(after.size() - 1 - tail))) {
            tail++;
        }
        int n = before.size() - head - tail;
        int m = after.size() - head - tail;
        if ((long) n * m > MOST_CELLS) {
            add(Kind.CHANGED, path, before, after);
            return;
        }
        int[][] common = common(before, after, head, n, m);
        int i = 0;
        int j = 0;
        while (i < n || j < m) {
            JsonNode a = i < n ? before.get(head + i) : null;
            JsonNode b = j < m ? after.get(head + j) : null;
            if (a != null && a.equals(b)) {
                i++;
                j++;
            } else if (b == null || (a != null && common[i + 1][j] >= common[i][j + 1])) {
                add(Kind.REMOVED, path + "[" + (head + i++) + "]", a, null);
            } else {
                add(Kind.ADDED, path + "[" + (head + j++) + "]", null, b);
            }
        }
    }

    private static int[][] common(JsonNode before, JsonNode after, int head, int n, int m) {
        int[][] length = new int[n + 1][m + 1];
        for (int i = n - 1; i >= 0; i--) {
            for (int j = m - 1; j >= 0; j--) {
                length[i][j] =
                        before.get(head + i).equals(after.get(head + j))
                                ? length[i + 1][j + 1] + 1
                                : Math.max(length[i + 1][j], length[i][j + 1]);
            }
        }
        return length;
    }

    private static String member(String path, String name) {
        boolean plain = name.chars().allMatch(c -> c < 128 && Character.isLetterOrDigit(c));
        if (!plain) {
            return path + "[\"" + name + "\"]";
        }
        return path.isEmpty() ? name : path + "." + name;
    }

    private void add(Kind kind, String path, @Nullable JsonNode before, @Nullable JsonNode after) {
        out.add(
                new Edit(
                        kind,
                        path,
                        before == null ? "" : before.toString(),
                        after == null ? "" : after.toString()));
    }
}
