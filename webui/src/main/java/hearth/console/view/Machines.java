package hearth.console.view;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the pages about machines show. */
public final class Machines {
    private Machines() {}

    /**
     * A line of the list.
     *
     * @param owner login of the owner, empty for tagged devices
     * @param path how packets get there, null when that is no question (offline, itself)
     * @param pathVia address or relay, empty when unknown
     * @param seen null while it never was connected
     * @param expiry in words
     * @param expiryKind {@code bad} or {@code warn} when a person should look, else empty
     */
    public record Row(
            long id,
            String name,
            String icon,
            String os,
            String owner,
            List<String> tags,
            List<Chip> badges,
            String v4,
            String v6,
            Chip state,
            @Nullable Chip path,
            String pathVia,
            boolean online,
            @Nullable When seen,
            String version,
            String expiry,
            String expiryKind,
            boolean removable) {
        public String href() {
            return "/admin/machines/" + id;
        }

        /** Whose version it is: the one device that cannot be removed is the appliance itself. */
        public String program() {
            return removable ? "Tailscale" : "Hearth";
        }
    }

    /** A column's head. */
    public record Column(String label, String href, String sorted) {}

    /**
     * The list.
     *
     * @param total machines before filtering
     * @param address where this part fetches itself anew
     */
    public record Table(
            List<Row> rows,
            int total,
            int online,
            String query,
            String sort,
            List<Column> columns,
            String address) {}

    /**
     * Something that waits for a yes.
     *
     * @param key unique on the page, for the ids of its buttons
     * @param code to compare by eye, empty for devices that are in and wait for approval only
     * @param details where to look closer, or choose more
     * @param approve address of the form; its button says {@code approveText}
     */
    public record Waiting(
            String key,
            String title,
            String text,
            String code,
            When since,
            String details,
            String detailsText,
            String approve,
            String approveText,
            String refuse) {}

    /** All that waits, and where this part fetches itself anew. */
    public record WaitingList(List<Waiting> items, String address, String back) {}

    /** One fact of a list of facts. */
    public record Fact(
            String name, String value, @Nullable Chip chip, @Nullable When when, boolean mono) {
        public static Fact of(String name, String value) {
            return new Fact(name, value, null, null, false);
        }

        public static Fact mono(String name, String value) {
            return new Fact(name, value, null, null, true);
        }

        public static Fact at(String name, String before, @Nullable When when) {
            return new Fact(name, before, null, when, false);
        }

        public static Fact chip(String name, Chip chip, String value) {
            return new Fact(name, value, chip, null, false);
        }
    }

    /** The live facts of one machine. */
    public record Facts(String name, List<Fact> facts, String address) {}

    /**
     * A route of one machine.
     *
     * @param exit stands for both default routes
     */
    public record Route(
            String prefix, String text, boolean offered, boolean approved, boolean exit) {}

    /** A machine's own page. */
    public record Detail(
            Row row,
            Facts facts,
            String givenName,
            String hostname,
            boolean waits,
            boolean local,
            boolean expiryDisabled,
            boolean expired,
            boolean tagged,
            List<Route> routes,
            List<String> owners,
            List<Change> changes,
            boolean mayDevices,
            boolean mayRoutes) {}

    /** One line of the log of changes. */
    public record Change(
            long id,
            When when,
            String actor,
            String source,
            String what,
            String target,
            String targetHref,
            @Nullable String before,
            @Nullable String after,
            String details) {}

    /** A question before something cannot be undone. */
    public record Confirm(
            String title,
            String lead,
            List<String> points,
            String action,
            String yes,
            String no,
            String back,
            boolean danger) {}
}
