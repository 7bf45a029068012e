package hearth.console.view;

import java.util.List;
import org.jspecify.annotations.Nullable;

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
     * Something else that changes.
     *
     * @param topic one word
     * @param devices whom it concerns, empty for all
     */
    public record Note(String topic, String text, String devices) {}

    /**
     * A device name of the policy.
     *
     * @param chip in one or two words, what there is to it
     * @param device the one that is meant, as it is called now; empty for none
     * @param details its address and owner or tags
     * @param renamed whether the text could say another name now
     * @param wanted who else bears the name, empty for nobody
     */
    public record Name(
            String name, Chip chip, String device, String details, boolean renamed, String wanted) {
        public String href() {
            return "/admin/access/names/" + name;
        }
    }

    /** A device to choose. */
    public record Choice(long id, String text, boolean chosen) {}

    /**
     * The page of one name.
     *
     * @param was number of the node that is meant now, empty for none
     * @param chosen the device that was looked at, null before
     */
    public record Binding(
            Name name,
            String was,
            List<Choice> choices,
            @Nullable Chosen chosen,
            boolean mayChange) {}

    /**
     * What it would mean to bind a name to a device.
     *
     * @param preview who gains and who loses
     */
    public record Chosen(long id, String device, Preview preview) {}

    /**
     * What a save would do.
     *
     * @param part empty when all was looked at, else how much there is
     * @param left how many more effects there are
     * @param warnings what the text says and cannot be meant, or cannot be kept everywhere
     * @param names the device names of the text and what a save binds them to
     * @param digest of the text that was looked at, and of what it was looked at with
     */
    public record Preview(
            List<Effect> effects,
            int gained,
            int lost,
            String part,
            int left,
            List<Note> notes,
            List<Trouble> warnings,
            List<DiffLine> diff,
            List<Name> names,
            String digest) {}

    /** The editor. */
    public record Editor(
            String text,
            String etag,
            String comment,
            List<Trouble> troubles,
            List<Name> names,
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
     * @param edits what it said differently from the version before it, place by place
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
