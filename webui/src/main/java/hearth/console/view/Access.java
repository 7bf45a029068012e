package hearth.console.view;

import java.util.List;

/** What the pages about the policy show. */
public final class Access {
    private Access() {}

    /**
     * A line of a comparison.
     *
     * @param kind {@code add}, {@code del}, {@code gap}, or empty for what stayed
     */
    public record DiffLine(String kind, String text) {
        /** What stands before the line, so that colour is not all that tells. */
        public String sign() {
            return kind.equals("add") ? "+ " : kind.equals("del") ? "- " : "  ";
        }
    }

    /**
     * Something wrong in the text.
     *
     * @param line 1-based, 0 when the whole is meant
     */
    public record Trouble(int line, int column, String text) {}

    /**
     * One thing that somebody may do after the save and not before, or the other way round.
     *
     * @param gained false for lost
     */
    public record Effect(boolean gained, String source, String target, String ports) {}

    /**
     * What a save would do.
     *
     * @param left how many more effects there are
     * @param warnings what the text says and cannot be meant, or cannot be kept everywhere
     * @param digest of the text that was looked at
     */
    public record Preview(
            List<Effect> effects,
            int gained,
            int lost,
            int left,
            List<Trouble> warnings,
            List<DiffLine> diff,
            String digest) {}

    /** The editor. */
    public record Editor(
            String text,
            String etag,
            String comment,
            List<Trouble> troubles,
            boolean mayChange,
            long version,
            String author,
            When saved) {}

    /** The list of problems alone, while somebody types. */
    public record Troubles(List<Trouble> troubles) {}

    /** One saved text. */
    public record Version(
            long version, String author, When time, String comment, boolean inForce) {}

    /**
     * One saved text, looked at.
     *
     * @param edits what it says differently from the present text, place by place
     */
    public record Past(
            Version version,
            List<String> lines,
            List<DiffLine> diff,
            List<String> edits,
            String text,
            String etag) {}

    /** The question "may this reach that?". */
    public record Question(String src, String dst, String port, String proto) {}

    /**
     * The answer.
     *
     * @param kind {@code ok}, {@code bad} or {@code warn}
     * @param headline one sentence
     * @param steps how it came to that, with lines of the policy
     */
    public record Answer(String kind, String headline, List<Step> steps) {}

    /**
     * One reason.
     *
     * @param line of the policy, 0 for none
     */
    public record Step(boolean good, String text, int line) {}
}
