package hearth.cli;

import java.nio.file.Path;
import java.util.Map;

/** Where an appliance that is not run as root keeps its things: the XDG base directories. */
public final class UserPlaces {
    private UserPlaces() {}

    /** {@code environment}: HOME and the XDG variables of who runs it. */
    public static Path stateDir(Map<String, String> environment) {
        String state = environment.getOrDefault("XDG_STATE_HOME", "");
        String home = environment.getOrDefault("HOME", ".");
        return Path.of(state.isEmpty() ? home + "/.local/state" : state, "hearth");
    }

    /** In the runtime directory; where the session has none, below the state directory. */
    public static Path socket(Map<String, String> environment) {
        String runtimeDir = environment.getOrDefault("XDG_RUNTIME_DIR", "");
        Path dir =
                runtimeDir.isEmpty()
                        ? stateDir(environment).resolve("run")
                        : Path.of(runtimeDir, "hearth");
        return dir.resolve("hearth.sock");
    }
}
