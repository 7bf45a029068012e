package hearth.derp;

import hearth.derp.DerpCounters.Counter;
import org.jspecify.annotations.Nullable;

/** Why a connection ended. */
public enum EndReason {
    /** The client or the transport closed. */
    DISCONNECTED(null),
    /** The relay stops. */
    SHUTDOWN(null),
    /** A newer connection of the same key took its place. */
    REPLACED(null),
    REFUSED(Counter.REFUSED),
    REVOKED(Counter.REVOKED),
    LOGIN_TIMEOUT(Counter.LOGIN_TIMEOUT),
    PROTOCOL_ERROR(Counter.PROTOCOL_ERROR),
    MESH_REFUSED(Counter.MESH_REFUSED),
    HALF_OPEN(Counter.HALF_OPEN),
    SLOW_READER(Counter.SLOW_READER);

    final @Nullable Counter counter;

    EndReason(@Nullable Counter counter) {
        this.counter = counter;
    }
}
