package hearth.policy.hujson;

import java.util.ArrayList;
import java.util.List;

/**
 * The layout of {@code hujson.Format}: every object and array wholly on one line or wholly
 * expanded, tabs, at most one blank line, values of neighbouring members in one column. The bytes
 * are those of the reference also where it does something other than its comments say (an object is
 * not expanded merely because it has a value of many lines; indentation does not count for the line
 * width).
 *
 * <p>Works on a copy of the tree in four steps: {@link #normalize}, {@link #decideExpansion},
 * {@link #layOut}, {@link #align}. Lengths are bytes of UTF-8.
 */
final class Formatter {
    private static final int LINE_BYTES = 80;

    /** A value with the extra around it, to be changed in place. */
    private static final class Node {
        String before;
        String raw; // of a string, number or word
        String after;
        final char kind; // '{', '[' or 'v'
        final List<Node> names = new ArrayList<>(); // of an object
        final List<Node> values = new ArrayList<>();
        String tail = "";
        boolean trailingComma;
        boolean expand;

        Node(HuValue v) {
            before = v.before();
            after = v.after();
            raw = "";
            switch (v) {
                case HuObject o -> {
                    kind = '{';
                    tail = o.tail();
                    trailingComma = o.trailingComma();
                    for (HuObject.Member m : o.members()) {
                        names.add(new Node(m.name()));
                        values.add(new Node(m.value()));
                    }
                }
                case HuArray a -> {
                    kind = '[';
                    tail = a.tail();
                    trailingComma = a.trailingComma();
                    for (HuValue e : a.elements()) {
                        values.add(new Node(e));
                    }
                }
                case HuString s -> {
                    kind = 'v';
                    // an escape that is not needed goes
                    raw = s.raw().indexOf('\\') >= 0 ? Literals.quote(s.value()) : s.raw();
                }
                case HuNumber n -> {
                    kind = 'v';
                    raw = n.raw();
                }
                case HuLiteral l -> {
                    kind = 'v';
                    raw = l.raw();
                }
            }
        }

        boolean isComposite() {
            return kind != 'v';
        }

        /** The extra before the first thing after the opening brace. */
        String firstExtra() {
            if (values.isEmpty()) {
                return tail;
            }
            return kind == '{' ? names.get(0).before : values.get(0).before;
        }

        void write(StringBuilder out) {
            out.append(before);
            if (isComposite()) {
                out.append(kind);
                for (int i = 0; i < values.size(); i++) {
                    if (i > 0) {
                        out.append(',');
                    }
                    if (kind == '{') {
                        names.get(i).write(out);
                        out.append(':');
                    }
                    values.get(i).write(out);
                }
                out.append(trailingComma ? "," : "").append(tail);
                out.append(kind == '{' ? '}' : ']');
            } else {
                out.append(raw);
            }
            out.append(after);
        }
    }

    /** The lengths of the first and last line of a run of text. */
    private record Lines(int first, int last, boolean many) {
        static final Lines NONE = new Lines(0, 0, false);
    }

    private final boolean standard;

    private Formatter(boolean standard) {
        this.standard = standard;
    }

    static String format(HuValue value) {
        Node root = new Node(value);
        Formatter formatter = new Formatter(isStandard(root));
        String head = new ExtraLayout(0).apply(root.before);
        root.before = head.substring(Extra.skipSpace(head, 0));
        normalize(root);
        decideExpansion(root);
        formatter.layOut(root, 0);
        align(root);
        root.after = Extra.trimEnd(new ExtraLayout(0).apply(root.after)) + "\n";
        StringBuilder out = new StringBuilder();
        root.write(out);
        return out.toString();
    }

    private static boolean isStandard(Node n) {
        return !n.trailingComma
                && !Extra.hasComment(n.before)
                && !Extra.hasComment(n.after)
                && !Extra.hasComment(n.tail)
                && n.names.stream().allMatch(Formatter::isStandard)
                && n.values.stream().allMatch(Formatter::isStandard);
    }

    /** Drops white space where only a comment may stand, with it a comma that no comment holds. */
    private static void normalize(Node n) {
        if (!n.isComposite()) {
            return;
        }
        if (n.values.isEmpty()) {
            n.tail = Extra.hasComment(n.tail) ? n.tail : "";
            return;
        }
        for (Node name : n.names) {
            name.after = Extra.hasComment(name.after) ? name.after : "";
        }
        for (Node value : n.values) {
            value.after = Extra.hasComment(value.after) ? value.after : "";
            normalize(value);
        }
        n.trailingComma = !n.values.getLast().after.isEmpty();
    }

    private static Lines decideExpansion(Node n) {
        if (!n.isComposite()) {
            int bytes = Utf8.length(n.raw);
            return new Lines(bytes, bytes, false);
        }
        LineMeter meter = new LineMeter();
        meter.add(1); // the opening brace
        for (int i = 0; i < n.values.size(); i++) {
            if (n.kind == '{') {
                Node name = n.names.get(i);
                n.expand |= Extra.hasLineFeed(name.before);
                meter.add(linesOf(name.before));
                meter.add(decideExpansion(name));
                meter.add(linesOf(name.after));
                meter.add(2); // ": "
            }
            Node value = n.values.get(i);
            n.expand |= n.kind == '[' && Extra.hasLineFeed(value.before);
            meter.add(linesOf(value.before));
            meter.add(decideExpansion(value));
            meter.add(linesOf(value.after));
            meter.add(2); // ", "
        }
        meter.add(1); // the closing brace
        n.expand |= !n.values.isEmpty() && Extra.hasLineFeed(n.values.getLast().after);
        n.expand |= Extra.hasLineFeed(n.tail);
        Lines lines = meter.finish();
        n.expand |= meter.longest > LINE_BYTES;
        return n.expand ? new Lines(1 + linesOf(n.firstExtra()).first(), 1, true) : lines;
    }

    /** Adds up runs of text to lines. */
    private static final class LineMeter {
        private int current;
        private int first = -1;
        int longest;

        void add(int bytes) {
            current += bytes;
        }

        void add(Lines run) {
            current += run.first();
            if (run.many()) {
                endLine();
                current = run.last();
            }
        }

        private void endLine() {
            first = first < 0 ? current : first;
            longest = Math.max(longest, current);
        }

        Lines finish() {
            boolean many = first >= 0;
            endLine();
            return new Lines(first, current, many);
        }
    }

    /** About how long the comments of an extra make the lines they stand on. */
    private static Lines linesOf(String extra) {
        if (extra.isEmpty()) {
            return Lines.NONE;
        }
        int firstFeed = extra.indexOf('\n');
        if (firstFeed < 0) {
            int bytes = commentBytes(extra);
            return new Lines(bytes, bytes, false);
        }
        return new Lines(
                commentBytes(extra.substring(0, firstFeed)),
                commentBytes(extra.substring(extra.lastIndexOf('\n') + 1)),
                true);
    }

    private static int commentBytes(String line) {
        int bytes = 0;
        int at = 0;
        while (true) {
            at = Extra.skipSpace(line, at);
            int end = line.startsWith("/*", at) ? Extra.skipComment(line, at) : at;
            if (line.startsWith("//", at) || end == Extra.UNFINISHED) {
                return bytes + 1 + Utf8.length(line, at, line.length());
            }
            if (end == at) {
                return bytes > 0 ? bytes + 1 : 0;
            }
            bytes += 1 + Utf8.length(line, at, end);
            at = end;
        }
    }

    private void layOut(Node n, int depth) {
        if (!n.isComposite()) {
            return;
        }
        ExtraLayout inside =
                new ExtraLayout(depth + 2).withoutLeadingBlanks().withoutTrailingBlanks();
        for (int i = 0; i < n.values.size(); i++) {
            ExtraLayout opening = new ExtraLayout(depth + 1);
            if (n.expand) {
                opening.ensureLeadingFeed();
            }
            if (i == 0) {
                opening.withoutLeadingBlanks();
            } else {
                opening.spaceIfEmpty();
            }
            Node value = n.values.get(i);
            int valueDepth = n.expand ? depth + 1 : depth;
            if (n.kind == '{') {
                Node name = n.names.get(i);
                name.before = opening.apply(name.before);
                name.after = inside.apply(name.after);
                value.before =
                        new ExtraLayout(depth + 2)
                                .withoutLeadingBlanks()
                                .withoutTrailingBlanks()
                                .spaceIfEmpty()
                                .apply(value.before);
                if (Extra.hasLineFeed(name.after) || Extra.hasLineFeed(value.before)) {
                    valueDepth++;
                }
            } else {
                value.before = opening.apply(value.before);
            }
            layOut(value, valueDepth);
            value.after = inside.apply(value.after);
        }
        ExtraLayout closing = new ExtraLayout(depth + 1).withoutTrailingBlanks().unindentEnd();
        if (n.expand) {
            closing.ensureTrailingFeed();
        }
        if (n.values.isEmpty()) {
            closing.withoutLeadingBlanks();
        }
        n.tail = closing.apply(n.tail);
        settleTrailingComma(n);
    }

    private void settleTrailingComma(Node n) {
        if (n.values.isEmpty()) {
            return;
        }
        Node last = n.values.getLast();
        boolean betweenComments = !last.after.isEmpty() && !n.tail.isEmpty();
        if (!n.expand && !betweenComments) {
            n.trailingComma = false;
            n.tail = last.after + n.tail;
            last.after = "";
        } else if (n.expand && !standard) {
            n.trailingComma = true;
        }
    }

    /** Pads behind the colon so that values of neighbouring one-line members begin together. */
    private static void align(Node n) {
        if (n.kind == '{') {
            List<Node> rows = new ArrayList<>();
            List<Integer> widths = new ArrayList<>();
            for (int i = 0; i < n.values.size(); i++) {
                Node name = n.names.get(i);
                Node value = n.values.get(i);
                boolean row =
                        Extra.hasLineFeed(name.before)
                                && !Extra.hasLineFeed(name.after)
                                && !hasLineFeed(value);
                if (!row || name.before.indexOf('\n') != name.before.lastIndexOf('\n')) {
                    pad(rows, widths);
                }
                if (row) {
                    rows.add(value);
                    widths.add(Utf8.length(name.raw + name.after + ":" + value.before));
                }
            }
            pad(rows, widths);
        }
        n.values.forEach(Formatter::align);
    }

    private static void pad(List<Node> rows, List<Integer> widths) {
        int widest = widths.stream().mapToInt(Integer::intValue).max().orElse(0);
        for (int i = 0; i < rows.size(); i++) {
            rows.get(i).before += " ".repeat(widest - widths.get(i));
        }
        rows.clear();
        widths.clear();
    }

    /** Whether a value stands on several lines; a comment in an empty object does not count. */
    private static boolean hasLineFeed(Node n) {
        return Extra.hasLineFeed(n.before)
                || Extra.hasLineFeed(n.after)
                || n.names.stream().anyMatch(Formatter::hasLineFeed)
                || n.values.stream().anyMatch(Formatter::hasLineFeed);
    }
}
