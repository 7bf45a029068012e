package hearth.policy.hujson;

/**
 * How the white space and comments at one place are laid out: comments stand at {@code depth} tabs
 * or behind one space, at most one blank line is kept, the end is indented for what follows.
 */
final class ExtraLayout {
    private final int depth;
    private boolean leadingFeed;
    private boolean trailingFeed;
    private boolean leadingBlanks = true;
    private boolean trailingBlanks = true;
    private boolean unindentEnd;
    private boolean spaceIfEmpty;

    ExtraLayout(int depth) {
        this.depth = depth;
    }

    ExtraLayout ensureLeadingFeed() {
        leadingFeed = true;
        return this;
    }

    ExtraLayout ensureTrailingFeed() {
        trailingFeed = true;
        return this;
    }

    ExtraLayout withoutLeadingBlanks() {
        leadingBlanks = false;
        return this;
    }

    ExtraLayout withoutTrailingBlanks() {
        trailingBlanks = false;
        return this;
    }

    /** What follows stands one level further out. */
    ExtraLayout unindentEnd() {
        unindentEnd = true;
        return this;
    }

    ExtraLayout spaceIfEmpty() {
        spaceIfEmpty = true;
        return this;
    }

    String apply(String extra) {
        String in = extra;
        if (in.indexOf('\r') >= 0) {
            in = in.replace("\r\n", "\n").replace("\n\r", "\n").replace('\r', ' ');
        }
        StringBuilder out = new StringBuilder();
        if (leadingFeed && !Extra.hasLineFeed(in)) {
            out.append('\n');
        }
        int at = 0;
        while (at < in.length()) {
            int end = Extra.skipSpace(in, at);
            if (end > at) {
                long feeds = in.substring(at, end).chars().filter(c -> c == '\n').count();
                out.repeat('\n', (int) Math.min(feeds, 2));
            } else {
                end = Extra.skipComment(in, at);
                if (end <= at) {
                    throw new IllegalStateException("not white space or comment: " + extra);
                }
                if (in.startsWith("//", at)) {
                    end--; // its line feed counts with the white space after it
                }
                startComment(out);
                appendComment(in.substring(at, end), out);
            }
            at = end;
        }
        return end(out);
    }

    private void startComment(StringBuilder out) {
        if (endsWithFeed(out)) {
            out.repeat('\t', depth);
        } else {
            out.append(' ');
        }
    }

    private void appendComment(String comment, StringBuilder out) {
        if (!Extra.hasLineFeed(comment)) {
            out.append(Extra.trimEnd(comment));
            return;
        }
        String[] lines = comment.split("\n", -1);
        for (int i = 0; i < lines.length; i++) {
            lines[i] = Extra.trimEnd(lines[i]);
        }
        String prefix = commonPrefix(lines);
        int indent = Extra.skipSpace(prefix, 0);
        boolean stars = indent < prefix.length() && prefix.charAt(indent) == '*';
        for (int i = 0; i < lines.length; i++) {
            stars &= !lines[i].isEmpty();
        }
        out.append(lines[0]);
        for (int i = 1; i < lines.length; i++) {
            out.append('\n');
            if (!lines[i].isEmpty()) {
                out.repeat('\t', depth)
                        .append(stars ? " " : "")
                        .append(lines[i], indent, lines[i].length());
            }
        }
    }

    /**
     * What the lines of a block comment after the first begin with together. A last line that is
     * only the end of the comment does not count and is given the same indentation.
     */
    private static String commonPrefix(String[] lines) {
        String prefix = "";
        for (int i = 1; i < lines.length && prefix.isEmpty(); i++) {
            prefix = lines[i];
        }
        for (int i = 1; i < lines.length; i++) {
            String line = lines[i];
            if (line.isEmpty()) {
                continue;
            }
            if (line.endsWith("*/") && Extra.skipSpace(line, 0) + 2 == line.length()) {
                lines[i] = prefix.substring(0, Extra.skipSpace(prefix, 0)) + "*/";
                break;
            }
            int same = 0;
            int most = Math.min(line.length(), prefix.length());
            while (same < most && line.charAt(same) == prefix.charAt(same)) {
                same++;
            }
            if (same < most) {
                prefix = prefix.substring(0, same);
            }
        }
        return prefix;
    }

    private String end(StringBuilder out) {
        if (trailingFeed && !endsWithFeed(out)) {
            out.append('\n');
        }
        int from = 0;
        while (!leadingBlanks && startsWithTwoFeeds(out, from)) {
            from++;
        }
        out.delete(0, from);
        while (!trailingBlanks
                && out.length() > 1
                && endsWithFeed(out)
                && out.charAt(out.length() - 2) == '\n') {
            out.setLength(out.length() - 1);
        }
        if (endsWithFeed(out)) {
            out.repeat('\t', unindentEnd ? depth - 1 : depth);
        } else if (!out.isEmpty() || spaceIfEmpty) {
            out.append(' ');
        }
        return out.toString();
    }

    private static boolean startsWithTwoFeeds(StringBuilder s, int from) {
        return s.length() > from + 1 && s.charAt(from) == '\n' && s.charAt(from + 1) == '\n';
    }

    private static boolean endsWithFeed(StringBuilder s) {
        return !s.isEmpty() && s.charAt(s.length() - 1) == '\n';
    }
}
