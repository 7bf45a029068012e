package hearth.derp;

/**
 * How the core stirs a connection's transport, the one call back it makes: a packet that arrives on
 * one connection must wake the writer of another. Neither call may block or call the core.
 */
public interface Outlet {
    /** The session has something to drain. */
    void wake();

    /** The session has ended: the transport must be closed at once, also under a blocked write. */
    void close();
}
