package hearth.tailnet;

/**
 * Who gives a command, and from where; what the audit log names.
 *
 * @param login the user acted for, {@code ""} for the system itself
 * @param source {@code console}, {@code socket}, {@code api}, {@code node} or {@code system}
 * @param account the local account behind a socket connection, or a token's id; {@code ""} if none
 * @param address the remote address, {@code ""} if none
 */
public record Actor(String login, Role role, String source, String account, String address) {
    /** Time-outs, first start and other things that nobody asked for. */
    public static final Actor SYSTEM = new Actor("", Role.OWNER, "system", "", "");

    public Actor(String login, Role role, String source) {
        this(login, role, source, "", "");
    }

    /** A local account on the unix socket: acts as the owner. */
    public static Actor socket(String ownerLogin, String account) {
        return new Actor(ownerLogin, Role.OWNER, "socket", account, "");
    }

    /** A device that speaks for itself; it may do what {@code user} may. */
    static Actor node(User user, String address) {
        return new Actor(user.login(), user.role(), "node", "", address);
    }
}
