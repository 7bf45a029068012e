package hearth.api;

import java.util.List;

/** How the appliance's own node is doing. */
public interface Health {
    /** What a person should know right now; nothing when all is well. */
    List<String> texts();

    /** Whether it has a network interface, so that the machine itself is in the tailnet. */
    boolean tun();
}
