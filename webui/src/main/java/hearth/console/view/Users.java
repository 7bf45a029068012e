package hearth.console.view;

import java.util.List;

/** What the pages of users show. */
public final class Users {
    private Users() {}

    /**
     * One line of what is shown.
     *
     * @param signIn whether a password opens this console for them
     */
    public record Row(
            long id,
            String login,
            String name,
            String role,
            Chip state,
            int devices,
            boolean signIn,
            When created,
            boolean self) {}

    /** A role to choose. */
    public record RoleChoice(String value, String words, String hint) {}

    public record Listing(List<Row> rows, List<RoleChoice> roles, boolean mayChange) {}

    public record Detail(
            Row row,
            String roleValue,
            boolean suspended,
            List<Machines.Row> machines,
            List<String> groups,
            List<RoleChoice> roles,
            boolean mayChange) {}
}
