package hearth.policy;

/**
 * A user of the tailnet.
 *
 * @param login looks like a mail address
 */
public record Member(String login, Role role) {
    /** What the role autogroups are told apart by. */
    public enum Role {
        OWNER,
        ADMIN,
        NETWORK_ADMIN,
        IT_ADMIN,
        BILLING_ADMIN,
        AUDITOR,
        MEMBER
    }
}
