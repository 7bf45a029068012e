package hearth.console.view;

import java.util.List;

/**
 * What the page of settings and status shows.
 *
 * @param seen the version of the switches
 */
public record Status(
        String version,
        String seen,
        List<Group> groups,
        boolean deviceApproval,
        boolean keyExpiry,
        long keyDays,
        boolean mayChange) {
    public record Group(String title, List<Line> lines) {}

    /**
     * One line of what is shown.
     *
     * @param hint what to do, empty when there is nothing to do
     */
    public record Line(String name, String value, Chip chip, String hint) {}
}
