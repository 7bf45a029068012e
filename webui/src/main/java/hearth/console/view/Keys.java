package hearth.console.view;

import java.util.List;

/** What the page of auth keys shows. */
public final class Keys {
    private Keys() {}

    /**
     * A line of the list.
     *
     * @param until when it ends, or when it was revoked
     */
    public record Row(
            String id,
            String name,
            String owner,
            List<String> tags,
            String kind,
            Chip state,
            String uses,
            When until,
            boolean revocable) {}

    /**
     * The list.
     *
     * @param hidden dead keys that are not shown
     * @param address where this part fetches itself anew
     */
    public record Table(List<Row> rows, int hidden, boolean all, String address) {}

    /** A key that was just made; shown this once. */
    public record Fresh(String secret, String command, String kind, When expires) {
        public static final Fresh NONE = new Fresh("", "", "", new When("", "", ""));

        @Override
        public String toString() {
            return "Fresh[redacted]";
        }
    }
}
