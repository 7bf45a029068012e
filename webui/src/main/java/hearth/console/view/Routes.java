package hearth.console.view;

import java.util.List;

/**
 * All routes that machines offer.
 *
 * @param address where this part fetches itself anew
 */
public record Routes(List<Row> rows, boolean mayChange, String address) {
    /**
     * One line of what is shown.
     *
     * @param prefix the form's value
     * @param rank 0 waits for a person, 1 subnets, 2 exits
     */
    public record Row(
            long node,
            String prefix,
            String text,
            String machine,
            Chip state,
            boolean approved,
            boolean exit,
            int rank) {}
}
