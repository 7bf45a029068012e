package hearth.api;

import hearth.base.Refused;
import hearth.tailnet.Actor;
import io.helidon.webserver.http.ServerRequest;

/** Tells who asks. */
@FunctionalInterface
public interface Caller {
    /** The actor, or a refusal when the request carries no right to ask. */
    Actor of(ServerRequest request) throws Refused;
}
