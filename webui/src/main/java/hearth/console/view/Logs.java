package hearth.console.view;

import java.util.List;

/**
 * A page of the log of changes.
 *
 * @param older address of the next page, empty on the last
 * @param newest address of the first page, empty when this is it
 * @param address where this part fetches itself anew, empty when it stays as it is
 */
public record Logs(
        List<Machines.Change> rows, String query, String older, String newest, String address) {}
