package hearth.policy.hujson;

import hearth.base.Refused;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Edits of one value of a text by JSON pointer (RFC 6901); what surrounds it stays byte for byte. A
 * new entry stands as its neighbours do, on a line of its own or on theirs. An entry that goes
 * takes along the comment lines directly above it and the comment behind it on its line.
 *
 * <p>A pointer that leads nowhere is refused. Of members with one name the last is meant.
 */
public final class HuEdit {
    private final String text;
    private final HuValue root;

    private HuEdit(String text) throws HuJsonException {
        this.text = text;
        this.root = HuJson.parse(text);
    }

    /** Replaces the value, or adds the member that an object lacks at its end. */
    public static String set(String text, String pointer, String value)
            throws HuJsonException, Refused {
        HuEdit edit = new HuEdit(text);
        if (pointer.isEmpty()) {
            return edit.replace(edit.root, value);
        }
        Place place = edit.place(pointer);
        return place.exists()
                ? edit.replace(place.entries.get(place.index).value, value)
                : edit.insert(place, value);
    }

    /** Adds a member, or an element before the index; {@code -} or the length means the end. */
    public static String insert(String text, String pointer, String value)
            throws HuJsonException, Refused {
        HuEdit edit = new HuEdit(text);
        Place place = edit.place(pointer);
        if (place.exists() && place.name != null) {
            throw Refused.conflict("\"" + pointer + "\" exists already");
        }
        return edit.insert(place, value);
    }

    public static String remove(String text, String pointer) throws HuJsonException, Refused {
        HuEdit edit = new HuEdit(text);
        Place place = edit.place(pointer);
        if (!place.exists()) {
            throw Refused.notFound("\"" + pointer + "\" does not exist");
        }
        return edit.remove(place);
    }

    /** The value that the pointer leads to. */
    public static HuValue find(HuValue root, String pointer) throws Refused {
        HuValue at = root;
        String rest = pointer;
        while (!rest.isEmpty()) {
            int next = rest.indexOf('/', 1);
            String head = next < 0 ? rest : rest.substring(0, next);
            Place place = Place.of(at, head, pointer);
            if (!place.exists()) {
                throw Refused.notFound("\"" + pointer + "\" does not exist");
            }
            at = place.entries.get(place.index).value;
            rest = rest.substring(head.length());
        }
        return at;
    }

    /** The pointer to {@code child} of what {@code pointer} leads to. */
    public static String pointer(String pointer, String child) {
        return pointer + "/" + child.replace("~", "~0").replace("/", "~1");
    }

    /** A member or element: where it starts (its name), its extra before, its value. */
    private record Entry(String before, int offset, HuValue value) {
        int end() {
            return value.end();
        }

        int beforeStart() {
            return offset - before.length();
        }
    }

    /** A place in an object or array, taken or (index = number of entries) to be. */
    private record Place(
            @Nullable String name,
            int index,
            List<Entry> entries,
            boolean trailingComma,
            String tail,
            int closing) {
        boolean exists() {
            return index < entries.size();
        }

        int tailStart() {
            return closing - tail.length();
        }

        static Place of(HuValue parent, String token, String pointer) throws Refused {
            if (!token.startsWith("/")) {
                throw Refused.invalid("\"" + pointer + "\" is not a JSON pointer");
            }
            String key = token.substring(1).replace("~1", "/").replace("~0", "~");
            List<Entry> entries = new ArrayList<>();
            switch (parent) {
                case HuObject o -> {
                    int index = o.members().size();
                    for (int i = 0; i < o.members().size(); i++) {
                        HuString name = o.members().get(i).name();
                        entries.add(
                                new Entry(
                                        name.before(), name.offset(), o.members().get(i).value()));
                        index = name.value().equals(key) ? i : index;
                    }
                    return new Place(key, index, entries, o.trailingComma(), o.tail(), o.end() - 1);
                }
                case HuArray a -> {
                    for (HuValue e : a.elements()) {
                        entries.add(new Entry(e.before(), e.offset(), e));
                    }
                    int index = key.equals("-") ? entries.size() : index(key, pointer);
                    if (index > entries.size()) {
                        throw Refused.notFound("\"" + pointer + "\" does not exist");
                    }
                    return new Place(
                            null, index, entries, a.trailingComma(), a.tail(), a.end() - 1);
                }
                case HuString _, HuNumber _, HuLiteral _ ->
                        throw Refused.notFound(
                                "\"" + pointer + "\" leads into a value without parts");
            }
        }

        private static int index(String key, String pointer) throws Refused {
            boolean number =
                    key.length() < 10
                            && !key.isEmpty()
                            && key.chars().allMatch(c -> c >= '0' && c <= '9')
                            && (key.length() == 1 || key.charAt(0) != '0');
            if (!number) {
                throw Refused.invalid("\"" + key + "\" in \"" + pointer + "\" is not an index");
            }
            return Integer.parseInt(key);
        }
    }

    private Place place(String pointer) throws Refused {
        int last = pointer.lastIndexOf('/');
        if (last < 0) {
            throw Refused.invalid("\"" + pointer + "\" is not a pointer to an entry");
        }
        HuValue parent = find(root, pointer.substring(0, last));
        return Place.of(parent, pointer.substring(last), pointer);
    }

    private String replace(HuValue old, String value) throws HuJsonException {
        int lineStart = text.lastIndexOf('\n', old.offset() - 1) + 1;
        return splice(old.offset(), old.end(), bare(value, indentAt(lineStart)));
    }

    private String insert(Place p, String value) throws HuJsonException {
        List<Entry> entries = p.entries;
        if (entries.isEmpty()) {
            return insertOnly(p, value);
        }
        if (p.exists()) {
            Entry next = entries.get(p.index);
            int feed = Extra.lineEnd(next.before, 0);
            String indent = indentOf(p, p.index);
            int inLine = next.beforeStart() + Extra.skipSpace(next.before, 0);
            return feed < 0
                    ? splice(inLine, inLine, item(p, value, indent) + ", ")
                    : splice(
                            next.beforeStart() + feed,
                            next.beforeStart() + feed,
                            "\n" + indent + item(p, value, indent) + ",");
        }
        String indent = indentOf(p, entries.size() - 1);
        String item = item(p, value, indent);
        int feed = Extra.lineEnd(p.tail, 0);
        int at = p.tailStart() + Math.max(feed, 0);
        String separator = feed < 0 ? " " : "\n" + indent;
        if (p.trailingComma) {
            return splice(at, at, separator + item + ",");
        }
        String comma = splice(entries.getLast().end(), entries.getLast().end(), ",");
        return comma.substring(0, at + 1) + separator + item + comma.substring(at + 1);
    }

    private String insertOnly(Place p, String value) throws HuJsonException {
        int feed = -1;
        for (int at = Extra.lineEnd(p.tail, 0); at >= 0; at = Extra.lineEnd(p.tail, at + 1)) {
            feed = at;
        }
        int lineStart = text.lastIndexOf('\n', p.closing - 1) + 1;
        String indent = indentAt(lineStart) + "\t";
        if (feed >= 0) {
            int at = p.tailStart() + feed;
            return splice(at, at, "\n" + indent + item(p, value, indent) + ",");
        }
        int from = Extra.hasComment(p.tail) ? p.closing : p.tailStart();
        return splice(from, p.closing, item(p, value, indentAt(lineStart)));
    }

    private String remove(Place p) {
        Entry e = p.entries.get(p.index);
        boolean last = p.index == p.entries.size() - 1;
        String follows = last ? p.tail : p.entries.get(p.index + 1).before;
        boolean comma = !last || p.trailingComma;
        int end = e.end() + (comma ? e.value.after().length() + 1 : 0);
        int feedAfter = Extra.lineEnd(follows, 0);
        boolean ownLine = Extra.lineEnd(e.before, 0) >= 0;
        int start;
        if (ownLine && feedAfter >= 0) {
            start = e.beforeStart() + commentStart(e.before);
            end += feedAfter;
        } else if (!last && !Extra.hasComment(e.before)) {
            start = e.offset;
            end += Extra.skipSpace(follows, 0);
        } else {
            start = e.beforeStart();
        }
        String out = splice(start, end, "");
        if (last && !comma && p.index > 0) {
            Entry previous = p.entries.get(p.index - 1);
            int at = previous.end() + previous.value.after().length();
            out = out.substring(0, at) + out.substring(at + 1);
        }
        return out;
    }

    /** Where in {@code before} the line feed stands after which the entry's own lines begin. */
    private static int commentStart(String before) {
        int start = Extra.lineEnd(before, 0);
        int feed = start;
        while (true) {
            int next = Extra.lineEnd(before, feed + 1);
            if (next < 0) {
                return start;
            }
            if (before.substring(feed, next).isBlank()) {
                start = next;
            }
            feed = next;
        }
    }

    private String item(Place p, String value, String indent) throws HuJsonException {
        String bare = bare(value, indent);
        return p.name == null ? bare : Literals.quote(p.name) + ": " + bare;
    }

    /** The new value without extra around it, its further lines indented. */
    private static String bare(String value, String indent) throws HuJsonException {
        HuValue parsed = HuJson.parse(value);
        return value.substring(parsed.offset(), parsed.end()).replace("\n", "\n" + indent);
    }

    /** The indentation of the entry, or of the nearest one before it that begins a line. */
    private String indentOf(Place p, int index) {
        for (int i = index; i >= 0; i--) {
            Entry e = p.entries.get(i);
            if (Extra.lineEnd(e.before, 0) >= 0) {
                return indentAt(text.lastIndexOf('\n', e.offset - 1) + 1);
            }
        }
        return indentAt(text.lastIndexOf('\n', p.closing - 1) + 1);
    }

    private String indentAt(int lineStart) {
        int end = lineStart;
        while (end < text.length() && (text.charAt(end) == ' ' || text.charAt(end) == '\t')) {
            end++;
        }
        return text.substring(lineStart, end);
    }

    private String splice(int from, int to, String insert) {
        return text.substring(0, from) + insert + text.substring(to);
    }
}
