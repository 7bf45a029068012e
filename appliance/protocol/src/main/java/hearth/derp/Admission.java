package hearth.derp;

import hearth.crypto.NodeKey;

/**
 * Who may use the relay. Asked on the connection's own thread for each login, so an answer must
 * come from memory; whoever changes the answer for a connected key must call {@link
 * DerpServer#revoke}.
 */
@FunctionalInterface
public interface Admission {
    /** Whether {@code key} is a member that may use the relay now. Unknown means no. */
    boolean admits(NodeKey key);
}
