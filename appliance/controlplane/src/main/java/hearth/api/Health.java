package hearth.api;

import java.util.List;

/** What a person should know about the appliance right now; nothing when all is well. */
@FunctionalInterface
public interface Health {
    List<String> texts();
}
