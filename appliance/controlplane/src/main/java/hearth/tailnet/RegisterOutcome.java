package hearth.tailnet;

/** The answer to a register request. */
public sealed interface RegisterOutcome {
    /** The node is in; it may still have to be authorized. */
    record Accepted(Node node, User user) implements RegisterOutcome {}

    /** A person must decide at {@code url}. */
    record NeedsLogin(String url) implements RegisterOutcome {}

    /** Refused; {@code text} is shown to the user. */
    record Failed(String text) implements RegisterOutcome {}

    /** The presented key is known and has expired: the client makes a new one. */
    record KeyExpired() implements RegisterOutcome {}

    /** The log-out is done (or there was nothing to log out). */
    record LoggedOut() implements RegisterOutcome {}
}
